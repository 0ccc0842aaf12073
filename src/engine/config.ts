/** What to do with callers while more of them wait than the pool can serve. */
export interface OverloadConfig {
  /** Refuse a caller at once whose predicted wait is longer than its deadline allows. */
  readonly rejectLate: boolean;
  /** Longest wait of callers who come while a queue stands, in milliseconds; Infinity = as long as their deadline. */
  readonly codelTargetMs: number;
  /** A queue that did not run empty for this long stands, in milliseconds. */
  readonly codelIntervalMs: number;
  /** Serve the newest first while a queue stands. */
  readonly newestFirst: boolean;
}

/** What the engine needs to know; every field may change by `configure`. */
export interface EngineConfig {
  /** Most connections, creating ones included. */
  readonly max: number;
  /** Most callers that may wait; more are rejected. */
  readonly maxPending: number;
  /** Ceiling of creates in flight. */
  readonly createConcurrency: number;
  /** Connections that may be closing beyond `max`. */
  readonly closeAllowance: number;
  /** Idle milliseconds after which a connection is checked before it is lent; Infinity = never. */
  readonly validateAfterIdleMs: number;
  /** Idle milliseconds after which a connection is checked in the background; Infinity = never. */
  readonly keepaliveMs: number;
  /** Age in milliseconds at which a connection is replaced, shortened at random by up to a quarter; Infinity = never. */
  readonly maxLifetimeMs: number;
  /** Leases after which a connection is replaced; Infinity = never. */
  readonly maxUses: number;
  /** Failed creates in a row after which callers are refused while no connection is open; Infinity = never. */
  readonly failFastAfter: number;
  readonly overload: OverloadConfig;
}

/** An engine that serves first come, first served, and never checks, replaces or refuses of its own accord. */
export const PLAIN: Omit<EngineConfig, 'max' | 'maxPending' | 'createConcurrency'> = {
  closeAllowance: 1,
  validateAfterIdleMs: Number.POSITIVE_INFINITY,
  keepaliveMs: Number.POSITIVE_INFINITY,
  maxLifetimeMs: Number.POSITIVE_INFINITY,
  maxUses: Number.POSITIVE_INFINITY,
  failFastAfter: Number.POSITIVE_INFINITY,
  overload: {
    rejectLate: false,
    codelTargetMs: Number.POSITIVE_INFINITY,
    codelIntervalMs: 100,
    newestFirst: false,
  },
};
