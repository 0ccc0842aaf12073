import type { Decision } from './decision.js';
import type { ResolvedPolicy } from './policy.js';
import type { Signals } from './signals.js';

/** Asks the policy that another one builds on. Its state is handed back as it came. */
export function ask(
  { policy, config }: ResolvedPolicy,
  signals: Signals,
  state: unknown,
): Decision<unknown> {
  return policy.decide(signals, state, config);
}
