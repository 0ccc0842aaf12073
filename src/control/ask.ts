import type { Decision } from './decision.js';
import type { Policy, PolicyConfig } from './policy.js';
import type { Signals } from './signals.js';

/** Asks the policy that another one builds on. Its state is handed back as it came. */
export function ask<State, Config extends PolicyConfig>(
  { policy, config }: { readonly policy: Policy<State, Config>; readonly config: Config },
  signals: Signals,
  state: State,
): Decision<State> {
  return policy.decide(signals, state, config);
}
