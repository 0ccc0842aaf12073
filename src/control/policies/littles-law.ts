import { NO_ARRIVALS, observeArrivals, type ArrivalState } from '../arrival-rate.js';
import { lookAhead } from '../backlog.js';
import { breakEvenIdleMs } from '../break-even.js';
import { coldStart, observeCold, type ColdStart, type ColdState } from '../cold-start.js';
import type { Decision, Limit, Reason } from '../decision.js';
import { numberFrom, type FieldRule } from '../fields.js';
import { noteGate, withinBounds } from '../limits.js';
import { clamp, measured } from '../numbers.js';
import type { Policy, PolicyConfig } from '../policy.js';
import { NOTHING_CLOSED, observeShrink, planShrink, type ShrinkState } from '../shrink.js';
import type { Signals } from '../signals.js';
import { staffing } from '../staffing.js';
import { reasonToStay } from '../stay.js';
import { NO_USE, observeUse, useTimeMs, type UseTimeState } from '../use-time.js';
import { formatMs } from '../words.js';

/** Assumed create time before any connection was opened, in milliseconds. */
const UNKNOWN_CREATE_MS = 10;
/** Most of the pool that may be closed in one tick. */
const SHRINK_SHARE = 0.1;
/** While callers wait, the next look comes no sooner than this, in milliseconds. */
const SHORTEST_LOOK_MS = 20;

/** Options of the policy `littles-law`: as many connections as the measured load needs, soon enough and no longer. */
export interface LittlesLawOptions {
  /**
   * How long connections must be unused before they are closed, in milliseconds, 1 to 86,400,000.
   * @default the break-even time: 1,000 create times, at least 10 s and at most 300 s
   */
  readonly idleBeforeCloseMs?: number | undefined;
}

/** Resolved options of `littles-law`. */
export interface LittlesLawConfig extends PolicyConfig {
  /** Idle time before closing in milliseconds, or null for the break-even time. */
  readonly idleBeforeCloseMs: number | null;
}

/** What `littles-law` remembers. */
export interface LittlesLawState {
  readonly use: UseTimeState;
  readonly arrivals: ArrivalState;
  /** Last known median create time in milliseconds: the signals cover only the last second. */
  readonly createMs: number | null;
  /** The episode of waiting without enough evidence, or null. */
  readonly cold: ColdState | null;
  readonly shrink: ShrinkState;
}

/** What the fields of {@link LittlesLawOptions} must be. */
export const littlesLawRules: Readonly<Record<string, FieldRule>> = {
  idleBeforeCloseMs: numberFrom(1, 86_400_000),
};

/** {@link LittlesLawOptions} with defaults. */
export function resolveLittlesLaw(
  options: LittlesLawOptions,
  base: PolicyConfig,
): LittlesLawConfig {
  return {
    waitObjectiveMs: base.waitObjectiveMs,
    tickMs: base.tickMs,
    idleBeforeCloseMs: options.idleBeforeCloseMs ?? null,
  };
}

/**
 * The largest of three sizes: the minimum, `R + √R` for the steady load, and what drains the backlog that will remain when
 * a new connection is ready. Connections that nobody needed for the break-even idle time are closed.
 */
export const littlesLawPolicy: Policy<LittlesLawState, LittlesLawConfig> = {
  name: 'littles-law',
  init: () => ({
    use: NO_USE,
    arrivals: NO_ARRIVALS,
    createMs: null,
    cold: null,
    shrink: NOTHING_CLOSED,
  }),
  decide(
    signals: Signals,
    previous: LittlesLawState,
    config: LittlesLawConfig,
  ): Decision<LittlesLawState> {
    const observed = observe(signals, previous, config);
    const wish = wishFor(signals, observed, config);
    const base = clamp(signals.target, signals.min, signals.max);
    const isWithdrawing =
      wish.size < base && signals.size < base && signals.creating >= signals.pending;
    if (wish.size > base || signals.pending > 0 || isWithdrawing) {
      return grow(signals, observed.state, wish, base, isWithdrawing);
    }
    return shrink(signals, observed, wish, base, config);
  },
};

interface Observed {
  readonly state: LittlesLawState;
  readonly useMs: number | null;
  readonly createMs: number;
  /** Idle time before closing. */
  readonly periodMs: number;
}

/** The measurements of one interval added to the memory. */
function observe(signals: Signals, previous: LittlesLawState, config: LittlesLawConfig): Observed {
  const median = signals.create.p50Ms;
  const known = median === null ? previous.createMs : measured(median);
  const createMs = known ?? Math.max(measured(signals.oldestCreateMs), UNKNOWN_CREATE_MS);
  const use = observeUse(previous.use, signals);
  const useMs = useTimeMs(use, signals.inUse, signals.use.p50Ms);
  const periodMs = config.idleBeforeCloseMs ?? breakEvenIdleMs(known);
  const state: LittlesLawState = {
    use,
    arrivals: observeArrivals(previous.arrivals, signals, config.tickMs, useMs, createMs),
    createMs: known,
    cold: observeCold(previous.cold, signals, use.completions),
    shrink: observeShrink(previous.shrink, signals, periodMs),
  };
  return { state, useMs, createMs, periodMs };
}

interface Wish {
  /** The largest candidate after the waiters' limit, before min and max. */
  readonly size: number;
  readonly reason: Reason;
  readonly limits: readonly Limit[];
  readonly candidates: Readonly<Record<string, number>>;
  readonly wakeInMs: number | null;
}

