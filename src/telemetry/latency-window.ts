import { build, type Histogram } from 'hdr-histogram-js';
import type { DurationSummary } from '../control/signals.js';

const SLICES = 10;
const BUFFER_LENGTH = 1_024;
const MAX_US = 60_000_000;

/** The summary of a window without samples. */
export const EMPTY_SUMMARY: DurationSummary = Object.freeze({
  count: 0,
  meanMs: null,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  maxMs: null,
});

interface Slice {
  /** Made when the slice first has something to hold. */
  histogram: Histogram | null;
  count: number;
  zeros: number;
  sumMs: number;
  maxMs: number;
}

/**
 * Durations over the last ten slices of time. Recording costs a store into a preallocated buffer; the histograms see the
 * values when the buffer is full or a summary is asked for. Values are kept in whole microseconds from 1 µs to 60 s with
 * an error of at most one percent; the mean and the maximum are exact; zeros, and whatever is not
 * above zero, are counted and not recorded.
 */
export class LatencyWindow {
  readonly #buffer = new Float64Array(BUFFER_LENGTH);
  #buffered = 0;
  readonly #slices: Slice[] = Array.from({ length: SLICES }, emptySlice);
  #current = 0;
  /** Values since the last merge, and the sum of all slices. */
  readonly #fresh = newHistogram();
  readonly #recent = newHistogram();
  #summary: DurationSummary | null = EMPTY_SUMMARY;

  record(ms: number): void {
    if (this.#buffered === BUFFER_LENGTH) this.#drain();
    this.#buffer[this.#buffered] = ms;
    this.#buffered += 1;
  }

  /** True if nothing was recorded since the last slice began. */
  get isSliceEmpty(): boolean {
    return this.#buffered === 0 && this.#slice(this.#current).count === 0;
  }

  /** Begins a new slice, and forgets the oldest, `steps` times. */
  rotate(steps: number): void {
    this.#merge();
    for (let step = Math.min(steps, SLICES); step > 0; step -= 1) {
      this.#current = (this.#current + 1) % SLICES;
      const oldest = this.#slice(this.#current);
      if (oldest.count === 0) continue;
      if (oldest.histogram !== null && oldest.count > oldest.zeros) {
        this.#recent.subtract(oldest.histogram);
        oldest.histogram.reset();
      }
      oldest.count = 0;
      oldest.zeros = 0;
      oldest.sumMs = 0;
      oldest.maxMs = 0;
      this.#summary = null;
    }
  }

  summary(): DurationSummary {
    this.#merge();
    this.#summary ??= this.#summarise();
    return this.#summary;
  }

  #slice(index: number): Slice {
    const slice = this.#slices[index];
    if (slice === undefined) throw new Error('bug: no such slice');
    return slice;
  }

  #drain(): void {
    const slice = this.#slice(this.#current);
    for (let index = 0; index < this.#buffered; index += 1) {
      const ms = this.#buffer[index] ?? 0;
      if (ms > 0) {
        slice.sumMs += ms;
        if (ms > slice.maxMs) slice.maxMs = ms;
        const us = Math.round(ms * 1_000);
        this.#fresh.recordValue(us < 1 ? 1 : us > MAX_US ? MAX_US : us);
      } else slice.zeros += 1;
    }
    slice.count += this.#buffered;
    this.#buffered = 0;
  }

  #merge(): void {
    if (this.#buffered === 0 && this.#fresh.totalCount === 0) return;
    this.#drain();
    this.#summary = null;
    if (this.#fresh.totalCount === 0) return;
    const slice = this.#slice(this.#current);
    slice.histogram ??= newHistogram();
    slice.histogram.add(this.#fresh);
    this.#recent.add(this.#fresh);
    this.#fresh.reset();
  }

  #summarise(): DurationSummary {
    let count = 0;
    let zeros = 0;
    let sumMs = 0;
    let maxMs = 0;
    for (const slice of this.#slices) {
      count += slice.count;
      zeros += slice.zeros;
      sumMs += slice.sumMs;
      if (slice.maxMs > maxMs) maxMs = slice.maxMs;
    }
    if (count === 0) return EMPTY_SUMMARY;
    const quantile = (percent: number): number => {
      const rank = Math.ceil((percent * count) / 100) - zeros;
      if (rank <= 0) return 0;
      // The middle of the rank's share, so that rounding cannot reach the next rank.
      const us = this.#recent.getValueAtPercentile((100 * (rank - 0.5)) / (count - zeros));
      return Math.min(us / 1_000, maxMs);
    };
    return {
      count,
      meanMs: sumMs / count,
      p50Ms: quantile(50),
      p95Ms: quantile(95),
      p99Ms: quantile(99),
      maxMs,
    };
  }
}

function emptySlice(): Slice {
  return { histogram: null, count: 0, zeros: 0, sumMs: 0, maxMs: 0 };
}

function newHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: MAX_US,
    numberOfSignificantValueDigits: 2,
    useWebAssembly: false,
  });
}
