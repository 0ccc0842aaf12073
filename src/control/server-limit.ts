import { measured } from './numbers.js';
import type { Signals } from './signals.js';

/** A refusal counts for this long, in milliseconds: other clients of the server leave too. */
const EXPIRY_MS = 60_000;

/** How many connections this pool had, or was about to have, when the server refused one more. */
export interface ServerLimit {
  readonly size: number;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/** Learns from refusals such as Redis' `max number of clients reached` or PostgreSQL's 53300, and forgets. */
export function observeServerLimit(
  known: ServerLimit | null,
  signals: Signals,
): ServerLimit | null {
  const { now, size, createFailures } = signals;
  if (createFailures.serverLimit > 0) {
    // A refusal often comes before the handshake of others is over that were admitted; those refused too are heard of next.
    return { size: Math.max(1, measured(size)), until: now + EXPIRY_MS };
  }
  if (known === null) return null;
  // A state from another clock may lie in the future; what it says is old then.
  const isOver = now >= known.until || known.until - now > EXPIRY_MS;
  return isOver ? null : known;
}
