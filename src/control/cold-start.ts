import type { Signals } from './signals.js';

/** Time after which the connections that may be opened without any evidence double, in milliseconds. */
const DOUBLING_MS = 50;
/** A wake-up this much early still counts as on time. */
const EARLY_MS = 0.5;
/** While connections are out, the first one back ends the cold start; look that soon again, in milliseconds. */
const LOOK_AGAIN_MS = 5;
/** Doublings after which every real maximum is reached; keeps the power finite. */
const MOST_DOUBLINGS = 40;

/** How far a pool without evidence may grow. */
export interface ColdStart {
  /** Connections, creating ones included. */
  readonly size: number;
  /** Most connections that the waiters could use. */
  readonly useful: number;
  /** When more may be opened or known, in milliseconds, or null if waiting alone changes nothing. */
  readonly wakeInMs: number | null;
}

/**
 * The size while callers wait and no lease ever came back: `max(2, min) · 2^(age / 50 ms)`, in whole doublings, and no
 * more than there are waiters.
 *
 * Slow start (V. Jacobson, "Congestion avoidance and control", 1988): without a use time one cannot tell a queue that
 * the open connections empty in a moment from one that needs a connection per caller. Open connections count, since
 * they are the ones that will tell; a warm pool therefore opens none in the first 50 ms.
 */
export function coldStart(signals: Signals, ageMs: number): ColdStart {
  const { min, max, pending, size, creating, inUse } = signals;
  const first = Math.max(2, min);
  const doublings = Math.min(
    MOST_DOUBLINGS,
    Math.max(0, Math.floor((ageMs + EARLY_MS) / DOUBLING_MS)),
  );
  const allowed = first * 2 ** doublings;
  const useful = Math.max(0, size - creating) + pending;
  const wanted = Math.min(allowed, useful);
  if (allowed >= useful || allowed >= max || doublings === MOST_DOUBLINGS) {
    return { size: wanted, useful, wakeInMs: null };
  }
  const nextDoublingMs = Math.max(1, (doublings + 1) * DOUBLING_MS - ageMs);
  const wakeInMs = inUse > 0 ? Math.min(nextDoublingMs, LOOK_AGAIN_MS) : nextDoublingMs;
  return { size: wanted, useful, wakeInMs };
}
