import { clamp, measured } from './numbers.js';
import { openNow, type Signals } from './signals.js';

/** How long it is remembered, in milliseconds. */
const MEMORY_MS = 100;

/** How busy the event loop was while callers waited, and how many connections were open: sums over milliseconds that fade. */
export interface BusyWaiting {
  readonly ms: number;
  readonly busyMs: number;
  readonly openMs: number;
}

const JUST_WAITING: BusyWaiting = { ms: 0, busyMs: 0, openMs: 0 };

/**
 * Adds one interval in which callers waited; null before the first. The one in which they began to was mostly before that,
 * and does not count. Without effect where the event loop is not measured.
 */
export function observeWaiting(before: BusyWaiting | null, signals: Signals): BusyWaiting {
  const { eventLoopUtilisation, intervalMs } = signals;
  if (before === null) return JUST_WAITING;
  if (eventLoopUtilisation === null) return before;
  const ms = measured(intervalMs);
  const keep = Math.exp(-ms / MEMORY_MS);
  const busyMs = before.busyMs * keep + ms * clamp(eventLoopUtilisation, 0, 1);
  const openMs = before.openMs * keep + ms * openNow(signals);
  return { ms: before.ms * keep + ms, busyMs, openMs };
}

/** Share of busy time, 0..1; 0 while nothing is known or nobody waits. */
export function busyShare(waiting: BusyWaiting | null): number {
  return waiting !== null && waiting.ms > 0 ? clamp(waiting.busyMs / waiting.ms, 0, 1) : 0;
}

/** Connections that were open on average; Infinity while nothing is known or nobody waits. */
export function openMeanwhile(waiting: BusyWaiting | null): number {
  return waiting !== null && waiting.ms > 0
    ? waiting.openMs / waiting.ms
    : Number.POSITIVE_INFINITY;
}
