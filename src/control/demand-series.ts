import { instant, measured } from './numbers.js';
import type { Signals } from './signals.js';

/** How time is cut. */
export interface SeriesShape {
  readonly bucketMs: number;
  /** After more buckets without any decision the series begins anew. */
  readonly longestGap: number;
}

/** The bucket that is not over yet. */
export interface OpenBucket {
  /** Start of the series in monotonic milliseconds. */
  readonly origin: number;
  /** Buckets before this one. */
  readonly index: number;
  readonly arrivals: number;
  /** Most connections in use and callers waiting at once. */
  readonly peakDemand: number;
}

/** What a decision adds to the series. */
export interface SeriesStep {
  readonly open: OpenBucket;
  /** Demand of the buckets that are over now, in connections; oldest first. */
  readonly closed: readonly number[];
  /** Whether what came before no longer counts. */
  readonly hasRestarted: boolean;
}

/**
 * Adds one interval. It belongs to the bucket in which its middle lies, since a decision right at the end of a bucket is
 * about that bucket. Buckets that passed without any decision had the mean rate of the interval.
 */
export function observeSeries(
  previous: OpenBucket | null,
  signals: Signals,
  shape: SeriesShape,
  demandOf: (arrivalsPerMs: number, peakDemand: number) => number,
): SeriesStep {
  const { bucketMs } = shape;
  const now = instant(signals.now);
  const intervalMs = measured(signals.intervalMs);
  const arrivals = measured(signals.arrivals);
  const peakDemand = measured(signals.peakDemand);
  const middle = now - Math.min(intervalMs, bucketMs) / 2;
  const index = previous === null ? 0 : Math.floor((middle - previous.origin) / bucketMs);
  const passed = previous === null ? 0 : Math.max(0, index - previous.index);
  const isOtherClock = previous !== null && now < startOf(previous, bucketMs);
  if (previous === null || isOtherClock || passed > shape.longestGap) {
    const open = { origin: now, index: 0, arrivals, peakDemand };
    return { open, closed: [], hasRestarted: true };
  }
  if (passed === 0) {
    const open = {
      ...previous,
      arrivals: measured(previous.arrivals + arrivals),
      peakDemand: Math.max(previous.peakDemand, peakDemand),
    };
    return { open, closed: [], hasRestarted: false };
  }
  const perBucket = arrivals * Math.min(1, bucketMs / intervalMs);
  const closed = [demandOf(previous.arrivals / bucketMs, previous.peakDemand)];
  for (let gap = 1; gap < passed; gap += 1) closed.push(demandOf(perBucket / bucketMs, 0));
  const open = { origin: previous.origin, index, arrivals: perBucket, peakDemand };
  return { open, closed, hasRestarted: false };
}

/** When the bucket began, in monotonic milliseconds. */
export function startOf({ origin, index }: OpenBucket, bucketMs: number): number {
  return origin + index * bucketMs;
}
