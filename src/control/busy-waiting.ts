import { clamp, measured } from './numbers.js';
import type { Signals } from './signals.js';

/** How long it is remembered, in milliseconds. */
const MEMORY_MS = 100;

/** How busy the event loop was while callers waited: two sums that fade, in milliseconds. */
export interface BusyWaiting {
  readonly ms: number;
  readonly busyMs: number;
}

/** They have just begun to wait. */
export const JUST_WAITING: BusyWaiting = { ms: 0, busyMs: 0 };

/** Adds one interval; without effect where the event loop is not measured. */
export function addWaiting(before: BusyWaiting, signals: Signals): BusyWaiting {
  const { eventLoopUtilisation, intervalMs } = signals;
  if (eventLoopUtilisation === null) return before;
  const ms = measured(intervalMs);
  const keep = Math.exp(-ms / MEMORY_MS);
  const busyMs = before.busyMs * keep + ms * clamp(eventLoopUtilisation, 0, 1);
  return { ms: before.ms * keep + ms, busyMs };
}

/** Share of busy time, 0..1; 0 while nothing is known. */
export function busyShare({ ms, busyMs }: BusyWaiting): number {
  return ms > 0 ? clamp(busyMs / ms, 0, 1) : 0;
}
