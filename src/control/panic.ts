import type { Episode } from './decision.js';
import type { Signals } from './signals.js';

/** A difference of fewer connections than this is no reason to panic, whatever the ratio. */
const FEWEST_MISSING = 4;

/** A panic that is on: the load asked for so much more than there was that nothing is closed for a while. */
export interface PanicState {
  /** When it last did, in monotonic milliseconds. */
  readonly lastAt: number;
}

/** What became of the panic at a decision. */
export interface Panic {
  readonly state: PanicState | null;
  readonly episode: Episode | undefined;
}

/**
 * A panic begins when callers wait and `wanted` is at least `factor` times what is open; it is over when that was not so
 * for `periodMs`. (Panic mode of Knative's autoscaler, which also never scales down in it; `pkg/autoscaler/scaling`.)
 */
export function observePanic(
  previous: PanicState | null,
  signals: Signals,
  wanted: number,
  factor: number,
  periodMs: number,
): Panic {
  const { now, pending, size, creating } = signals;
  const open = Math.max(0, size - creating);
  const isOn = pending > 0 && wanted >= factor * open && wanted - open >= FEWEST_MISSING;
  if (isOn) {
    return { state: { lastAt: now }, episode: previous === null ? 'panic-enter' : undefined };
  }
  if (previous === null) return { state: null, episode: undefined };
  // An instant of another clock may lie in the future.
  const isOver = now < previous.lastAt || now - previous.lastAt >= periodMs;
  return isOver ? { state: null, episode: 'panic-exit' } : { state: previous, episode: undefined };
}
