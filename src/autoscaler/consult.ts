import type { Decision, Limit } from '../control/decision.js';
import type { ResolvedPolicy } from '../control/policies/index.js';
import type { Signals } from '../control/signals.js';

/** What a policy said, or what holds instead. */
export interface Answer {
  readonly decision: Decision<unknown>;
  /** What the policy threw, or what is wrong with its answer; null when it is a good one. */
  readonly problem: { readonly error: unknown } | null;
}

/** Asks the policy; if it throws or returns nonsense, the last target and the state stay as they are. */
export function consult(
  { policy, config }: ResolvedPolicy,
  signals: Signals,
  state: unknown,
): Answer {
  try {
    const decision = policy.decide(signals, state, config);
    const { target, permits, wakeInMs } = decision;
    if (!Number.isFinite(target) || (permits !== null && !(permits >= 1))) {
      throw new TypeError(`the policy answered target ${target}, permits ${permits}`);
    }
    if (wakeInMs !== null && !(wakeInMs >= 0)) {
      throw new TypeError(`the policy answered wakeInMs ${wakeInMs}`);
    }
    return { decision, problem: null };
  } catch (error) {
    const { target, permits } = signals;
    const limitedBy: readonly Limit[] = ['policy-error'];
    const rest = { reason: 'steady', candidates: {}, wakeInMs: null } as const;
    return { decision: { target, permits, limitedBy, state, ...rest }, problem: { error } };
  }
}

/** The decision with its target rounded and held within min and max; names the bound that held it. */
export function withinBounds<State>(decision: Decision<State>, signals: Signals): Decision<State> {
  const { min, max } = signals;
  const wanted = Math.round(decision.target);
  const target = Math.max(min, Math.min(wanted, max));
  const limit: Limit | null = wanted > max ? 'max' : wanted < min ? 'min' : null;
  const { limitedBy } = decision;
  if (limit === null || limitedBy.includes(limit)) return { ...decision, target };
  return { ...decision, target, limitedBy: [...limitedBy, limit] };
}
