import { wholeConnections } from './numbers.js';

/** Below this many busy connections on average, whether to keep one is a matter of its idle time, not of load. */
const NEGLIGIBLE_LOAD = 0.01;

/**
 * Connections for a steady load: `R + β·√R` with the offered load `R = λ·S`, rounded up.
 *
 * Square-root staffing (Halfin and Whitt, "Heavy-traffic limits for queues with many exponential servers", 1981) with
 * the safety factor β; with 1 about one caller in five waits at all. Zero when the load is negligible.
 */
export function staffing(arrivalsPerMs: number, useMs: number, safety = 1): number {
  const load = arrivalsPerMs * useMs;
  return load < NEGLIGIBLE_LOAD ? 0 : wholeConnections(load + safety * Math.sqrt(load));
}
