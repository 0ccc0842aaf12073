import type { ScaleDecision } from '../src/control/decision.js';
import { findPolicyProblems } from '../src/control/policies/index.js';
import type { PolicyOption } from '../src/control/policies/index.js';
import { findShortRun } from './analysis/run-length.js';
import type { ShortRun } from './analysis/run-length.js';
import { meanInterval } from './analysis/statistics.js';
import type { RunObserver, SeriesRecorder } from './analysis/time-series.js';
import { WaitTimes } from './analysis/wait-times.js';
import type { WaitTimesData } from './analysis/wait-times.js';
import { InputError } from './input-error.js';
import { policyName } from './policies.js';
import type { PolicyResult, ReplicationSummary, WaitSummary } from './result.js';
import { runReplication } from './run.js';
import type { Replication, RunOptions } from './run.js';
import type { Scenario } from './scenario.js';

/** How to simulate. */
export interface SimulateOptions extends Pick<
  RunOptions,
  'recorded' | 'changes' | 'probe' | 'onDecision' | 'onProgress'
> {
  /**
   * Where all randomness comes from, an integer from 0 to 2^53 − 1. The same seed, scenario and Node version give the
   * same result to the last bit.
   * @default 1
   */
  readonly seed?: number | undefined;
  /**
   * Number of the first replication; each has random numbers of its own.
   * @default 0
   */
  readonly replication?: number | undefined;
  /**
   * How many independent replications to run and pool.
   * @default 1
   */
  readonly replications?: number | undefined;
  /**
   * Requests that arrive in the first milliseconds of the workload run but do not count: for figures of the steady
   * state. Connection-seconds and creates always cover the whole run.
   * @default 0
   */
  readonly discardMs?: number | undefined;
  /** Sees how the first replication goes over time. */
  readonly series?: SeriesRecorder | undefined;
}

/**
 * Simulates one policy in one scenario. Two policies under the same seed face the same arrivals and the same work.
 *
 * @throws {@link InputError} when the policy option is wrong.
 * @throws RangeError when an option is out of its range.
 * @throws Error when a policy of one's own throws or returns nonsense.
 */
export function simulate(
  scenario: Scenario,
  policy: PolicyOption,
  options: SimulateOptions = {},
): PolicyResult {
  const { replications = 1 } = options;
  integer('replications', replications, 1, MAX_REPLICATIONS);
  const pooled = new PooledReplications(scenario, policyName(policy), options.discardMs);
  for (let index = 0; index < replications; index += 1) {
    pooled.add(simulateOne(scenario, policy, options, index));
  }
  return pooled.result();
}

/** One replication on its own, as plain data: what `PooledReplications` puts together. */
export interface OneReplication {
  readonly figures: Replication;
  readonly waits: WaitTimesData;
}

/**
 * Runs one of the replications of {@link simulate}, for the same options.
 *
 * @param index Counted from 0.
 * @throws as `simulate` does.
 */
