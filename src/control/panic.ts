import type { Episode } from './decision.js';

/** A time in which nothing is closed. */
export interface Panic {
  /** When the threshold was last exceeded, in monotonic milliseconds. */
  readonly at: number;
  /** The largest size wanted since it began. */
  readonly most: number;
}

/** What begins or ends when the panic goes from one state to the next. */
export function episodeOf(before: Panic | null, after: Panic | null): Episode | undefined {
  if ((before === null) === (after === null)) return undefined;
  return after === null ? 'panic-exit' : 'panic-enter';
}

/** What one decision sees. */
export interface PanicSample {
  readonly now: number;
  /** Whether the threshold is exceeded now. */
  readonly isOver: boolean;
  /** Size wanted now. */
  readonly wanted: number;
  /** Time below the threshold after which the panic ends, in milliseconds. */
  readonly lastsMs: number;
}

/**
 * The panic begins, goes on or ends. It goes on until the threshold was not exceeded for `lastsMs`, and its size only rises
 * (Knative, `pkg/autoscaler/scaling/autoscaler.go`).
 */
export function observePanic(previous: Panic | null, sample: PanicSample): Panic | null {
  const { now, isOver, wanted, lastsMs } = sample;
  const isGoingOn = previous !== null && now >= previous.at && now - previous.at <= lastsMs;
  if (!isOver && !isGoingOn) return null;
  const most = Math.max(wanted, isGoingOn ? previous.most : 0);
  return { at: isOver || previous === null ? now : previous.at, most };
}