/** What the load asks for. */
function wishFor(signals: Signals, observed: Observed, config: LittlesLawConfig): Wish {
  const { state, useMs, createMs } = observed;
  const { pending, size, creating, min, max } = signals;
  const cold = state.cold === null ? null : coldStart(signals, state.cold);
  if (useMs === null) return coldWish(signals, cold);

  const steady = staffing(state.arrivals.perMs, useMs);
  const usable = Math.max(0, size - creating);
  const backlog = lookAhead({
    pending,
    arrivalsPerMs: state.arrivals.momentaryPerMs,
    usable,
    creating,
    useMs,
    createMs,
    waitObjectiveMs: config.waitObjectiveMs,
  });
  // One connection in flight per waiter is the most that can help.
  const useful = usable + pending;
  const believed = cold === null ? useful : Math.min(useful, Math.max(usable, cold.size));
  const drain = Math.min(backlog.need, believed);
  const isCapped = backlog.need > believed && believed >= steady && believed < max;
  const wanted = Math.max(min, steady, drain);
  // A batch brings no further pressure, so its own queue must ask for the next look.
  const lookMs = Math.max(SHORTEST_LOOK_MS, 2 * Math.max(createMs, config.waitObjectiveMs));
  return {
    size: wanted,
    reason: reasonFor(wanted, min, steady),
    limits: isCapped ? [believed < useful ? 'thin-evidence' : 'creates-in-flight'] : [],
    candidates: { floor: min, staffing: steady, drain: backlog.need },
    wakeInMs: pending > 0 && wanted < max ? soonest(cold?.wakeInMs, lookMs, config.tickMs) : null,
  };
}

/** The earlier of two looks, or null if the next tick comes before both. */
function soonest(coldMs: number | null | undefined, lookMs: number, tickMs: number): number | null {
  const wakeInMs = Math.min(coldMs ?? lookMs, lookMs);
  return wakeInMs < tickMs ? Math.max(1, wakeInMs) : null;
}

function reasonFor(wanted: number, min: number, steady: number): Reason {
  if (wanted <= min) return 'floor';
  return wanted <= steady ? 'staffing' : 'drain';
}

function coldWish(signals: Signals, cold: ColdStart | null): Wish {
  const { min, pending } = signals;
  if (pending <= 0 || cold === null) {
    const candidates = { floor: min };
    return { size: min, reason: 'floor', limits: [], candidates, wakeInMs: null };
  }
  return {
    size: Math.max(min, cold.size),
    reason: cold.size > min ? 'cold-start' : 'floor',
    limits: cold.size === cold.useful && cold.size < signals.max ? ['creates-in-flight'] : [],
    candidates: { floor: min, 'cold-start': cold.size },
    wakeInMs: cold.wakeInMs,
  };
}

/** Callers wait or more is needed: the target rises, stays, or gives up connections that were not begun. */
function grow(
  signals: Signals,
  state: LittlesLawState,
  wish: Wish,
  base: number,
  isWithdrawing: boolean,
): Decision<LittlesLawState> {
  const kept = isWithdrawing ? Math.max(signals.size, signals.min) : base;
  const limits = wish.size >= kept ? [...wish.limits] : [];
  const target = withinBounds(Math.max(wish.size, kept), signals, limits);
  noteGate(target, signals, limits);
  const withdrawn = base - target;
  return {
    target,
    permits: null,
    reason: target > signals.target ? wish.reason : heldReason(signals, wish, target),
    note: withdrawn > 0 ? `${withdrawn} not begun and no longer needed` : undefined,
    limitedBy: limits,
    candidates: wish.candidates,
    state,
    wakeInMs: wish.wakeInMs,
  };
}

/** Why the target does not rise although callers wait. */
function heldReason(signals: Signals, wish: Wish, target: number): Reason {
  if (signals.pending > 0 && 'cold-start' in wish.candidates) return 'cold-start';
  const isWantedAsItIs = wish.size >= target && wish.size > signals.size - signals.creating;
  return isWantedAsItIs ? wish.reason : 'returns-suffice';
}

/** Nobody waits and nothing more is needed: the target stays or falls. */
function shrink(
  signals: Signals,
  observed: Observed,
  wish: Wish,
  base: number,
  config: LittlesLawConfig,
): Decision<LittlesLawState> {
  const { size, target: before } = signals;
  const plan = planShrink(observed.state.shrink, signals, {
    periodMs: observed.periodMs,
    most: Math.max(1, Math.floor(size * SHRINK_SHARE)),
    floor: wish.size,
    tickMs: config.tickMs,
    keepAfterFailures: true,
  });
  const isClosing = plan.target < Math.min(base, size);
  const limits = [...plan.limitedBy];
  const target = withinBounds(isClosing ? plan.target : base, signals, limits);
  noteGate(target, signals, limits);
  return {
    target,
    permits: null,
    reason: isClosing ? 'idle-surplus' : reasonToStay(before, target),
    note: isClosing ? surplusNote(plan.unused, observed) : undefined,
    limitedBy: limits,
    candidates: wish.candidates,
    state: isClosing ? { ...observed.state, shrink: plan.state } : observed.state,
    wakeInMs: wish.wakeInMs,
  };
}

function surplusNote(unused: number, { periodMs, state }: Observed): string {
  const them = unused === 1 ? 'it' : 'them';
  const cost = state.createMs === null ? '' : ` (${formatMs(state.createMs)})`;
  return `${unused} unused for ${formatMs(periodMs)}, keeping ${them} costs more than reopening${cost}`;
}
