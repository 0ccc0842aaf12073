import { clamp } from './numbers.js';

/** Create times after which an unused connection costs more than opening it anew. */
export const IDLE_COST_RATIO = 1_000;

const SHORTEST_MS = 10_000;
const LONGEST_MS = 300_000;

/**
 * Idle time in milliseconds after which closing a connection is cheaper than keeping it: `clamp(1000·C, 10 s, 300 s)`.
 *
 * The ski-rental argument behind DelayedOff (Gandhi, Gupta, Harchol-Balter and Kozuch, "Optimality analysis of
 * energy-performance trade-off for server farm management", 2010): wait as long as reopening would cost and the bill
 * is at most twice the best possible one. A thousand create times keep the share of time spent connecting below 0.1 %.
 *
 * @param costRatio Cost of opening a connection over the cost of keeping one for a create time.
 */
export function breakEvenIdleMs(
  createMs: number | null,
  costRatio: number = IDLE_COST_RATIO,
): number {
  return createMs === null ? SHORTEST_MS : clamp(costRatio * createMs, SHORTEST_MS, LONGEST_MS);
}
