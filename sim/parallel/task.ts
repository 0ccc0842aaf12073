import type { ScaleDecision } from '../../src/control/decision.js';
import type { StepFunction } from '../analysis/bounds-requests.js';
import { SeriesRecorder } from '../analysis/time-series.js';
import type { RunSeries } from '../analysis/time-series.js';
import type { PolicyResult } from '../result.js';
import { policyName, policyOf, type PolicyChoice } from '../policies.js';
import type { Scenario } from '../scenario.js';
import { PooledReplications, simulateOne } from '../simulate.js';
import type { OneReplication } from '../simulate.js';

/** One replication of one policy in one scenario: the unit of work that a thread gets. Plain data, so that it can be sent. */
export interface SimulationTask {
  readonly scenario: Scenario;
  readonly policy: PolicyChoice;
  /** An integer from 0 to 2^53 − 1. */
  readonly seed: number;
  /** Number of the replication, counted from 0. */
  readonly replication: number;
  /** What else to give back. */
  readonly wants?: 'parts' | 'parts and series' | undefined;
}

/** One replication of one policy in detail. May be large: it is handed on as it comes and not kept. */
export interface RunDetail extends OneReplication {
  /** Null if nobody wants it. */
  readonly series: RunSeries | null;
}

/** What a thread gives back. */
export interface TaskResult {
  readonly result: PolicyResult;
  /** Every change of the target, in simulated milliseconds. */
  readonly targets: StepFunction;
  readonly detail?: RunDetail | undefined;
}

/** Does one task on the thread that calls. The result depends on nothing but the task. */
export function runTask(task: SimulationTask): TaskResult {
  const { scenario, policy, seed, replication, wants } = task;
  const atMs: number[] = [];
  const values: number[] = [];
  const onDecision = ({ signals, to }: ScaleDecision): void => {
    atMs.push(signals.now);
    values.push(to);
  };
  const series =
    wants === 'parts and series'
      ? new SeriesRecorder(scenario.warmUpMs + scenario.durationMs)
      : undefined;
  const options = { seed, replication, onDecision, series };
  const one = simulateOne(scenario, policyOf(policy), options, 0);
  const pooled = new PooledReplications(scenario, policyName(policy));
  pooled.add(one);
  return {
    result: pooled.result(),
    targets: { atMs, values },
    detail: wants === undefined ? undefined : { ...one, series: series?.read() ?? null },
  };
}
