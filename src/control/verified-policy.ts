import { ask } from './ask.js';
import type { Decision, Limit } from './decision.js';
import { addLimit } from './limits.js';
import type { Policy, PolicyConfig } from './policy.js';
import type { Signals } from './signals.js';
import { NO_GROWTH, verifyGrowth, type GrowthState, type Verification } from './verified-growth.js';

/** What a policy that verifies its growth remembers. */
export interface VerifiedState {
  /** The inner policy's own. */
  readonly inner: unknown;
  readonly growth: GrowthState;
}

/**
 * A policy whose growth is verified: when uses take longer while callers wait, it measures whether fewer uses at once
 * bring as much. If they do, permits are capped there and the policy's growth is held until the load falls or more uses
 * at once help again. A policy that only observes measures nothing: its permits are in force nowhere.
 */
export function verified<State, Config extends PolicyConfig>(
  inner: Policy<State, Config>,
): Policy<VerifiedState, Config> {
  return {
    name: inner.name,
    init: (config) => ({ inner: inner.init(config), growth: NO_GROWTH }),
    decide(signals, previous, config): Decision<VerifiedState> {
      const decision = ask({ policy: inner, config }, signals, previous.inner);
      if (config.isObserving === true) {
        const { growth } = previous;
        return { ...decision, state: { inner: decision.state, growth } };
      }
      const verification = verifyGrowth(signals, previous.growth, config.tickMs);
      return withVerification(decision, verification, signals);
    },
  };
}

function withVerification(
  decision: Decision<unknown>,
  { state, permits, limit, verdict }: Verification,
  signals: Signals,
): Decision<VerifiedState> {
  const limitedBy: Limit[] = [...decision.limitedBy];
  const most = Math.min(decision.permits ?? Infinity, permits ?? Infinity);
  // Connections beyond the permits bring nothing; those that exist stay until they are idle for long.
  const ceiling =
    permits === null
      ? Infinity
      : Math.max(signals.min, permits, Math.min(signals.size, signals.target));
  const target = Math.min(decision.target, ceiling);
  const isHeld = target < decision.target;
  if (limit !== null && (isHeld || signals.pending > 0)) addLimit(limitedBy, limit);
  const isGrowing = target > signals.target && signals.pending > 0;
  return {
    ...decision,
    target,
    permits: Number.isFinite(most) ? most : null,
    limitedBy,
    ...(verdict === undefined ? undefined : { verdict }),
    state: {
      inner: decision.state,
      growth: isGrowing ? { ...state, of: signals.seq } : state,
    },
    wakeInMs: isHeld ? null : decision.wakeInMs,
  };
}
