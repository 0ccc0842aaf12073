import { wholeConnections } from './numbers.js';

/** Below this many busy connections on average, whether to keep one is a matter of its idle time, not of load. */
const NEGLIGIBLE_LOAD = 0.01;

/**
 * Connections for a steady load: `R + √R` with the offered load `R = λ·S`, rounded up.
 *
 * Square-root staffing (Halfin and Whitt, "Heavy-traffic limits for queues with many exponential servers", 1981) with
 * a safety factor of 1, at which about one caller in five waits at all. Zero when the load is negligible.
 */
export function staffing(arrivalsPerMs: number, useMs: number): number {
  const load = arrivalsPerMs * useMs;
  return load < NEGLIGIBLE_LOAD ? 0 : wholeConnections(load + Math.sqrt(load));
}
