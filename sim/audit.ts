import type { Ledger } from '../src/engine/ledger.js';

/** What is left of a pool at the end of a run. */
export interface Rest {
  readonly pending: number;
  readonly inUse: number;
  /** Slots that are not gone, closing ones included. */
  readonly slots: number;
}

/** What the simulator itself has added up over a run, beside the engine's own account. */
export interface Account {
  /** Waits of all requests, in milliseconds. */
  readonly waitSumMs: number;
  /** Use times of all leases that ended, in milliseconds. */
  readonly useSumMs: number;
  /** Requests that wait or hold a connection. */
  readonly unfinished: number;
}

/** How many requests went into the figures. */
export interface Counted {
  readonly requests: number;
  readonly rejected: number;
  /** Requests that came too early to count. */
  readonly discarded: number;
}

/** Sums of a hundred million floats agree to better than this. */
const RELATIVE = 1e-6;
const ABSOLUTE_MS = 1e-3;

/**
 * Makes sure of what holds in any queue at any time: every request and every connection is somewhere, every request is in
 * the figures once, and Little's law, L = λ·W, over the whole run: the integral of the number waiting is the sum of all
 * waits, that of the number in use the sum of all uses.
 *
 * @param waits How many waits went into the figures.
 * @throws Error when the simulator is wrong
 */
export function audit(
  totals: Readonly<Ledger>,
  { pending, inUse, slots }: Rest,
  account: Account,
  counted: Counted,
  waits: number,
): void {
  const { arrivals, granted, released, timeouts, rejected, aborted } = totals;
  same('arrivals', arrivals, granted + timeouts + rejected + aborted + pending);
  same('grants', granted, released + inUse);
  same('unfinished requests', account.unfinished, pending + inUse);
  same('Little’s law of waits', totals.pendingMs, account.waitSumMs, RELATIVE);
  if (inUse === 0) same('Little’s law of uses', totals.inUseMs, account.useSumMs, RELATIVE);
  same('connections', totals.opened, totals.gone + slots);
  same('requests in the figures', counted.requests + counted.discarded, arrivals);
  same('waits in the figures', waits, counted.requests - counted.rejected);
}

function same(what: string, one: number, other: number, tolerance = 0): void {
  const most = tolerance === 0 ? 0 : tolerance * Math.max(one, other) + ABSOLUTE_MS;
  if (!(Math.abs(one - other) <= most)) throw new Error(`bug: ${what}: ${one} is not ${other}`);
}
