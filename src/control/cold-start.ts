import { openNow, type Signals } from './signals.js';

/** Connections to begin with: enough to serve callers while their use is measured, too few to harm a server. */
export const FIRST_CONNECTIONS = 10;
/** The same while they may yet tell: more than this a process can hardly keep busy with calls that take no time. */
export const BUSIEST_CONNECTIONS = 4;
/** The same where others were open at first. */
const FEW_CONNECTIONS = 2;
/** Uses per open connection that make a use time believable: known before callers had to wait; since then. */
const USES_BEFORE = 1;
const USES_SINCE = 2;
/** A wake-up this much early still counts as on time. */
const EARLY_MS = 0.5;
/** So long may the first ones tell, and so soon comes the next look while connections are out, in milliseconds. */
const LOOK_AGAIN_MS = 5;
/** Callers who go and others who come so soon after them, in milliseconds, are one episode. */
const LULL_MS = 50;
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

/** Since when callers wait without enough evidence, and how large the pool was then. */
export interface ColdState {
  /** Monotonic milliseconds. */
  readonly since: number;
  /** Connections, without those being opened. */
  readonly base: number;
  /** When somebody was last seen waiting, in monotonic milliseconds. */
  readonly waitedAt: number;
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
  const { since, base } = previous ?? { since: now, base: open };
  if (pending > 0) return { since, base, waitedAt: now };
  // Callers of little patience come and go. Kept also while the connections begun for them are still coming.
  const isLull = previous !== null && now - previous.waitedAt < LULL_MS;
  return isLull || creating > 0 ? previous : null;
}

/**
 * The most connections while callers wait and too little is known: `max(10, min, open at first) · 2^(age / doublingMs)`, in
 * whole doublings, and no more than there are waiters. For the first 5 ms 4 instead of 10, in which these may tell, or 2
 * where connections were open at first: for short calls a warm pool opens none, and a cold one no more than it can use.
 *
 * Slow start (V. Jacobson, "Congestion avoidance and control", 1988) from an initial window of ten (RFC 6928): without a use
 * time one cannot tell a queue that the open connections empty in a moment from one that needs a connection per caller.
 */
export function coldStart(signals: Signals, cold: ColdState, doublingMs: number): ColdStart {
  const { min, max, pending, inUse, now } = signals;
  const ageMs = Math.max(0, now - cold.since);
  const isTooSoon = ageMs + EARLY_MS < LOOK_AGAIN_MS;
  const few = cold.base > 0 ? FEW_CONNECTIONS : BUSIEST_CONNECTIONS;
  const first = Math.max(isTooSoon ? few : FIRST_CONNECTIONS, min, cold.base);
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
  const soon = isTooSoon ? LOOK_AGAIN_MS - ageMs : LOOK_AGAIN_MS;
  const wakeInMs =
    isTooSoon || inUse > 0 ? Math.min(nextDoublingMs, Math.max(1, soon)) : nextDoublingMs;
  return { size: wanted, useful, wakeInMs };
}
