import type { Decision, Limit, Reason } from '../decision.js';
import { integerFrom, numberFrom, type FieldRule } from '../fields.js';
import { addLimit, noteGate, withinBounds } from '../limits.js';
import { clamp } from '../numbers.js';
import type { Policy, PolicyConfig } from '../policy.js';
import { NOTHING_CLOSED, observeShrink, planShrink, type ShrinkState } from '../shrink.js';
import type { Signals } from '../signals.js';
import { reasonToStay } from '../stay.js';
import { formatMs } from '../words.js';

/** Timers may fire this much early, in milliseconds. */
const EARLY_MS = 0.5;
/** A pool opens one for those who wait, whatever its target; one that is wanted stays for the next caller. */
const FIRST = 1;

/**
 * Options of the policy `step`: a few more when callers queue, a few less when connections idle. The rule of Apache
 * DBCP, FlexyPool and most other pools; here for familiarity and comparison.
 */
export interface StepOptions {
  /**
   * Waiting callers that call for a step, an integer from 1 to 1,000,000.
   * @default 1
   */
  readonly thresholdPending?: number | undefined;
  /**
   * How long at least that many must wait before each step, in milliseconds, 0 to 3,600,000; 0 steps at once.
   * @default 100
   */
  readonly holdMs?: number | undefined;
  /**
   * Connections per step, up and down, an integer from 1 to 100,000.
   * @default 4
   */
  readonly stepSize?: number | undefined;
  /**
   * How long connections must be unused before they are closed, in milliseconds, 1 to 86,400,000.
   * @default 10_000
   */
  readonly idleMs?: number | undefined;
}

/** Resolved options of `step`. */
export interface StepConfig extends PolicyConfig {
  readonly thresholdPending: number;
  readonly holdMs: number;
  readonly stepSize: number;
  readonly idleMs: number;
}

/** What `step` remembers. */
export interface StepState {
  /** Since when the queue is at the threshold or the last step was made, in monotonic milliseconds, or null. */
  readonly queuedSince: number | null;
  readonly shrink: ShrinkState;
}

/** What the fields of {@link StepOptions} must be. */
export const stepRules: Readonly<Record<string, FieldRule>> = {
  thresholdPending: integerFrom(1, 1_000_000),
  holdMs: numberFrom(0, 3_600_000),
  stepSize: integerFrom(1, 100_000),
  idleMs: numberFrom(1, 86_400_000),
};

/** {@link StepOptions} with defaults. */
export function resolveStep(options: StepOptions, base: PolicyConfig): StepConfig {
  return {
    ...base,
    thresholdPending: options.thresholdPending ?? 1,
    holdMs: options.holdMs ?? 100,
    stepSize: options.stepSize ?? 4,
    idleMs: options.idleMs ?? 10_000,
  };
}

/** Opens a step of connections when the queue stays long and closes a step of those that stay unused. */
export const stepPolicy: Policy<StepState, StepConfig> = {
  name: 'step',
  init: () => ({ queuedSince: null, shrink: NOTHING_CLOSED }),
  decide(signals: Signals, state: StepState, config: StepConfig): Decision<StepState> {
    const shrink = observeShrink(state.shrink, signals, config.idleMs);
    return signals.pending >= config.thresholdPending
      ? whileQueued(signals, { queuedSince: state.queuedSince, shrink }, config)
      : whileServed(signals, shrink, config);
  },
};

function whileQueued(signals: Signals, state: StepState, config: StepConfig): Decision<StepState> {
  const { now, pending, creating, min, max } = signals;
  // A state from another clock may lie in the future, and says nothing then.
  const since = Math.min(state.queuedSince ?? now, now);
  const leftMs = config.holdMs - (now - since);
  const base = clamp(signals.target, min, max);
  const limits: Limit[] = [];
  let wanted = Math.max(base, FIRST);
  let queuedSince = since;
  let wakeInMs: number | null = null;
  if (leftMs > EARLY_MS) {
    wakeInMs = Math.max(1, leftMs);
  } else if (creating >= pending) {
    // Every waiter has a connection on its way already.
    addLimit(limits, 'creates-in-flight');
  } else {
    wanted = base + config.stepSize;
    queuedSince = now;
    wakeInMs = base < max && config.holdMs > 0 ? config.holdMs : null;
  }
  return decision(signals, wanted, limits, {
    reason: reasonFor(signals, wanted, base),
    state: { queuedSince, shrink: state.shrink },
    wakeInMs,
  });
}

function whileServed(
  signals: Signals,
  watched: ShrinkState,
  config: StepConfig,
): Decision<StepState> {
  const { min, max, size, pending } = signals;
  const base = clamp(signals.target, min, max);
  const wanted = pending > 0 ? Math.max(base, FIRST) : base;
  const shrink = planShrink(watched, signals, {
    periodMs: config.idleMs,
    most: config.stepSize,
    floor: min,
    tickMs: config.tickMs,
    keepAfterFailures: false,
  });
  const isClosing = shrink.target < Math.min(base, size);
  return decision(signals, isClosing ? shrink.target : wanted, [...shrink.limitedBy], {
    reason: isClosing ? 'idle-surplus' : reasonFor(signals, wanted, base),
    note: isClosing ? `${shrink.unused} unused for ${formatMs(config.idleMs)}` : undefined,
    state: { queuedSince: null, shrink: shrink.state },
    wakeInMs: null,
  });
}

function reasonFor({ target }: Signals, wanted: number, base: number): Reason {
  return wanted > base ? 'queue-depth' : reasonToStay(target, base);
}

function decision(
  signals: Signals,
  wanted: number,
  limits: Limit[],
  rest: Pick<Decision<StepState>, 'reason' | 'note' | 'state' | 'wakeInMs'>,
): Decision<StepState> {
  const target = withinBounds(wanted, signals, limits);
  noteGate(target, signals, limits);
  return {
    target,
    permits: null,
    limitedBy: limits,
    candidates: { floor: signals.min, step: wanted },
    ...rest,
  };
}
