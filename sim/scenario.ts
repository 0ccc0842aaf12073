import type { BackendModel } from './backend/backend.js';
import type { Fault } from './backend/faults.js';
import type { Distribution } from './kernel/distributions.js';
import type { Retries } from './workload/callers.js';
import type { Workload } from './workload/workload.js';

/** Load that is announced, see `AdaptivePool.expect`: either a concurrency or a rate. */
interface ScenarioHint {
  /** When it begins, in milliseconds after the start of the workload. */
  readonly atMs: number;
  /** How long it lasts, in milliseconds. */
  readonly forMs: number;
  readonly concurrency?: number | undefined;
  readonly ratePerSecond?: number | undefined;
}

/** One situation to put policies in: who comes when, what a lease and a create take, and the pool's limits. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** Callers arrive before this many milliseconds after the start of the workload. */
  readonly durationMs: number;
  readonly workload: Workload;
  /** Path of the file that the workload was read from. */
  readonly traceFile?: string | undefined;
  /** How long a lease holds its connection. */
  readonly serviceMs: Distribution;
  /** How long opening a connection takes. */
  readonly createMs: Distribution;
  /** Fewest connections. */
  readonly min: number;
  /** Most connections. */
  readonly max: number;
  /** The wait the controller aims for; a longer one is a violation. */
  readonly waitObjectiveMs: number;
  /** Longest wait; Infinity = no limit. */
  readonly acquireTimeoutMs: number;
  /** Time before the workload begins, in which the pool opens its minimum. */
  readonly warmUpMs: number;
  /** Time between regular decisions. */
  readonly tickMs: number;
  /** Most callers that may wait; Infinity = no limit. */
  readonly maxPending: number;
  /** Most creates in flight. */
  readonly createConcurrency: number;
  /** How long a caller waits at most, drawn for each; the shorter of this and `acquireTimeoutMs`. @default that alone */
  readonly patienceMs?: Distribution | undefined;
  /** Longest create; it fails then. @default 5_000 */
  readonly createTimeoutMs?: number | undefined;
  /** How busy connections slow each other down. @default not at all */
  readonly backend?: BackendModel | undefined;
  /** What goes wrong, and when. @default nothing */
  readonly faults?: readonly Fault[] | undefined;
  /** Load that the pool is told of before the run begins. @default none */
  readonly hints?: readonly ScenarioHint[] | undefined;
  /** Callers who got no connection come back. @default they do not */
  readonly retries?: Retries | undefined;
  /** Policies to compare unless the caller names others; empty = all. */
  readonly policies: readonly string[];
}
