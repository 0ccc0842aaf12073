import { compare, loadScenario, simulate, type ChoiceName, type Scenario } from 'adaptive-pool/sim';

import { policyOf } from '../sim/policies.js';

/** Lengths of a load that is on and off, in seconds. */
export const PERIODS_S: readonly number[] = [1, 2, 5, 10, 20, 60];

/** Shortest run, in seconds; longer periods run twice. */
const SHORTEST_S = 40;

/** What a policy makes of a load that is on and off. */
export interface SquareOutcome {
  readonly periodS: number;
  /** How often per minute the target changes its direction. */
  readonly reversalsPerMinute: number;
  readonly violationRate: number;
  readonly reactiveViolationRate: number | null;
  readonly costRatio: number | null;
}

/** Runs the scenario `suite-square` with another period. */
export async function trySquare(
  policy: ChoiceName,
  periodS: number,
  options: {
    readonly seed: number;
    readonly replications: number;
    readonly workers?: number | undefined;
  },
): Promise<SquareOutcome> {
  const scenario = squareWave(periodS);
  const { policies, bounds } = await compare(scenario, [policy, 'fixed'], options);
  const { seed, replications } = options;
  const changes: number[] = [];
  let reversals = 0;
  for (let replication = 0; replication < replications; replication += 1) {
    changes.length = 0;
    simulate(scenario, policyOf(policy), {
      seed,
      replication,
      onDecision: ({ from, to }) => changes.push(to - from),
    });
    reversals += countReversals(changes);
  }
  const minutes = (replications * scenario.durationMs) / 60_000;
  return {
    periodS,
    reversalsPerMinute: reversals / minutes,
    violationRate: policies[0]?.figures.violationRate.mean ?? 0,
    reactiveViolationRate: bounds?.reactive.violationRate ?? null,
    costRatio: policies[0]?.costRatio ?? null,
  };
}

function squareWave(periodS: number): Scenario {
  const base = loadScenario('suite-square');
  const { workload } = base;
  if (workload.kind !== 'spike') throw new Error('bug: suite-square is not on and off');
  const periodMs = 1_000 * periodS;
  const half = periodMs / 2;
  return {
    ...base,
    durationMs: Math.max(1_000 * SHORTEST_S, 2 * periodMs),
    workload: { ...workload, atMs: half, holdMs: half, periodMs },
  };
}

/** How often a series of changes turns from up to down or back; zeros do not count. */
export function countReversals(changes: readonly number[]): number {
  let count = 0;
  let before = 0;
  for (const change of changes) {
    const sign = Math.sign(change);
    if (sign === 0) continue;
    if (before !== 0 && sign !== before) count += 1;
    before = sign;
  }
  return count;
}
