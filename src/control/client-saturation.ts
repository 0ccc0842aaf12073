import { clamp, measured } from './numbers.js';
import type { Signals } from './signals.js';

/** Share of busy time above which the event loop limits what more connections can bring. */
const NOTEWORTHY_UTILISATION = 0.5;
/** Share of busy time above which the event loop decides how long a use takes. */
const SATURATED_UTILISATION = 0.9;
/** Time over which it must be that busy to be called saturated, in milliseconds: the time constant of a moving average. */
const WINDOW_MS = 500;
/** Most of the pool that may be added per pause meanwhile, at least one connection. */
const CAUTIOUS_GROWTH = 0.1;
/** Time between two steps of growth meanwhile, in milliseconds. */
const PAUSE_MS = 1_000;
/** Connections that may be open whatever the event loop does. */
const ALWAYS_ALLOWED = 2;

/** What is remembered of a busy event loop. */
export interface ClientState {
  /** Moving average of the share of busy time, 0..1. */
  readonly utilisation: number;
  /** When growth was last allowed all the same, in monotonic milliseconds, or null. */
  readonly grewAt: number | null;
}

/** Adds one interval; null where the event loop is not measured. */
export function observeClient(previous: ClientState | null, signals: Signals): ClientState | null {
  const { eventLoopUtilisation, intervalMs } = signals;
  if (eventLoopUtilisation === null) return null;
  const { utilisation: before, grewAt } = previous ?? { utilisation: 0, grewAt: null };
  const weight = 1 - Math.exp(-measured(intervalMs) / WINDOW_MS);
  const utilisation = before + weight * (clamp(eventLoopUtilisation, 0, 1) - before);
  return utilisation === before && previous !== null ? previous : { utilisation, grewAt };
}

/**
 * Most connections to aim for while the event loop is busy, or Infinity.
 *
 * An event loop that is busy for a share U of the time can carry at most 1/U times the present throughput (utilisation
 * law; P. J. Denning and J. P. Buzen, "The operational analysis of queueing network models", 1978), so more than 1/U
 * times the open connections cannot help before something else changes. When it has no time left at all, waits and use
 * times measure its own delays, and growth is held (the .NET thread pool adds no threads above 95 % CPU for the same
 * reason). Other work may keep a loop that busy for good while the backend has room, so one small step per second is
 * allowed.
 */
export function clientCap(signals: Signals, client: ClientState | null): number {
  const { eventLoopUtilisation: now, size, target } = signals;
  if (now === null || client === null) return Number.POSITIVE_INFINITY;
  if (Math.max(now, client.utilisation) <= SATURATED_UTILISATION) {
    return clientCeiling(signals) ?? Number.POSITIVE_INFINITY;
  }
  const step = isStepDue(signals.now, client) ? Math.max(1, Math.floor(CAUTIOUS_GROWTH * size)) : 0;
  return Math.max(ALWAYS_ALLOWED, target + step);
}

function isStepDue(now: number, { utilisation, grewAt }: ClientState): boolean {
  // A moment in which much happens at once is over before a step would help.
  if (utilisation <= SATURATED_UTILISATION) return false;
  return grewAt === null || now < grewAt || now - grewAt >= PAUSE_MS;
}

/** `open / U` connections, rounded up: what this process could keep busy with the rest of its time; null if it has plenty. */
export function clientCeiling(signals: Signals): number | null {
  const { eventLoopUtilisation: utilisation, size, creating } = signals;
  if (utilisation === null || !(utilisation > NOTEWORTHY_UTILISATION)) return null;
  return Math.max(ALWAYS_ALLOWED, Math.ceil(Math.max(0, size - creating) / utilisation));
}
