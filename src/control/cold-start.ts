import { openNow, type Signals } from './signals.js';

/** A wake-up this much early still counts as on time. */
const EARLY_MS = 0.5;
/** While connections are out, the first ones back end the cold start; look that soon again, in milliseconds. */
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

/** Connections to begin with: enough to serve callers while their use is measured, too few to harm a server. */
const FIRST_CONNECTIONS = 10;

/** Uses per open connection that make a use time believable: known before callers had to wait; since then. */
const USES_BEFORE = 1;
const USES_SINCE = 2;

/** Since when callers wait without enough evidence, and how large the pool was then. */
export interface ColdState {
  /** Monotonic milliseconds. */
  readonly since: number;
  /** Connections, without those being opened. */
  readonly base: number;
}

/** The episode of waiting without enough evidence begins, goes on or ends. */
export function observeCold(
  before: ColdState | null,
  signals: Signals,
  completions: number,
): ColdState | null {
  const { pending, creating, now } = signals;
  // The clock is monotonic; a state from another clock may lie in the future, and says nothing then.
  const previous = before !== null && before.since <= now ? before : null;
  const open = openNow(signals);
  const usesNeeded = previous === null ? USES_BEFORE : USES_SINCE;
  if (completions >= Math.max(1, open) * usesNeeded) return null;
  if (pending > 0) return previous ?? { since: now, base: open };
  // Kept while the callers are gone but the connections begun for them are still coming.
  return creating > 0 ? previous : null;
}

/**
 * The most connections while callers wait and too little is known: `max(10, min, open at first) · 2^(age / doublingMs)`, in
 * whole doublings, and no more than there are waiters.
 *
 * Slow start (V. Jacobson, "Congestion avoidance and control", 1988) from an initial window of ten (RFC 6928): without a use
 * time one cannot tell a queue that the open connections empty in a moment from one that needs a connection per caller. Those
 * that are open get a moment to tell before any is added, so a warm pool opens none for short calls.
 */
export function coldStart(signals: Signals, cold: ColdState, doublingMs: number): ColdStart {
  const { min, max, pending, inUse, now } = signals;
  const ageMs = Math.max(0, now - cold.since);
  const mayTell = cold.base > 0 && ageMs + EARLY_MS < LOOK_AGAIN_MS;
  const first = Math.max(mayTell ? 0 : FIRST_CONNECTIONS, min, cold.base);
  const doublings = Math.min(
    MOST_DOUBLINGS,
    Math.max(0, Math.floor((ageMs + EARLY_MS) / doublingMs)),
  );
  const allowed = first * 2 ** doublings;
  const useful = openNow(signals) + pending;
  const wanted = Math.min(allowed, useful);
  if (allowed >= useful || allowed >= max || doublings === MOST_DOUBLINGS) {
    return { size: wanted, useful, wakeInMs: null };
  }
  const nextDoublingMs = Math.max(1, (doublings + 1) * doublingMs - ageMs);
  const wakeInMs = inUse > 0 || mayTell ? Math.min(nextDoublingMs, LOOK_AGAIN_MS) : nextDoublingMs;
  return { size: wanted, useful, wakeInMs };
}
