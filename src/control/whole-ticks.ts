import { measured } from './numbers.js';
import type { Signals } from './signals.js';
import { NO_SAMPLE, type Sample } from './throughput.js';

/** A tick may be this much of its length; timers fire a little early. */
export const NEARLY_A_TICK = 0.9;
/** Share of the uses there may be at once that is as good as all of them. */
const NEARLY_FULL = 0.95;
/** An interval of more ticks was no time of work: the process was suspended, or nothing happened. */
const LONGEST_TICKS = 30;

/** The part of a tick that has passed. */
export interface PartOfTick extends Sample {
  /** Integral of the waiters, in waiter-milliseconds. */
  readonly pendingMs: number;
  /** Whether no connection was being opened. */
  readonly isSettled: boolean;
}

/** A tick that is over, or null while it is not; `isGap` says that too much time passed to have been one. */
export interface WholeTick {
  readonly part: PartOfTick;
  readonly tick: Tick | null;
  readonly isGap: boolean;
}

/** One tick of work. */
export interface Tick {
  readonly sample: Sample;
  /** Whether at least one caller waited on average, and one waits still. */
  readonly isQueued: boolean;
  /** Whether all connections that may be used are in use, and were if their number stayed the same. */
  readonly isFull: boolean;
  /** Whether no connection was being opened. */
  readonly isSettled: boolean;
  readonly inUse: number;
}

/** A tick begins. */
export const TICK_BEGINS: PartOfTick = { ...NO_SAMPLE, pendingMs: 0, isSettled: true };

/** Adds one interval: decisions also come at pressure, and a throughput over a few milliseconds is noise. */
export function observeTick(before: PartOfTick, signals: Signals, tickMs: number): WholeTick {
  const intervalMs = measured(signals.intervalMs);
  if (intervalMs > LONGEST_TICKS * tickMs) return { part: TICK_BEGINS, tick: null, isGap: true };
  const part: PartOfTick = {
    ms: before.ms + intervalMs,
    completions: before.completions + measured(signals.completions),
    busyMs: before.busyMs + measured(signals.inUseMs),
    pendingMs: before.pendingMs + measured(signals.pendingMs),
    isSettled: before.isSettled && !(signals.creating > 0) && !(signals.created > 0),
  };
  if (part.ms < NEARLY_A_TICK * tickMs) return { part, tick: null, isGap: false };
  const { ms, completions, busyMs, pendingMs, isSettled } = part;
  const inUse = measured(signals.inUse);
  const usable = measured(signals.size - signals.creating - signals.checking);
  const most = Math.min(usable, signals.permits ?? usable);
  const tick: Tick = {
    sample: { ms, completions, busyMs },
    // Decisions come when callers begin to wait, so that one waits at this instant says little.
    isQueued: signals.pending > 0 && pendingMs >= ms,
    isFull: inUse > 0 && inUse >= most && (!isSettled || busyMs >= NEARLY_FULL * most * ms),
    isSettled,
    inUse,
  };
  return { part: TICK_BEGINS, tick, isGap: false };
}
