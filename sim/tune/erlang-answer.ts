import { erlangC, meanWaitMs, waitQuantileMs, waitsLongerThan } from '../analysis/erlang.js';
import { InputError } from '../input-error.js';
import type { Goal, Metric, Objective } from './objective.js';

/** Load as queueing theory sees it: callers who come independently, at a constant rate. */
export interface Load {
  /** Mean arrivals per second. */
  readonly ratePerSecond: number;
  /** Mean use time in milliseconds. */
  readonly useMs: number;
}

/** What M/M/c says about a number of connections. Waits are Infinity when the load is at least the number. */
export interface ErlangAnswer {
  readonly connections: number;
  /** Part of the time that a connection is in use, 0..1. */
  readonly utilisation: number;
  /** Part of callers who wait at all, 0..1. */
  readonly waitProbability: number;
  readonly waitMeanMs: number;
  readonly waitP50Ms: number;
  readonly waitP95Ms: number;
  readonly waitP99Ms: number;
}

/** Most connections that are looked at. */
export const MOST_CONNECTIONS = 100_000;

/**
 * What M/M/c says about `connections` connections, all open: Poisson arrivals, exponential use times, first come first
 * served (A. K. Erlang, 1917). Bursts make waits longer than this, constant use times about half as long.
 */
export function erlangAnswer({ ratePerSecond, useMs }: Load, connections: number): ErlangAnswer {
  const offered = (ratePerSecond * useMs) / 1_000;
  const quantile = (part: number): number =>
    waitQuantileMs(connections, ratePerSecond, useMs, part);
  return {
    connections,
    utilisation: Math.min(1, offered / connections),
    waitProbability: erlangC(connections, offered),
    waitMeanMs: meanWaitMs(connections, ratePerSecond, useMs),
    waitP50Ms: quantile(0.5),
    waitP95Ms: quantile(0.95),
    waitP99Ms: quantile(0.99),
  };
}

/**
 * The fewest connections for which M/M/c meets the objective, or null if more than 100,000 were needed. Waits fall with every
 * connection, so bisection finds it.
 *
 * @param waitObjectiveMs The wait above which `violations` counts a request; without it such a goal cannot be judged.
 * @throws {@link InputError} for a goal that has no formula: `wait max`, `timeouts`.
 */
export function fewestConnections(
  load: Load,
  objective: Objective,
  waitObjectiveMs?: number,
): ErlangAnswer | null {
  const meets = (connections: number): boolean =>
    objective.every((goal) => meetsGoal(load, connections, goal, waitObjectiveMs));
  // Erlang's recursion is linear in the number of servers: double before bisecting, so that small answers stay cheap.
  let high = Math.max(1, Math.ceil((load.ratePerSecond * load.useMs) / 1_000));
  let low = 0;
  while (!meets(high)) {
    if (high >= MOST_CONNECTIONS) return null;
    low = high;
    high = Math.min(MOST_CONNECTIONS, 2 * high);
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (meets(middle)) high = middle;
    else low = middle;
  }
  return erlangAnswer(load, high);
}

const QUANTILES: Partial<Record<Metric, number>> = {
  'wait p50': 0.5,
  'wait p95': 0.95,
  'wait p99': 0.99,
};

function meetsGoal(
  { ratePerSecond, useMs }: Load,
  connections: number,
  { metric, limit }: Goal,
  waitObjectiveMs: number | undefined,
): boolean {
  if (metric === 'wait mean') return meanWaitMs(connections, ratePerSecond, useMs) < limit;
  if (metric === 'violations' && waitObjectiveMs !== undefined) {
    return waitsLongerThan(connections, ratePerSecond, useMs, waitObjectiveMs) < limit;
  }
  const part = QUANTILES[metric];
  if (part === undefined) {
    throw new InputError(`${metric} has no formula; adaptive-pool tune finds out by simulation`);
  }
  return waitQuantileMs(connections, ratePerSecond, useMs, part) < limit;
}
