import { ask } from './control/ask.js';
import { findPolicyProblems, resolvePolicy, type PolicyOption } from './control/policies/index.js';
import type { Policy, PolicyConfig, ResolvedPolicy } from './control/policy.js';
import { InvalidOptionsError } from './errors.js';

/**
 * A named policy as an object, for policies of your own that build on one: ask its `decide` with other signals, or change
 * its answer. Its state is its own business: keep what it returns inside yours.
 *
 * @param option A name, or a name with options.
 * @throws {@link InvalidOptionsError} for an option that a pool would not take either.
 */
export function policyNamed(option: PolicyOption): Policy {
  const problems = findPolicyProblems(option);
  if (problems.length > 0) throw new InvalidOptionsError('policy', problems);
  let latest: (ResolvedPolicy & { readonly given: PolicyConfig }) | null = null;
  // The pool hands over the same configuration every time.
  const resolvedFor = (given: PolicyConfig): ResolvedPolicy => {
    if (latest?.given !== given) latest = { ...resolvePolicy(option, given), given };
    return latest;
  };
  return {
    name: typeof option === 'string' ? option : option.name,
    init: (given) => {
      const { policy, config } = resolvedFor(given);
      return policy.init(config);
    },
    decide: (signals, state, given) => ask(resolvedFor(given), signals, state),
  };
}
