import type { PolicyOption } from '../src/control/policies/index.js';
import { BASELINE_NAMES, baselinePolicy, isBaselineName } from './baselines/index.js';
import type { BaselineName } from './baselines/index.js';

/** The policies that have a name, in the order in which reports show them. */
export const POLICY_NAMES: readonly PolicyName[] = [
  'adaptive',
  'littles-law',
  'target-tracking',
  'step',
  'fixed',
  'gradient',
  'predictive',
];

/** Those that are run unless others are named: the default one and what it is most often compared with. */
export const USUAL_POLICIES: readonly PolicyName[] = ['adaptive', 'littles-law', 'step', 'fixed'];

/** Name of a policy that comes with the package. */
export type PolicyName = Extract<PolicyOption, string>;

/** A policy as the simulator takes it: any policy of the pool, or another pool's sizing rule by its name. */
export type PolicyChoice = PolicyOption | BaselineName;

/** Name of anything that can be simulated by name. */
export type ChoiceName = PolicyName | BaselineName;

/** Everything that can be simulated by name. */
export const CHOICE_NAMES: readonly ChoiceName[] = [...POLICY_NAMES, ...BASELINE_NAMES];

/** Whether a policy of this name comes with the package. */
export function isPolicyName(name: unknown): name is PolicyName {
  return (POLICY_NAMES as readonly unknown[]).includes(name);
}

/** Whether `name` is a policy or a baseline. */
export function isChoiceName(name: unknown): name is ChoiceName {
  return isPolicyName(name) || isBaselineName(name);
}

/** The policy that a choice stands for. */
export function policyOf(choice: PolicyChoice): PolicyOption {
  return isBaselineName(choice) ? baselinePolicy(choice) : choice;
}

/** The name of any policy, one of one's own included. */
export function policyName(policy: PolicyChoice): string {
  return typeof policy === 'string' ? policy : policy.name;
}

/** The part of a command's help that lists the baselines. */
export const BASELINE_LINES: string = [
  'other pools’ sizing rules, for comparison only:',
  ...BASELINE_NAMES,
]
  .map((line) => `                              ${line}`)
  .join('\n');
