import { findProblems, show, someFunction, someText, type FieldRule } from '../fields.js';
import type { Policy, PolicyConfig, ResolvedPolicy } from '../policy.js';
import { verified } from '../verified-policy.js';
import {
  adaptivePolicy,
  adaptiveRules,
  resolveAdaptive,
  type AdaptiveOptions,
} from './adaptive.js';
import { fixedPolicy, fixedRules, resolveFixed, type FixedOptions } from './fixed.js';
import {
  gradientPolicy,
  gradientRules,
  resolveGradient,
  type GradientOptions,
} from './gradient.js';
import {
  littlesLawPolicy,
  littlesLawRules,
  resolveLittlesLaw,
  type LittlesLawOptions,
} from './littles-law.js';
import {
  predictivePolicy,
  predictiveRules,
  resolvePredictive,
  type PredictiveOptions,
} from './predictive.js';
import { resolveStep, stepPolicy, stepRules, type StepOptions } from './step.js';
import {
  resolveTargetTracking,
  targetTrackingPolicy,
  targetTrackingRules,
  type TargetTrackingOptions,
} from './target-tracking.js';

/** `gradient` by name with options. */
interface NamedGradient extends Omit<GradientOptions, 'over'> {
  readonly name: 'gradient';
  readonly over?: PolicyOption | undefined;
}

/** `predictive` by name with options. */
interface NamedPredictive extends Omit<PredictiveOptions, 'over'> {
  readonly name: 'predictive';
  readonly over?: PolicyOption | undefined;
}

/** A policy by name with options. */
type NamedPolicy =
  | ({ readonly name: 'adaptive' } & AdaptiveOptions)
  | ({ readonly name: 'fixed' } & FixedOptions)
  | ({ readonly name: 'step' } & StepOptions)
  | ({ readonly name: 'target-tracking' } & TargetTrackingOptions)
  | ({ readonly name: 'littles-law' } & LittlesLawOptions)
  | NamedGradient
  | NamedPredictive;

/** A policy by name, by name with options, or your own. */
export type PolicyOption = NamedPolicy['name'] | NamedPolicy | Policy;

const RULES: ReadonlyMap<string, Readonly<Record<string, FieldRule>>> = new Map([
  ['adaptive', adaptiveRules],
  ['fixed', fixedRules],
  ['step', stepRules],
  ['target-tracking', targetTrackingRules],
  ['littles-law', littlesLawRules],
  ['gradient', gradientRules],
  ['predictive', predictiveRules],
]);

/** The policy that those that build on another one build on by default. */
const DEFAULT_OVER = 'adaptive';
/** Policies over policies that make sense, and a bound for objects that contain themselves. */
const DEEPEST = 4;

const KNOWN = [...RULES.keys()].join(', ');

/** Every problem of a policy option, one sentence each; none for a good one. */
export function findPolicyProblems(option: unknown): string[] {
  return problemsAt('policy', option, 1);
}

/** The problems of the policy at `path`, `depth` policies deep. */
function problemsAt(path: string, option: unknown, depth: number): string[] {
  if (typeof option === 'string') return RULES.has(option) ? [] : [unknownName(path, option)];
  if (typeof option !== 'object' || option === null || Array.isArray(option)) {
    return [`${path} must be a name (${KNOWN}) or an object, got ${show(option)}`];
  }
  const given = option as Readonly<Record<string, unknown>>;
  const name = given['name'];
  if (isOwnPolicy(option)) {
    // Only these three are looked at: the object is its owner's and may have anything else.
    const own = { name, init: given['init'], decide: given['decide'] };
    const rules = { name: someText, init: someFunction, decide: someFunction };
    return findProblems(own, rules, ['name', 'init', 'decide'], path);
  }
  const rules = typeof name === 'string' ? RULES.get(name) : undefined;
  if (rules === undefined) {
    return [name === undefined ? `${path}.name is required` : unknownName(`${path}.name`, name)];
  }
  const problems = findProblems(option, { name: someText, ...rules }, [], path);
  const over = Object.hasOwn(rules, 'over') ? given['over'] : undefined;
  if (over === undefined) return problems;
  if (depth === DEEPEST) return [...problems, `${path}.over must not be there: too many policies`];
  return [...problems, ...problemsAt(`${path}.over`, over, depth + 1)];
}

/** Whether a policy is somebody's own or builds on one: its code fits into no file and goes to no thread. */
export function hasOwnCode(option: unknown): boolean {
  if (isOwnPolicy(option)) return true;
  return (
    typeof option === 'object' && option !== null && 'over' in option && hasOwnCode(option.over)
  );
}

/** As everywhere, a field set to undefined counts as not given. */
function isOwnPolicy(option: unknown): option is Policy {
  return (
    typeof option === 'object' &&
    option !== null &&
    'decide' in option &&
    typeof option.decide === 'function'
  );
}

/** The policy that an option without problems names, with its options resolved on top of `base`. */
export function resolvePolicy(option: PolicyOption, base: PolicyConfig): ResolvedPolicy {
  if (isOwnPolicy(option)) return resolved(option, { ...base });
  const named: NamedPolicy = typeof option === 'string' ? { name: option } : option;
  if (named.name === 'adaptive') {
    return resolved(verified(adaptivePolicy), resolveAdaptive(named, base));
  }
  if (named.name === 'fixed') return resolved(fixedPolicy, resolveFixed(named, base));
  if (named.name === 'step') return resolved(stepPolicy, resolveStep(named, base));
  if (named.name === 'target-tracking') {
    return resolved(targetTrackingPolicy, resolveTargetTracking(named, base));
  }
  if (named.name === 'gradient') {
    const over = resolvePolicy(named.over ?? DEFAULT_OVER, base);
    return resolved(gradientPolicy, resolveGradient(named, over, base));
  }
  if (named.name === 'predictive') {
    const over = resolvePolicy(named.over ?? DEFAULT_OVER, base);
    return resolved(predictivePolicy, resolvePredictive(named, over, base));
  }
  return resolved(littlesLawPolicy, resolveLittlesLaw(named, base));
}

function resolved<State, Config extends PolicyConfig>(
  policy: Policy<State, Config>,
  config: Config,
): ResolvedPolicy {
  // Its `init` needs the configuration that goes with it.
  return { policy: policy as unknown as Policy, config: Object.freeze(config) };
}

function unknownName(field: string, name: unknown): string {
  return `${field} must be one of ${KNOWN}, or an object with name, init() and decide(), got ${show(name)}`;
}
