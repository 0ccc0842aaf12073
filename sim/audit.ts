import type { Ledger } from '../src/engine/ledger.js';

/** What the simulator itself has added up over a run, beside the engine's own account. */
export interface Account {
  /** Waits of all requests, in milliseconds. */
  readonly waitSumMs: number;
  /** Use times of all leases that ended, in milliseconds. */
  readonly useSumMs: number;
  /** Requests that wait or hold a connection. */
  readonly unfinished: number;
}

/** Sums of a hundred million floats agree to better than this. */
const RELATIVE = 1e-6;
const ABSOLUTE_MS = 1e-3;

/**
 * Makes sure of what holds in any queue at any time: every request is somewhere, and Little's law, L = λ·W, over the whole
 * run: the integral of the number waiting is the sum of all waits, that of the number in use the sum of all uses.
 *
 * @throws Error when the simulator is wrong
 */
export function audit(
  totals: Readonly<Ledger>,
  pending: number,
  inUse: number,
  account: Account,
): void {
  const { arrivals, granted, released, timeouts, rejected, aborted } = totals;
  same('arrivals', arrivals, granted + timeouts + rejected + aborted + pending);
  same('grants', granted, released + inUse);
  same('unfinished requests', account.unfinished, pending + inUse);
  same('Little’s law of waits', totals.pendingMs, account.waitSumMs, RELATIVE);
  if (inUse === 0) same('Little’s law of uses', totals.inUseMs, account.useSumMs, RELATIVE);
}

function same(what: string, one: number, other: number, tolerance = 0): void {
  const most = tolerance === 0 ? 0 : tolerance * Math.max(one, other) + ABSOLUTE_MS;
  if (!(Math.abs(one - other) <= most)) throw new Error(`bug: ${what}: ${one} is not ${other}`);
}
