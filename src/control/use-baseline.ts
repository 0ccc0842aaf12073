import { addSamples, NO_SAMPLE, type Sample } from './throughput.js';

/** Completions whose mean use time is worth comparing; of earlier ticks no more count. */
const ENOUGH_COMPLETIONS = 50;
/** Weight of a shorter use time. */
const FALL_PER_TICK = 0.1;
/** How much of itself the baseline gains per tick while uses take longer. */
const RISE_PER_TICK = 0.000_5;
/** Shortest baseline in milliseconds: one of nothing would never rise again. */
const SHORTEST_MS = 0.001;
/** Use time above its baseline by this factor calls for a test. */
const HOT = 1.5;

/** How long a use takes, and how long it takes when the backend has room. */
export interface UseBaseline {
  /** The last tick, and so many before it that enough uses have ended. */
  readonly recent: Sample;
  /** Milliseconds; null until uses came back while nobody waited. */
  readonly baselineMs: number | null;
}

/** Nothing was used yet. */
export const NO_BASELINE: UseBaseline = { recent: NO_SAMPLE, baselineMs: null };

/**
 * Adds one tick. The baseline falls quickly and rises slowly; while callers wait it only falls, because then uses may
 * take longer for their number.
 */
export function observeBaseline(state: UseBaseline, tick: Sample, isQueued: boolean): UseBaseline {
  if (tick.completions === 0 && tick.busyMs === 0) return state;
  const { ms, completions, busyMs } = state.recent;
  const keep = completions > ENOUGH_COMPLETIONS ? ENOUGH_COMPLETIONS / completions : 1;
  const faded = { ms: ms * keep, completions: completions * keep, busyMs: busyMs * keep };
  const recent = addSamples(faded, tick);
  const next = { recent, baselineMs: state.baselineMs };
  if (recent.completions < ENOUGH_COMPLETIONS) return next;
  const useMs = Math.max(SHORTEST_MS, recent.busyMs / recent.completions);
  return { recent, baselineMs: adapted(state.baselineMs, useMs, isQueued) };
}

function adapted(baselineMs: number | null, useMs: number, isQueued: boolean): number | null {
  if (baselineMs === null) return isQueued ? null : useMs;
  if (useMs < baselineMs) return baselineMs + FALL_PER_TICK * (useMs - baselineMs);
  return isQueued ? baselineMs : Math.min(useMs, baselineMs * (1 + RISE_PER_TICK));
}

/** Mean use time of the last ticks in milliseconds; 0 before the first completion. */
export function recentUseMs({ recent }: UseBaseline): number {
  return recent.completions > 0 ? recent.busyMs / recent.completions : 0;
}

/** Whether uses take so much longer than usual that their number may be why. Without a baseline they may. */
export function isHot(state: UseBaseline): boolean {
  const { recent, baselineMs } = state;
  if (recent.completions < ENOUGH_COMPLETIONS) return false;
  return baselineMs === null || recentUseMs(state) > HOT * baselineMs;
}
