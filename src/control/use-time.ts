import { measured } from './numbers.js';
import type { DurationSummary, Signals } from './signals.js';

/** How long evidence about use times counts, in milliseconds of time in which the pool is used. */
export const USE_TIME_WINDOW_MS = 10_000;

/** Fewest uses whose median says anything. */
const ENOUGH_USES = 10;

/** Shortest use time that is believed, in milliseconds; keeps quotients finite. */
const SHORTEST_USE_MS = 0.001;

/** What is remembered of past use: two sums that fade. */
export interface UseTimeState {
  /** Connection-milliseconds in use. */
  readonly busyMs: number;
  readonly completions: number;
  /** False until the first lease came back. */
  readonly isKnown: boolean;
}

/** Nothing was used yet. */
export const NO_USE: UseTimeState = { busyMs: 0, completions: 0, isKnown: false };

/** Adds one interval. Intervals without any use are no evidence and age nothing, so a night's idling forgets nothing. */
export function observeUse(state: UseTimeState, signals: Signals): UseTimeState {
  const completions = measured(signals.completions);
  const busyMs = measured(signals.inUseMs);
  if (completions === 0 && busyMs === 0) return state;
  const keep = Math.exp(-measured(signals.intervalMs) / USE_TIME_WINDOW_MS);
  return {
    busyMs: state.busyMs * keep + busyMs,
    completions: state.completions * keep + completions,
    isKnown: state.isKnown || completions > 0,
  };
}

/**
 * Mean use time in milliseconds, or null before the first completion.
 *
 * Little's law over the remembered window: `S = ∫inUse dt / (completions + inUse)` (J. D. C. Little, "A proof for the
 * queuing formula L = λW", 1961). A lease that never returns adds one busy slot to `λ·S`, not an endless use time.
 * Leases that began just now count in the denominator before they show in the integral, which makes S too short for a
 * moment; the median of the last second's completed uses bounds it from below, if there were at least ten.
 */
export function useTimeMs(
  state: UseTimeState,
  inUse: number,
  lastSecond: DurationSummary,
): number | null {
  if (!state.isKnown) return null;
  const uses = state.completions + measured(inUse);
  const mean = uses > 0 ? state.busyMs / uses : 0;
  const { count, p50Ms } = lastSecond;
  const isMedian = count >= ENOUGH_USES && p50Ms !== null;
  const median = isMedian ? Math.min(measured(p50Ms), USE_TIME_WINDOW_MS) : 0;
  return Math.max(mean, median, SHORTEST_USE_MS);
}
