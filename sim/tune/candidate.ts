import type { PolicyOption } from '../../src/control/policies/index.js';
import type { PolicyName } from '../policies.js';
import type { Scenario } from '../scenario.js';

/** A policy by name with options; plain data. */
export type PolicySettings = Exclude<PolicyOption, string | { readonly decide: unknown }>;

/** One way to set up the pool. */
export interface Candidate {
  readonly min: number;
  readonly max: number;
  readonly policy: PolicySettings;
}

/** What tells candidates apart. */
export function keyOf({ min, max, policy }: Candidate): string {
  return JSON.stringify([min, max, policy]);
}

/** The scenario with the pool set up in this way. */
export function withCandidate(scenario: Scenario, { min, max }: Candidate): Scenario {
  return { ...scenario, min, max };
}

/**
 * The variants of each policy that are tried: options far enough apart that they behave differently. Sizes are found by
 * the search.
 */
export function variantsOf(name: PolicyName): readonly PolicySettings[] {
  switch (name) {
    case 'step':
      return [{ name }, { name, holdMs: 0, stepSize: 1 }];
    case 'adaptive':
    case 'littles-law':
      return [{ name }, { name, idleBeforeCloseMs: 2_000 }];
    case 'target-tracking':
      return [{ name }, { name, targetUtilisation: 0.5 }];
    default:
      return [{ name }];
  }
}

/** The policy with each of the options that matter moved one way and the other: where one step of the search leads. */
export function neighboursOf(policy: PolicySettings): readonly PolicySettings[] {
  if (policy.name === 'littles-law') {
    const idle = policy.idleBeforeCloseMs ?? 10_000;
    return [2, 0.5].map((factor) => ({ ...policy, idleBeforeCloseMs: factor * idle }));
  }
  if (policy.name === 'adaptive') {
    const { idleBeforeCloseMs: idle = 10_000, headroom = 1.15, quantile = 0.98 } = policy;
    return [
      { ...policy, idleBeforeCloseMs: 2 * idle },
      { ...policy, idleBeforeCloseMs: idle / 2 },
      { ...policy, headroom: headroom === 1 ? 1.15 : 1 },
      { ...policy, quantile: quantile === 0.9 ? 0.98 : 0.9 },
    ];
  }
  if (policy.name === 'step') {
    const { idleMs = 10_000, stepSize = 4, holdMs = 100 } = policy;
    return [
      { ...policy, idleMs: 2 * idleMs },
      { ...policy, idleMs: idleMs / 2 },
      { ...policy, stepSize: 2 * stepSize },
      { ...policy, stepSize: Math.max(1, stepSize >> 1) },
      { ...policy, holdMs: holdMs === 0 ? 100 : 0 },
    ];
  }
  if (policy.name === 'target-tracking') {
    const { targetUtilisation: target = 0.7, downStabilisationMs = 15_000 } = policy;
    return [
      { ...policy, targetUtilisation: 1 - (1 - target) / 2 },
      { ...policy, targetUtilisation: Math.max(0.1, 1 - 2 * (1 - target)) },
      { ...policy, downStabilisationMs: 2 * downStabilisationMs },
      { ...policy, downStabilisationMs: downStabilisationMs / 2 },
    ];
  }
  return [];
}
