import type { Signals } from './signals.js';

/** Share of busy time above which the event loop decides how long a use takes. */
const SATURATED_UTILISATION = 0.9;
/** Most of the pool that may be added per tick meanwhile, at least one connection. */
const CAUTIOUS_GROWTH = 0.1;
/** Connections that may be open whatever the event loop does. */
const ALWAYS_ALLOWED = 2;

/**
 * Most connections to aim for while the event loop has no time left, or Infinity.
 *
 * When this process is the bottleneck, waits and use times measure its own delays, and opening connections only adds
 * work (the .NET thread pool adds no threads above 95 % CPU for the same reason). Other work may keep a loop that busy
 * for good while the backend has room, so growth goes on, but slowly and not at every pressure.
 */
export function clientCap(signals: Signals): number {
  const { eventLoopUtilisation, size, target, cause } = signals;
  if (eventLoopUtilisation === null || eventLoopUtilisation <= SATURATED_UTILISATION) {
    return Number.POSITIVE_INFINITY;
  }
  const step = cause === 'tick' ? Math.max(1, Math.floor(CAUTIOUS_GROWTH * size)) : 0;
  return Math.max(ALWAYS_ALLOWED, target + step);
}
