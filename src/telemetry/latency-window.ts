import { Int32Histogram } from 'hdr-histogram-js';
import type { DurationSummary } from '../control/signals.js';
import { CellCounts } from './cell-counts.js';

const SLICES = 10;
const BUFFER_LENGTH = 128;
const MAX_US = 60_000_000;
/** Two significant digits: from 2^8 µs on, every doubling has 2^7 cells. */
const DIGITS = 2;
const EXACT_BITS = 8;
const CELLS_PER_DOUBLING = 2 ** (EXACT_BITS - 1);
const CELLS = cellOf(MAX_US) + 1;

/** The summary of a window without samples. */
export const EMPTY_SUMMARY: DurationSummary = Object.freeze({
  count: 0,
  meanMs: null,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  maxMs: null,
});

const NO_VALUES = new CellCounts(CELLS);

interface Slice {
  /** Values above zero; null until there are any. */
  cells: CellCounts | null;
  count: number;
  zeros: number;
  sumMs: number;
  maxMs: number;
}

/**
 * Durations over the last ten slices of time. Recording costs a store into a preallocated buffer; the histogram sees the
 * values when the buffer is full or a summary is asked for. Values are kept in whole microseconds from 1 µs to 60 s with
 * an error of at most one percent; the mean and the maximum are exact; zeros, and whatever is not
 * above zero, are counted and not recorded.
 */
export class LatencyWindow {
  readonly #buffer = new Float64Array(BUFFER_LENGTH);
  #buffered = 0;
  #bufferedZeros = 0;
  readonly #slices: Slice[] = Array.from({ length: SLICES }, emptySlice);
  #current = 0;
  /** The sum of all slices but the current one. */
  readonly #past = new CellCounts(CELLS);
  #summary: DurationSummary | null = EMPTY_SUMMARY;

  record(ms: number): void {
    if (!(ms > 0)) {
      this.#bufferedZeros += 1;
      return;
    }
    if (this.#buffered === BUFFER_LENGTH) this.#drain();
    this.#buffer[this.#buffered] = ms;
    this.#buffered += 1;
  }

  /** True if nothing was recorded since the last slice began. */
  get isSliceEmpty(): boolean {
    return this.#buffered + this.#bufferedZeros === 0 && this.#slice(this.#current).count === 0;
  }

  /** Begins a new slice, and forgets the oldest, `steps` times. */
  rotate(steps: number): void {
    this.#drain();
    for (let step = Math.min(steps, SLICES); step > 0; step -= 1) {
      const { cells } = this.#slice(this.#current);
      if (cells !== null) this.#past.add(cells);
      this.#current = (this.#current + 1) % SLICES;
      const oldest = this.#slice(this.#current);
      if (oldest.count > 0) this.#forget(oldest);
    }
  }

  /** The values of the last ten slices; the same object until something changes. */
  summary(): DurationSummary {
    this.#drain();
    this.#summary ??= this.#summarise();
    return this.#summary;
  }

  #slice(index: number): Slice {
    const slice = this.#slices[index];
    if (slice === undefined) throw new Error('bug: no such slice');
    return slice;
  }

  #drain(): void {
    const zeros = this.#bufferedZeros;
    if (this.#buffered + zeros === 0) return;
    const slice = this.#slice(this.#current);
    slice.count += this.#buffered + zeros;
    slice.zeros += zeros;
    this.#bufferedZeros = 0;
    this.#summary = null;
    if (this.#buffered === 0) return;
    slice.cells ??= new CellCounts(CELLS);
    const { cells } = slice;
    for (let index = 0; index < this.#buffered; index += 1) {
      const ms = this.#buffer[index] as number;
      slice.sumMs += ms;
      if (ms > slice.maxMs) slice.maxMs = ms;
      const cell = ms >= MAX_US / 1_000 ? CELLS - 1 : cellOf(Math.max(1, (ms * 1_000 + 0.5) | 0));
      cells.increment(cell);
    }
    this.#buffered = 0;
  }

  #forget(slice: Slice): void {
    const { cells } = slice;
    if (cells !== null) this.#past.takeBack(cells);
    Object.assign(slice, emptySlice(), { cells });
    this.#summary = null;
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
    const current = this.#slice(this.#current).cells ?? NO_VALUES;
    const quantile = (percent: number): number => {
      const rank = Math.ceil((percent * count) / 100) - zeros;
      return rank <= 0 ? 0 : Math.min(valueOf(this.#past.cellAt(rank, current)), maxMs);
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

/** Milliseconds at the upper end of each cell that was asked for; NaN where nobody asked yet. */
const VALUES = new Float64Array(CELLS).fill(Number.NaN);
const SCALE = new Int32Histogram(1, MAX_US, DIGITS);

/** The largest value that the histogram counts in a cell, in milliseconds; finding it costs two logarithms. */
function valueOf(cell: number): number {
  const known = VALUES[cell] ?? Number.NaN;
  if (!Number.isNaN(known)) return known;
  const value = SCALE.highestEquivalentValue(SCALE.valueFromIndex(cell)) / 1_000;
  VALUES[cell] = value;
  return value;
}

function emptySlice(): Slice {
  return { cells: null, count: 0, zeros: 0, sumMs: 0, maxMs: 0 };
}

/**
 * Where the histogram counts a value, as its `recordValue` would find out by a logarithm and a power, at twenty times the
 * cost. Microseconds, an integer below 2^31.
 */
function cellOf(us: number): number {
  const doubling = Math.max(0, 32 - EXACT_BITS - Math.clz32(us));
  return doubling * CELLS_PER_DOUBLING + (us >> doubling);
}