export function simulateOne(
  scenario: Scenario,
  policy: PolicyOption,
  options: SimulateOptions,
  index: number,
): OneReplication {
  const { seed = 1, replication: first = 0, replications = 1, discardMs = 0 } = options;
  integer('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  integer('replication', first, 0, 2 ** 31);
  const problems = findPolicyProblems(policy);
  if (problems.length > 0) throw new InputError(problems.join('; '));
  const { onDecision, onProgress, recorded, probe, changes } = options;
  const observer = index === 0 ? options.series : undefined;
  const runOptions = {
    seed,
    replication: first + index,
    discardMs,
    onDecision: observer === undefined ? onDecision : both(onDecision, observer),
    observer,
    recorded,
    changes,
    probe,
    onProgress: (part: number) => onProgress?.((index + part) / replications),
  };
  const waits = new WaitTimes();
  const figures = runReplication(scenario, policy, runOptions, waits);
  return { figures, waits: waits.data() };
}

/** Replications put together, each by its own sums: it makes no difference on which thread one was run. */
export class PooledReplications {
  readonly #policy: string;
  readonly #waits = new WaitTimes();
  readonly #done: Replication[] = [];
  readonly #tooShort: ShortRun | null;

  /**
   * @param policy What the policy is called.
   * @param discardMs As in {@link SimulateOptions}.
   */
  constructor(scenario: Scenario, policy: string, discardMs = 0) {
    this.#policy = policy;
    this.#tooShort = findShortRun(scenario, discardMs);
  }

  /** Adds the next replication, in the order of their numbers. */
  add({ figures, waits }: OneReplication): void {
    this.#done.push(figures);
    this.#waits.addAll(waits);
  }

  /** What came of those added so far. */
  result(): PolicyResult {
    return pool(this.#policy, this.#done, this.#waits, this.#tooShort);
  }
}

/** Most replications in one call. */
export const MAX_REPLICATIONS = 10_000;

function pool(
  policy: string,
  done: readonly Replication[],
  waits: WaitTimes,
  tooShort: ShortRun | null,
): PolicyResult {
  const sum = (value: (one: Replication) => number): number =>
    done.reduce((total, one) => total + value(one), 0);
  const requests = sum(({ tally }) => tally.requests);
  const violations = sum(({ tally }) => tally.violations);
  const sizeMs = sum((one) => one.sizeMs);
  const timeouts = sum(({ tally }) => tally.timeouts);
  const rejected = sum(({ tally }) => tally.rejected);
  const stillWaiting = sum(({ tally }) => tally.stillWaiting);
  return {
    policy,
    replications: done.length,
    requests,
    violations,
    violationRate: ratio(violations, requests),
    waited: waits.positive,
    wait: {
      meanMs: waits.meanMs,
      p50Ms: waits.quantile(0.5),
      p95Ms: waits.quantile(0.95),
      p99Ms: waits.quantile(0.99),
      maxMs: waits.maxMs,
    },
    waitToService: waitToService(waits, requests, timeouts + rejected + stillWaiting),
    connectionSeconds: sizeMs / 1_000,
    creates: sum((one) => one.creates),
    destroys: sum((one) => one.destroys),
    meanSize: ratio(
      sizeMs,
      sum((one) => one.lengthMs),
    ),
    peakSize: Math.max(...done.map((one) => one.peakSize)),
    timeouts,
    rejected,
    stillWaiting,
    brokenUses: sum(({ tally }) => tally.brokenUses),
    retries: sum(({ tally }) => tally.retries),
    tooShort,
    perReplication: done.length > 1 ? summarise(done) : null,
  };
}

/** Those who got nothing come last: nobody who was served waited longer than those who timed out. */
function waitToService(waits: WaitTimes, requests: number, lost: number): WaitSummary {
  const quantile = (part: number): number => {
    const rank = Math.ceil(part * requests);
    return rank > requests - lost ? Number.POSITIVE_INFINITY : waits.ranked(rank);
  };
  const of = (value: number): number => (lost > 0 ? Number.POSITIVE_INFINITY : value);
  return {
    meanMs: of(waits.meanMs),
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
    maxMs: of(waits.maxMs),
  };
}

function summarise(done: readonly Replication[]): ReplicationSummary {
  const over = (value: (one: Replication) => number): ReturnType<typeof meanInterval> =>
    meanInterval(done.map((one) => value(one)));
  return {
    violationRate: over(({ tally }) => ratio(tally.violations, tally.requests)),
    meanWaitMs: over(({ tally }) => ratio(tally.waitSumMs, tally.requests - tally.rejected)),
    connectionSeconds: over((one) => one.sizeMs / 1_000),
  };
}

function both(
  onDecision: SimulateOptions['onDecision'],
  observer: RunObserver,
): (decision: ScaleDecision) => void {
  return (decision) => {
    observer.decided(decision);
    onDecision?.(decision);
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function integer(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${option} must be an integer from ${least} to ${most}, got ${value}`);
}
