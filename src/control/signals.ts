/** What made the autoscaler ask for a decision. */
export type DecisionCause =
  | 'tick'
  | 'pressure'
  | 'created'
  | 'create-failed'
  | 'hint'
  | 'health'
  | 'manual';

/** Quantiles of one duration over the rolling window: ten slices of one tick each. */
export interface DurationSummary {
  /** Number of samples in the window; waits of zero are included. */
  readonly count: number;
  /** Mean in milliseconds, or null without samples. */
  readonly meanMs: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

/** Create failures since the previous decision, by the class that the factory gave them. */
export interface CreateFailureCounts {
  readonly transient: number;
  readonly permanent: number;
  readonly serverLimit: number;
  readonly timeout: number;
}

/** Whether the create gate lets new connections start. */
export interface GateStatus {
  /** `open`: creates start; `backing-off`: none until `reopensInMs`; `half-open`: one at a time until one succeeds. */
  readonly state: 'open' | 'backing-off' | 'half-open';
  /** Most creates in flight at this moment. */
  readonly limit: number;
  /** Milliseconds until the next create may start; 0 unless backing off. */
  readonly reopensInMs: number;
  /** Create failures in a row. */
  readonly failuresInARow: number;
}

/** Load that somebody announced. Instants are monotonic milliseconds. */
export interface Hint {
  readonly from: number;
  readonly until: number;
  /** Callers at the same time, or null if a rate was announced. */
  readonly concurrency: number | null;
  readonly ratePerSecond: number | null;
}

/**
 * Everything a policy may know, measured by the engine without sampling error. Numbers are finite or null.
 *
 * Levels hold at `now`; "interval" values cover the time since the previous decision.
 */
export interface Signals {
  /** Monotonic milliseconds. */
  readonly now: number;
  readonly cause: DecisionCause;
  /** Number of this decision, counted from 1. */
  readonly seq: number;

  /** creating + checking + idle + inUse. */
  readonly size: number;
  readonly creating: number;
  readonly checking: number;
  readonly idle: number;
  readonly inUse: number;
  /** Callers waiting for a lease. */
  readonly pending: number;
  /** Age of the oldest waiter in milliseconds; 0 without waiters. */
  readonly oldestWaitMs: number;
  /** Age of the oldest create in flight in milliseconds; 0 without one. */
  readonly oldestCreateMs: number;
  readonly min: number;
  readonly max: number;
  /** Target and permits that are in force now. */
  readonly target: number;
  readonly permits: number | null;

  /** Length of the interval in milliseconds. */
  readonly intervalMs: number;
  readonly arrivals: number;
  readonly completions: number;
  readonly timeouts: number;
  readonly rejections: number;
  readonly created: number;
  readonly createFailures: CreateFailureCounts;
  /** Integral of `inUse` over the interval, in connection-milliseconds. */
  readonly inUseMs: number;
  /** Integral of `pending` over the interval, in waiter-milliseconds. */
  readonly pendingMs: number;
  readonly peakInUse: number;
  /** Highest inUse + pending in the interval. */
  readonly peakDemand: number;
  readonly lowestIdle: number;
  /** Arrivals in each of the last 128 milliseconds, whatever the interval; the last entry is the current millisecond. */
  readonly arrivalsPerMs: readonly number[];
  /** Most arrivals in any window of 1, 2, 4, … 1,024 ms that ended in the interval; zeros if nobody came. */
  readonly arrivalEnvelope: readonly number[];
  /** What the caller said will come, see `AdaptivePool.expect`; past ones are left out. */
  readonly hints: readonly Hint[];

  /** Acquire to grant. */
  readonly wait: DurationSummary;
  /** Grant to release. */
  readonly use: DurationSummary;
  /** Start of a create to a usable connection. */
  readonly create: DurationSummary;

  readonly gate: GateStatus;
  /** 0..1 over the last 5 ms or the interval, whichever is longer; null where the host does not measure it. */
  readonly eventLoopUtilisation: number | null;
}

/** Connections that are open, in use or not. */
export function openNow({ size, creating }: Signals): number {
  return Math.max(0, size - creating);
}
