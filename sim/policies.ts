import type { PolicyOption } from '../src/control/policies/index.js';

/** The policies that have a name, in the order in which reports show them. */
export const POLICY_NAMES: readonly PolicyName[] = ['fixed', 'step', 'littles-law'];

/** Name of a policy that comes with the package. */
export type PolicyName = Extract<PolicyOption, string>;

/** Whether a policy of this name comes with the package. */
export function isPolicyName(name: unknown): name is PolicyName {
  return (POLICY_NAMES as readonly unknown[]).includes(name);
}

/** The name of any policy, one of one's own included. */
export function policyName(policy: PolicyOption): string {
  return typeof policy === 'string' ? policy : policy.name;
}
