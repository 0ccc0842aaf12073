import { USE_TIME_WINDOW_MS } from './use-time.js';
import { clamp, measured } from './numbers.js';
import type { Signals } from './signals.js';
import { NEARLY_A_TICK } from './whole-ticks.js';

/** Weight of a tick that saw more arrivals than the average. */
const RISE_PER_TICK = 0.5;
/** Weight of a tick that saw fewer. */
const FALL_PER_TICK = 0.1;
/** Shortest window of the momentary rate, in milliseconds. */
const SHORTEST_WINDOW_MS = 10;

/** What is remembered of past arrivals. Rates are per millisecond. */
export interface ArrivalState {
  /** Moving average, quick to rise and slow to fall. */
  readonly perMs: number;
  /** Arrivals that are not in the average yet, and the time they came in. */
  readonly counted: number;
  readonly countedMs: number;
  /** Momentary rate, without batches. */
  readonly momentaryPerMs: number;
}

/** Nobody came yet. */
export const NO_ARRIVALS: ArrivalState = { perMs: 0, counted: 0, countedMs: 0, momentaryPerMs: 0 };

/**
 * Adds one interval.
 *
 * Decisions also come at pressure, in the middle of a tick; a rate over half a millisecond is noise that a quick rise
 * would keep. So arrivals are counted until a tick has passed, or one use time where that is longer: then `λ·S` is at
 * most the callers who did come, and one caller with a long use never looks like many. The weight of a period of k ticks
 * is `1 − (1 − w)^k`.
 */
export function observeArrivals(
  state: ArrivalState,
  signals: Signals,
  tickMs: number,
  useMs: number | null,
  createMs: number,
): ArrivalState {
  const momentaryPerMs = momentaryRate(signals.arrivalsPerMs, createMs, state.momentaryPerMs);
  const counted = state.counted + measured(signals.arrivals);
  // Before the first use time there is no period to count over; it begins with the first caller.
  const isWaitingForFirst = useMs === null && counted === 0;
  const countedMs = isWaitingForFirst ? 0 : state.countedMs + measured(signals.intervalMs);
  const periodMs = Math.max(NEARLY_A_TICK * tickMs, Math.min(useMs ?? 0, USE_TIME_WINDOW_MS));
  if (useMs === null || countedMs < periodMs || countedMs === 0) {
    return { perMs: state.perMs, counted, countedMs, momentaryPerMs };
  }
  const rate = counted / countedMs;
  const weight = rate > state.perMs ? RISE_PER_TICK : FALL_PER_TICK;
  const share = 1 - (1 - weight) ** (countedMs / tickMs);
  const perMs = state.perMs + share * (rate - state.perMs);
  return { perMs, counted: 0, countedMs: 0, momentaryPerMs };
}

/**
 * Arrivals per millisecond now: the largest of the rates over the last 10, 20, 40, … ms up to `max(10 ms, createMs)`, each
 * less what chance may have added, `√N` of N arrivals, and without its busiest millisecond: a batch at one instant is not
 * a rate. The longest window counts as it is. A rate that has just risen shows in the short windows long before it has
 * filled the long one, and connections that are begun a create time later are ready a create time later.
 *
 * Where the interval is shorter than the longest window, the previous value stands for the rest.
 */
function momentaryRate(
  arrivalsPerMs: readonly number[],
  createMs: number,
  previousPerMs: number,
): number {
  const windowMs = Math.round(clamp(createMs, SHORTEST_WINDOW_MS, 256));
  const known = Math.min(windowMs, arrivalsPerMs.length);
  // Only a millisecond that was seen can be left out: the previous value already lacks its own busiest one.
  if (known === 0) return previousPerMs;
  let sum = 0;
  let busiest = 0;
  let most = 0;
  let next = SHORTEST_WINDOW_MS;
  for (let age = 1; age <= known; age += 1) {
    const count = measured(arrivalsPerMs[arrivalsPerMs.length - age] ?? 0);
    sum += count;
    if (count > busiest) busiest = count;
    if (age !== next) continue;
    next *= 2;
    const rest = sum - busiest;
    most = Math.max(most, (rest - Math.sqrt(rest)) / (age - 1));
  }
  const whole = (sum - busiest + previousPerMs * (windowMs - known)) / (windowMs - 1);
  return Math.max(whole, most);
}
