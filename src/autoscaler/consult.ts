import { clampDecision, clampsFor, rememberGrowth } from '../control/clamps.js';
import type { Decision } from '../control/decision.js';
import type { ResolvedPolicy } from '../control/policy.js';
import { saneSignals } from '../control/sane-signals.js';
import type { Signals } from '../control/signals.js';
import { atOnce } from '../at-once.js';
import { checkDecision } from './check-decision.js';
import type { Memory } from './memory.js';

/** What a policy said, held within its bounds, or what holds instead. */
export interface Answer {
  readonly decision: Decision<Memory>;
  /** What the policy threw, or what is wrong with its answer; null when it is a good one. */
  readonly problem: { readonly error: unknown } | null;
}

/** Asks the policy; if it throws or returns nonsense, the last target and its memory stay as they are. */
export function consult(
  { policy, config }: ResolvedPolicy,
  given: Signals,
  memory: Memory,
): Answer {
  const signals = saneSignals(given);
  const clamps = clampsFor(signals, memory.clamps);
  try {
    const decision = atOnce('decide', policy.decide(clamps.signals, memory.policy, config));
    checkDecision(decision);
    const clamped = clampDecision(decision, clamps, signals);
    const remembered = rememberGrowth(clamps.state, clamped, signals);
    const state: Memory = { policy: decision.state, clamps: remembered };
    return { decision: { ...clamped, state }, problem: null };
  } catch (error) {
    const { target, permits } = signals;
    const state: Memory = { policy: memory.policy, clamps: clamps.state };
    const rest = { reason: 'steady', limitedBy: ['policy-error'], candidates: {} } as const;
    const kept = { target, permits, ...rest, state, wakeInMs: null };
    return { decision: clampDecision<Memory>(kept, clamps, signals), problem: { error } };
  }
}
