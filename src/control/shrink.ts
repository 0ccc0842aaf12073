import type { Limit } from './decision.js';
import { afterClosing, observeIdle, UNWATCHED, unusedFor, type IdleWindow } from './idle-window.js';
import { clamp } from './numbers.js';
import type { CreateFailureCounts, Signals } from './signals.js';
import { NEARLY_A_TICK } from './whole-ticks.js';

/** What is remembered about closing. Instants are monotonic milliseconds. */
export interface ShrinkState {
  readonly window: IdleWindow;
  readonly closedAt: number | null;
  readonly failedAt: number | null;
}

/** Nothing was watched, closed or failed yet. */
export const NOTHING_CLOSED: ShrinkState = { window: UNWATCHED, closedAt: null, failedAt: null };

/** How shrinking may go. */
export interface ShrinkRule {
  /** Connections unused for this long may go, in milliseconds. */
  readonly periodMs: number;
  /** Most connections to close at once. */
  readonly most: number;
  /** Size below which the pool must not go. */
  readonly floor: number;
  readonly tickMs: number;
  /** Whether creates that failed within the period forbid closing: what is closed now may not come back. */
  readonly keepAfterFailures: boolean;
}

/** What may be closed now. */
export interface Shrink {
  /** Target after closing; equal to the smaller of size and target when nothing may go. */
  readonly target: number;
  /** Connections unused for the whole period; 0 while it has not been watched that long. */
  readonly unused: number;
  /** What kept more from being closed. */
  readonly limitedBy: readonly Limit[];
  readonly state: ShrinkState;
}

/** Watches one interval: idle connections and failures to connect. */
export function observeShrink(state: ShrinkState, signals: Signals, periodMs: number): ShrinkState {
  const window = observeIdle(state.window, signals, periodMs);
  const failedAt = failures(signals.createFailures) > 0 ? signals.now : state.failedAt;
  return window === state.window && failedAt === state.failedAt
    ? state
    : { window, closedAt: state.closedAt, failedAt };
}

/** Says how far the target may fall. Never while callers wait. */
export function planShrink(state: ShrinkState, signals: Signals, rule: ShrinkRule): Shrink {
  const { now, idle, pending } = signals;
  // A target from before `min` or `max` moved is neither closed to nor closed from.
  const base = Math.min(signals.size, clamp(signals.target, signals.min, signals.max));
  const room = base - rule.floor;
  const stay = (unused: number, ...limitedBy: Limit[]): Shrink => ({
    target: base,
    unused,
    limitedBy,
    state,
  });
  if (pending > 0 || idle <= 0) return stay(0);
  if (room <= 0) return rule.floor === signals.min ? stay(0, 'min') : stay(0);
  const unused = Math.min(idle, unusedFor(state.window, now, rule.periodMs) ?? 0);
  if (unused <= 0) return stay(0, 'break-even');
  if (rule.keepAfterFailures && isWithin(state.failedAt, now, rule.periodMs)) {
    return stay(unused, 'create-failures');
  }
  // Decisions at pressure do not make shrinking faster.
  if (isWithin(state.closedAt, now, NEARLY_A_TICK * rule.tickMs))
    return stay(unused, 'shrink-rate');
  const closing = Math.min(unused, rule.most, room);
  const limitedBy: Limit[] = [];
  if (closing < unused && rule.most <= closing) limitedBy.push('shrink-rate');
  if (closing < unused && room <= closing && rule.floor === signals.min) limitedBy.push('min');
  return {
    target: base - closing,
    unused,
    limitedBy,
    state: { ...state, window: afterClosing(state.window, closing), closedAt: now },
  };
}

function isWithin(instant: number | null, now: number, periodMs: number): boolean {
  return instant !== null && now >= instant && now - instant < periodMs;
}

function failures(counts: CreateFailureCounts): number {
  return counts.transient + counts.permanent + counts.serverLimit + counts.timeout;
}
