import { clamp } from './numbers.js';

/** The period is watched in this many slices, so the answer is at most one slice late. */
const SLICES = 4;
/** Most slices remembered, whatever happens to the period. */
const MOST_SLICES = 8;

/** Lowest number of idle connections per slice of time, oldest first. Both lists have the same length. */
export interface IdleWindow {
  readonly starts: readonly number[];
  readonly lows: readonly number[];
}

/** Nothing was watched yet. */
export const UNWATCHED: IdleWindow = { starts: [], lows: [] };

/** What one interval showed. */
export interface IdleSample {
  readonly now: number;
  readonly idle: number;
  readonly lowestIdle: number;
}

/** Adds one interval and forgets slices that ended before the period. Gives the same object when nothing changed. */
export function observeIdle(window: IdleWindow, sample: IdleSample, periodMs: number): IdleWindow {
  const { now, idle } = sample;
  const lowest = clamp(sample.lowestIdle, 0, idle);
  const last = window.starts.length - 1;
  const lastStart = window.starts[last];
  const lastLow = window.lows[last];
  // The clock is monotonic; a restored state from another clock starts afresh.
  if (lastStart === undefined || lastLow === undefined || lastStart > now) {
    return { starts: [now], lows: [lowest] };
  }
  const isSliceOver = now - lastStart >= periodMs / SLICES;
  if (!isSliceOver && lowest >= lastLow) return window;
  const lows = window.lows.slice();
  lows[last] = Math.min(lastLow, lowest);
  if (!isSliceOver) return { starts: window.starts, lows };
  const starts = window.starts.slice();
  starts.push(now);
  lows.push(Math.max(0, idle));
  while (starts.length > 1 && (starts[1] ?? now) <= now - periodMs) {
    starts.shift();
    lows.shift();
  }
  if (starts.length > MOST_SLICES) {
    starts.splice(1, 1);
    lows.splice(0, 2, Math.min(lows[0] ?? 0, lows[1] ?? 0));
  }
  return { starts, lows };
}

/** Connections that nobody needed for the whole period, or null if it has not been watched that long. */
export function unusedFor(window: IdleWindow, now: number, periodMs: number): number | null {
  const start = window.starts[0];
  if (start === undefined || now - start < periodMs) return null;
  // Idle connections are lent last in, first out, so the lowest idle count is the same connections all the time.
  return Math.min(...window.lows);
}

/** The window after `count` unused connections were closed: they are no longer there to be unused. */
export function afterClosing(window: IdleWindow, count: number): IdleWindow {
  return { starts: window.starts, lows: window.lows.map((low) => Math.max(0, low - count)) };
}
