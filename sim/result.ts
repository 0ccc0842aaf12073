import type { ShortRun } from './analysis/run-length.js';
import type { MeanInterval } from './analysis/statistics.js';

/** Waits of the requests of a run, in milliseconds; zeros included, what a request waited before its timeout too. */
export interface WaitSummary {
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Means over replications, each with its 95 % confidence interval. */
export interface ReplicationSummary {
  readonly violationRate: MeanInterval;
  readonly meanWaitMs: MeanInterval;
  readonly connectionSeconds: MeanInterval;
}

/**
 * What one policy made of one scenario. With several replications the figures are pooled: counts and connection-seconds
 * are sums, waits are those of all requests together, the mean size is over all the time, the peak is the highest.
 */
export interface PolicyResult {
  readonly policy: string;
  readonly replications: number;
  readonly requests: number;
  /** Requests that waited longer than the objective, timed out, were rejected or still waited at the end. */
  readonly violations: number;
  /** Violations per request, 0..1. */
  readonly violationRate: number;
  /** Requests that waited at all. */
  readonly waited: number;
  readonly wait: WaitSummary;
  /** The same where whoever got nothing waited for ever, so perhaps Infinity. Not known of what was recorded. */
  readonly waitToService?: WaitSummary | undefined;
  /** Integral of the size over time; creating connections count, closing ones do not. */
  readonly connectionSeconds: number;
  /** Creates started, the initial minimum included. */
  readonly creates: number;
  /** Connections closed and creates given up. */
  readonly destroys: number;
  readonly meanSize: number;
  readonly peakSize: number;
  readonly timeouts: number;
  /** Requests refused because too many waited. */
  readonly rejected: number;
  /** Requests that still waited when the run was over. */
  readonly stillWaiting: number;
  /** Uses that ended because their connection broke. */
  readonly brokenUses?: number | undefined;
  /** Requests of callers who came back after a rejection or a timeout; they count in `requests` too. */
  readonly retries?: number | undefined;
  /** Why the percentiles of the wait mean nothing, or null: the run is too short for its load. */
  readonly tooShort?: ShortRun | null | undefined;
  /** Null for a single replication. */
  readonly perReplication: ReplicationSummary | null;
}
