import { measured } from '../../src/control/numbers.js';
import type { Signals } from '../../src/control/signals.js';

/** Mean demand over a stretch of time. */
export interface Bucket {
  /** Start in monotonic milliseconds. */
  readonly from: number;
  readonly lengthMs: number;
  /** Integral of connections in use and callers waiting, in milliseconds. */
  readonly demandMs: number;
}

/** Buckets per window: what Knative has with a window of 60 s and a granularity of 1 s. */
const BUCKETS_PER_WINDOW = 60;

/** Adds the last interval to the buckets of the last `windowMs`; buckets are a sixtieth of it long. */
export function observeDemand(
  buckets: readonly Bucket[],
  signals: Signals,
  windowMs: number,
): readonly Bucket[] {
  const { now, intervalMs } = signals;
  if (intervalMs <= 0) return buckets;
  const demandMs = measured(signals.inUseMs) + measured(signals.pendingMs);
  const kept = buckets.filter(({ from }) => from > now - windowMs);
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

/** Mean demand over the last `windowMs`; 0 without buckets. */
export function meanDemand(buckets: readonly Bucket[], now: number, windowMs: number): number {
  let lengthMs = 0;
  let demandMs = 0;
  for (const bucket of buckets) {
    if (bucket.from < now - windowMs) continue;
    lengthMs += bucket.lengthMs;
    demandMs += bucket.demandMs;
  }
  return lengthMs > 0 ? demandMs / lengthMs : 0;
}
