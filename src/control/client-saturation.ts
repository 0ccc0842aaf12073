import type { Signals } from './signals.js';

/** Share of busy time above which the event loop limits what more connections can bring. */
const NOTEWORTHY_UTILISATION = 0.5;
/** Share of busy time above which the event loop decides how long a use takes. */
const SATURATED_UTILISATION = 0.9;
/** Most of the pool that may be added per tick meanwhile, at least one connection. */
const CAUTIOUS_GROWTH = 0.1;
/** Connections that may be open whatever the event loop does. */
const ALWAYS_ALLOWED = 2;

/**
 * Most connections to aim for while the event loop is busy, or Infinity.
 *
 * An event loop that is busy for a share U of the time can carry at most 1/U times the present throughput (utilisation
 * law; P. J. Denning and J. P. Buzen, "The operational analysis of queueing network models", 1978), so more than 1/U
 * times the open connections cannot help before something else changes. When it has no time left at all, waits and use
 * times measure its own delays (the .NET thread pool adds no threads above 95 % CPU for the same reason). Other work may
 * keep a loop that busy for good while the backend has room, so growth goes on, but slowly and not at every pressure.
 */
export function clientCap(signals: Signals): number {
  const { eventLoopUtilisation: utilisation, size, target, cause } = signals;
  const ceiling = clientCeiling(signals);
  if (ceiling === null) return Number.POSITIVE_INFINITY;
  if (utilisation === null || utilisation <= SATURATED_UTILISATION) return ceiling;
  const step = cause === 'tick' ? Math.max(1, Math.floor(CAUTIOUS_GROWTH * size)) : 0;
  return Math.max(ALWAYS_ALLOWED, target + step);
}

/** `open / U` connections, rounded up: what this process could keep busy with the rest of its time; null if it has plenty. */
export function clientCeiling(signals: Signals): number | null {
  const { eventLoopUtilisation: utilisation, size, creating } = signals;
  if (utilisation === null || !(utilisation > NOTEWORTHY_UTILISATION)) return null;
  return Math.max(ALWAYS_ALLOWED, Math.ceil(Math.max(0, size - creating) / utilisation));
}
