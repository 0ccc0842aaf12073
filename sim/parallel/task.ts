import type { ScaleDecision } from '../../src/control/decision.js';
import type { StepFunction } from '../analysis/bounds-requests.js';
import type { PolicyResult } from '../result.js';
import { policyOf, type PolicyChoice } from '../policies.js';
import type { Scenario } from '../scenario.js';
import { simulate } from '../simulate.js';

/** One replication of one policy in one scenario: the unit of work that a thread gets. Plain data, so that it can be sent. */
export interface SimulationTask {
  readonly scenario: Scenario;
  readonly policy: PolicyChoice;
  /** An integer from 0 to 2^53 − 1. */
  readonly seed: number;
  /** Number of the replication, counted from 0. */
  readonly replication: number;
}

/** What a thread gives back. */
export interface TaskResult {
  readonly result: PolicyResult;
  /** Every change of the target, in simulated milliseconds. */
  readonly targets: StepFunction;
}

/** Does one task on the thread that calls. The result depends on nothing but the task. */
export function runTask(task: SimulationTask): TaskResult {
  const { scenario, policy, seed, replication } = task;
  const atMs: number[] = [];
  const values: number[] = [];
  const onDecision = ({ signals, to }: ScaleDecision): void => {
    atMs.push(signals.now);
    values.push(to);
  };
  const result = simulate(scenario, policyOf(policy), { seed, replication, onDecision });
  return { result, targets: { atMs, values } };
}
