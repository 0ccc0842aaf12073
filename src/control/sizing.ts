import { lookAhead } from './backlog.js';
import { IDLE_COST_RATIO } from './break-even.js';
import { coldStart, type ColdStart } from './cold-start.js';
import type { Decision, Limit, Reason } from './decision.js';
import { addLimit, noteGate, withinBounds } from './limits.js';
import type { Load, LoadRules, LoadState } from './load.js';
import { clamp } from './numbers.js';
import type { PolicyConfig } from './policy.js';
import { planShrink } from './shrink.js';
import { openNow, type Signals } from './signals.js';
import { staffing } from './staffing.js';
import { reasonToStay } from './stay.js';
import { formatMs } from './words.js';

/** While callers wait, the next look comes no sooner than this, in milliseconds. */
const SHORTEST_LOOK_MS = 20;

/** How to size by load. */
export interface SizingRules extends PolicyConfig, LoadRules {
  /** Connections beyond the offered load R for a steady load, in units of √R. */
  readonly staffingSafety: number;
  /** Create times in which a backlog is drained: the larger, the smaller the overshoot and the longer the queue. */
  readonly drainCreateTimes: number;
  /** Time in which the connections opened without evidence double, in milliseconds. */
  readonly coldDoublingMs: number;
  /** Most of the pool that may be closed in one tick, 0..1; at least one connection. */
  readonly shrinkShare: number;
  /** Differences up to this part of the size, or one connection, are not worth growing for while nobody waits, 0..1. */
  readonly tolerance: number;
}

/** What the plain rules are, before anybody changed them. */
export const SIZING_DEFAULTS: Omit<
  SizingRules,
  keyof PolicyConfig | 'idleBeforeCloseMs' | 'tolerance'
> = {
  idleCostRatio: IDLE_COST_RATIO,
  staffingSafety: 1,
  drainCreateTimes: 1.25,
  coldDoublingMs: 50,
  shrinkShare: 0.1,
};

/** What a further rule asks for while a use time is known. */
export interface Standing {
  readonly reason: Reason;
  readonly size: number;
}

/** What the load asks for. */
export interface Wish {
  /** The largest candidate after the waiters' limit, before min and max. */
  readonly size: number;
  readonly reason: Reason;
  readonly limits: readonly Limit[];
  readonly candidates: Readonly<Record<string, number>>;
  readonly wakeInMs: number | null;
}

/** The largest of the minimum, the steady load, what drains the backlog, and what a further rule asks for. */
export function wishFor(
  signals: Signals,
  load: Load,
  rules: SizingRules,
  standing: Standing | null = null,
): Wish {
  const { state, useMs, createMs } = load;
  const { pending, creating, min, max } = signals;
  const cold = state.cold === null ? null : coldStart(signals, state.cold, rules.coldDoublingMs);
  if (useMs === null) return coldWish(signals, cold);

  const steady = staffing(state.arrivals.perMs, useMs, rules.staffingSafety);
  const usable = openNow(signals);
  const backlog = lookAhead({
    pending,
    arrivalsPerMs: state.arrivals.momentaryPerMs,
    usable,
    creating,
    useMs: load.presentUseMs ?? useMs,
    createMs,
    creatingForMs: signals.oldestCreateMs,
    waitObjectiveMs: rules.waitObjectiveMs,
    drainCreateTimes: rules.drainCreateTimes,
  });
  // One connection in flight per waiter is the most that can help.
  const useful = usable + pending;
  const believed = cold === null ? useful : Math.min(useful, Math.max(usable, cold.size));
  const drain = Math.min(backlog.need, believed);
  const isCapped = backlog.need > believed && believed >= steady && believed < max;
  const standingSize =
    cold === null ? (standing?.size ?? 0) : Math.min(standing?.size ?? 0, believed);
  const wanted = Math.max(min, steady, drain, standingSize);
  const candidates: Record<string, number> = { floor: min, staffing: steady, drain: backlog.need };
  if (standing !== null) candidates[standing.reason] = standing.size;
  // A batch brings no further pressure, so its own queue must ask for the next look.
  const lookMs = Math.max(SHORTEST_LOOK_MS, 2 * Math.max(createMs, rules.waitObjectiveMs));
  return {
    size: wanted,
    reason: reasonFor(wanted, min, steady, standing),
    limits: isCapped ? [believed < useful ? 'thin-evidence' : 'creates-in-flight'] : [],
    candidates,
    wakeInMs: pending > 0 && wanted < max ? soonest(cold?.wakeInMs, lookMs, rules.tickMs) : null,
  };
}

