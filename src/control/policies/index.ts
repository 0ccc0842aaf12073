import { findProblems, show, someText, type FieldRule } from '../fields.js';
import type { Policy, PolicyConfig } from '../policy.js';
import { verified } from '../verified-policy.js';
import {
  adaptivePolicy,
  adaptiveRules,
  resolveAdaptive,
  type AdaptiveOptions,
} from './adaptive.js';
import { fixedPolicy, fixedRules, resolveFixed, type FixedOptions } from './fixed.js';
import {
  littlesLawPolicy,
  littlesLawRules,
  resolveLittlesLaw,
  type LittlesLawOptions,
} from './littles-law.js';
import { resolveStep, stepPolicy, stepRules, type StepOptions } from './step.js';

/** A policy by name with options. */
type NamedPolicy =
  | ({ readonly name: 'adaptive' } & AdaptiveOptions)
  | ({ readonly name: 'fixed' } & FixedOptions)
  | ({ readonly name: 'step' } & StepOptions)
  | ({ readonly name: 'littles-law' } & LittlesLawOptions);

/** A policy by name, by name with options, or your own. */
export type PolicyOption = NamedPolicy['name'] | NamedPolicy | Policy;

/** A policy and the configuration to call it with. */
export interface ResolvedPolicy {
  readonly policy: Policy;
  /** Frozen. */
  readonly config: PolicyConfig;
}

const RULES: ReadonlyMap<string, Readonly<Record<string, FieldRule>>> = new Map([
  ['adaptive', adaptiveRules],
  ['fixed', fixedRules],
  ['step', stepRules],
  ['littles-law', littlesLawRules],
]);

const KNOWN = [...RULES.keys()].join(', ');

const someFunction: FieldRule = (value) => (typeof value === 'function' ? null : 'a function');

/** Every problem of a policy option, one sentence each; none for a good one. */
export function findPolicyProblems(option: unknown): string[] {
  if (typeof option === 'string') return RULES.has(option) ? [] : [unknownName('policy', option)];
  if (typeof option !== 'object' || option === null || Array.isArray(option)) {
    return [`policy must be a name (${KNOWN}) or an object, got ${show(option)}`];
  }
  const given = option as Readonly<Record<string, unknown>>;
  const name = given['name'];
  if (typeof given['decide'] === 'function') {
    // Only these three are looked at: the object is its owner's and may have anything else.
    const own = { name, init: given['init'], decide: given['decide'] };
    const rules = { name: someText, init: someFunction, decide: someFunction };
    return findProblems(own, rules, ['name', 'init', 'decide'], 'policy');
  }
  const rules = typeof name === 'string' ? RULES.get(name) : undefined;
  if (rules === undefined) {
    return [name === undefined ? 'policy.name is required' : unknownName('policy.name', name)];
  }
  return findProblems(option, { name: someText, ...rules }, [], 'policy');
}

/** The policy that an option without problems names, with its options resolved on top of `base`. */
export function resolvePolicy(option: PolicyOption, base: PolicyConfig): ResolvedPolicy {
  if (typeof option === 'object' && 'decide' in option) return resolved(option, { ...base });
  const named: NamedPolicy = typeof option === 'string' ? { name: option } : option;
  if (named.name === 'adaptive')
    return resolved(verified(adaptivePolicy), resolveAdaptive(named, base));
  if (named.name === 'fixed') return resolved(fixedPolicy, resolveFixed(named, base));
  if (named.name === 'step') return resolved(stepPolicy, resolveStep(named, base));
  return resolved(littlesLawPolicy, resolveLittlesLaw(named, base));
}

function resolved<State, Config extends PolicyConfig>(
  policy: Policy<State, Config>,
  config: Config,
): ResolvedPolicy {
  return { policy, config: Object.freeze(config) };
}

function unknownName(field: string, name: unknown): string {
  return `${field} must be one of ${KNOWN}, or an object with name, init() and decide(), got ${show(name)}`;
}
