import type { DurationSummary, GateStatus } from './control/signals.js';

/** What is done by `pool.run` and `redisCommands`, many on one connection. */
export interface SharingStats {
  /** Connections that are shared at this moment; part of `inUse`. */
  readonly connections: number;
  /** Work under way on them. */
  readonly inFlight: number;
  /** Callers who wait for a place; `pending` counts the connections that they wait for. */
  readonly pending: number;
  /** Work that was begun so far; `acquired` counts the connections that it took. */
  readonly served: number;
}

/**
 * One consistent snapshot of a pool. `size === creating + checking + idle + inUse`; `closing` is counted apart.
 * Totals count from the pool's construction.
 */
export interface PoolStats {
  readonly name: string;
  readonly size: number;
  readonly creating: number;
  readonly checking: number;
  readonly idle: number;
  readonly inUse: number;
  /** Connections that are saying goodbye. */
  readonly closing: number;
  /** Callers waiting for a lease. */
  readonly pending: number;
  /** Age of the lease that is out for longest, in milliseconds; null while none is out. */
  readonly oldestLeaseMs: number | null;
  /** Age of the create that has been under way for longest, in milliseconds; null without one. */
  readonly oldestCreateMs: number | null;
  readonly target: number;
  /** Most leases in use at once, or null for no cap. */
  readonly permits: number | null;
  readonly shared: SharingStats;
  readonly min: number;
  readonly max: number;
  /** Requests that got a lease. */
  readonly acquired: number;
  /** Leases that came back. */
  readonly released: number;
  readonly timeouts: number;
  /** Requests refused: a full queue, an overload, a closed pool, or no connection and none to be opened. */
  readonly rejected: number;
  /** Requests whose signal was aborted while they waited. */
  readonly aborted: number;
  /** Connections opened successfully. */
  readonly created: number;
  readonly createFailures: number;
  /** Creates that were abandoned before they ended, because the target fell or the pool closed. */
  readonly createsGivenUp: number;
  /** Connections closed: `created - destroyed` are open or closing. */
  readonly destroyed: number;
  /** Acquire to grant, over the last ten ticks, which is a second by default. */
  readonly wait: DurationSummary;
  /** Grant to release, over the last ten ticks. */
  readonly use: DurationSummary;
  /** Start of a create to a usable connection, over the last ten ticks in which one was created. */
  readonly create: DurationSummary;
  readonly gate: GateStatus;
}