/** The earlier of two looks, or null if the next tick comes before both. */
function soonest(coldMs: number | null | undefined, lookMs: number, tickMs: number): number | null {
  const wakeInMs = Math.min(coldMs ?? lookMs, lookMs);
  return wakeInMs < tickMs ? Math.max(1, wakeInMs) : null;
}

function reasonFor(wanted: number, min: number, steady: number, standing: Standing | null): Reason {
  if (wanted <= min) return 'floor';
  if (wanted <= steady) return 'staffing';
  return standing !== null && wanted <= standing.size ? standing.reason : 'drain';
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

/** The decision that follows from a wish: grow at once, shrink slowly. */
export function decideSize(
  signals: Signals,
  load: Load,
  wish: Wish,
  rules: SizingRules,
): Decision<LoadState> {
  const base = clamp(signals.target, signals.min, signals.max);
  const isWithdrawing =
    wish.size < base && signals.size < base && signals.creating >= signals.pending;
  if (wish.size > base || signals.pending > 0 || isWithdrawing) {
    return grow(signals, load.state, wish, base, isWithdrawing, rules.tolerance);
  }
  return shrink(signals, load, wish, base, rules);
}

/** Callers wait or more is needed: the target rises, stays, or gives up connections that were not begun. */
function grow(
  signals: Signals,
  state: LoadState,
  wish: Wish,
  base: number,
  isWithdrawing: boolean,
  tolerance: number,
): Decision<LoadState> {
  const kept = isWithdrawing ? Math.max(signals.size, signals.min) : base;
  const limits = wish.size >= kept ? [...wish.limits] : [];
  // One instead of none is no small difference.
  const isSmall = kept > 0 && wish.size - kept <= Math.max(1, Math.floor(tolerance * kept));
  const isLeft = tolerance > 0 && isSmall && wish.size > kept && signals.pending === 0;
  if (isLeft) addLimit(limits, 'tolerance');
  const target = withinBounds(isLeft ? kept : Math.max(wish.size, kept), signals, limits);
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
  // The backlog asks for more, only its evidence is not believed yet.
  if (wish.limits.includes('thin-evidence')) return 'drain';
  const isWantedAsItIs = wish.size >= target && wish.size > signals.size - signals.creating;
  return isWantedAsItIs ? wish.reason : 'returns-suffice';
}

/** Nobody waits and nothing more is needed: the target stays or falls. */
function shrink(
  signals: Signals,
  load: Load,
  wish: Wish,
  base: number,
  rules: SizingRules,
): Decision<LoadState> {
  const { size, target: before } = signals;
  const plan = planShrink(load.state.shrink, signals, {
    periodMs: load.idleMs,
    most: Math.max(1, Math.floor(size * rules.shrinkShare)),
    floor: wish.size,
    tickMs: rules.tickMs,
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
    note: isClosing ? surplusNote(plan.unused, load) : undefined,
    limitedBy: limits,
    candidates: wish.candidates,
    state: isClosing ? { ...load.state, shrink: plan.state } : load.state,
    wakeInMs: wish.wakeInMs,
  };
}

function surplusNote(unused: number, { idleMs, state }: Load): string {
  const them = unused === 1 ? 'it' : 'them';
  const cost = state.createMs === null ? '' : ` (${formatMs(state.createMs)})`;
  return `${unused} unused for ${formatMs(idleMs)}, keeping ${them} costs more than reopening${cost}`;
}
