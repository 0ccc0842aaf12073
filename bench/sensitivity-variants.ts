import type { PolicyOption } from 'adaptive-pool';
import type { ChoiceName, Scenario } from 'adaptive-pool/sim';

import { breakEvenIdleMs } from '../src/control/break-even.js';
import { findPolicyProblems, resolvePolicy } from '../src/control/policies/index.js';

/** What a default is multiplied with. */
export const FACTORS = [0.5, 2] as const;

/** One option of a policy with another value than its default. */
export interface Variant {
  readonly option: string;
  readonly factor: (typeof FACTORS)[number];
  readonly normal: number;
  readonly value: number;
  readonly policy: PolicyOption;
}

/** These belong to the pool and not to the policy. */
const OF_THE_POOL = new Set(['waitObjectiveMs', 'tickMs']);

/** Defaults that depend on the load: the configuration has null for them. */
const DERIVED: Readonly<Record<string, (scenario: Scenario) => number>> = {
  idleBeforeCloseMs: ({ createMs }) => breakEvenIdleMs(createMs.meanMs),
};

/** Every numeric option of a policy by half and twice its default, as far as its range allows that. */
export function variantsOf(name: ChoiceName, scenario: Scenario): readonly Variant[] {
  if (findPolicyProblems(name).length > 0) throw new Error(`${name} has no options`);
  const { waitObjectiveMs, tickMs } = scenario;
  const { config } = resolvePolicy(name as PolicyOption, { waitObjectiveMs, tickMs });
  return Object.entries(config).flatMap(([option, given]) => {
    const normal: unknown = given === null ? DERIVED[option]?.(scenario) : given;
    if (OF_THE_POOL.has(option) || typeof normal !== 'number') return [];
    return FACTORS.flatMap((factor) => {
      const variant = variantOf(name, option, normal, factor);
      return variant === null ? [] : [variant];
    });
  });
}

function variantOf(
  name: ChoiceName,
  option: string,
  normal: number,
  factor: Variant['factor'],
): Variant | null {
  // Of a whole number half may not be one.
  for (const value of [normal * factor, Math.round(normal * factor)]) {
    const policy = { name, [option]: value } as unknown as PolicyOption;
    if (value !== normal && findPolicyProblems(policy).length === 0) {
      return { option, factor, normal, value, policy };
    }
  }
  return null;
}
