import { measured } from './numbers.js';
import type { Signals } from './signals.js';

/** Demand over a stretch of time. */
export interface DemandBucket {
  /** Start in monotonic milliseconds. */
  readonly from: number;
  readonly lengthMs: number;
  /** Integral of connections in use and callers waiting, in milliseconds. */
  readonly demandMs: number;
}

/** Buckets per window: what Knative has with a window of 60 s and a granularity of 1 s. */
const BUCKETS_PER_WINDOW = 60;
/** A bucket that ends now may seem to end this much later, in milliseconds: its length is a sum. */
const ROUNDING_MS = 1;

/** Adds the last interval to the buckets of the last `windowMs`; buckets are about a sixtieth of it long. */
export function observeDemand(
  buckets: readonly DemandBucket[],
  signals: Signals,
  windowMs: number,
): readonly DemandBucket[] {
  const { now } = signals;
  const intervalMs = measured(signals.intervalMs);
  // The clock is monotonic; buckets from another clock, or that reach beyond now, say nothing.
  const kept = buckets.filter(({ from, lengthMs }) => {
    const end = from + lengthMs;
    return from <= now && end > now - windowMs && end < now + ROUNDING_MS;
  });
  if (intervalMs === 0) return kept;
  const demandMs = measured(signals.inUseMs) + measured(signals.pendingMs);
  const last = kept.at(-1);
  if (last !== undefined && now - last.from <= windowMs / BUCKETS_PER_WINDOW) {
    const { from, lengthMs } = last;
    kept[kept.length - 1] = {
      from,
      lengthMs: lengthMs + intervalMs,
      demandMs: last.demandMs + demandMs,
    };
  } else kept.push({ from: now - intervalMs, lengthMs: intervalMs, demandMs });
  return kept;
}

/**
 * Mean demand over the last `windowMs`, or null when none of it was observed. A bucket that began earlier counts for the part
 * that lies within.
 */
export function meanDemand(
  buckets: readonly DemandBucket[],
  now: number,
  windowMs: number,
): number | null {
  let observedMs = 0;
  let demandMs = 0;
  for (const bucket of buckets) {
    const { from, lengthMs } = bucket;
    const withinMs = Math.min(lengthMs, from + lengthMs - (now - windowMs));
    if (!(withinMs > 0)) continue;
    observedMs += withinMs;
    demandMs += bucket.demandMs * (withinMs / lengthMs);
  }
  return observedMs > 0 ? demandMs / observedMs : null;
}
