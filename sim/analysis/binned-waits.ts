/** Buckets per doubling of the value: 2^(1/32) − 1 = 2.2 % wide. */
const PER_OCTAVE = 32;
/** The first bucket ends at this many milliseconds. */
const SMALLEST_MS = 1e-3;
/** Enough for 2^32 microseconds, more than an hour. */
const BUCKETS = 32 * PER_OCTAVE;

/** Waits in a fixed number of bins: per bin the number of zeros, buckets 2.2 % wide and the exact maximum. */
export class BinnedWaits {
  readonly #bins: number;
  readonly #buckets: Uint32Array;
  readonly #zeros: Float64Array;
  readonly #counts: Float64Array;
  readonly #longest: Float64Array;

  constructor(bins: number) {
    this.#bins = bins;
    this.#buckets = new Uint32Array(bins * BUCKETS);
    this.#zeros = new Float64Array(bins);
    this.#counts = new Float64Array(bins);
    this.#longest = new Float64Array(bins);
  }

  /** Adds a wait in milliseconds, 0 or more. */
  add(bin: number, waitMs: number): void {
    this.#counts[bin] = (this.#counts[bin] as number) + 1;
    if (waitMs <= 0) {
      this.#zeros[bin] = (this.#zeros[bin] as number) + 1;
      return;
    }
    if (waitMs > (this.#longest[bin] as number)) this.#longest[bin] = waitMs;
    const bucket = Math.ceil(Math.log2(waitMs / SMALLEST_MS) * PER_OCTAVE);
    const index = bin * BUCKETS + Math.min(Math.max(bucket, 0), BUCKETS - 1);
    this.#buckets[index] = (this.#buckets[index] as number) + 1;
  }

  /** The wait in milliseconds that the part `part` of a bin's waits does not exceed; null for a bin without waits. */
  quantile(bin: number, part: number): number | null {
    const count = this.#counts[bin] as number;
    if (count === 0) return null;
    let left = Math.ceil(part * count) - (this.#zeros[bin] as number);
    if (left <= 0) return 0;
    const longest = this.#longest[bin] as number;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      left -= this.#buckets[bin * BUCKETS + bucket] as number;
      if (left <= 0) return Math.min(SMALLEST_MS * 2 ** (bucket / PER_OCTAVE), longest);
    }
    return longest;
  }

  /** Makes one bin of every two; the second half is empty then. */
  halve(): void {
    for (let bin = 0; bin < this.#bins; bin += 1) {
      const from = bin * BUCKETS;
      const into = (bin >> 1) * BUCKETS;
      const isFirst = bin % 2 === 0;
      for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
        const count = this.#buckets[from + bucket] as number;
        this.#buckets[from + bucket] = 0;
        const before = isFirst ? 0 : (this.#buckets[into + bucket] as number);
        this.#buckets[into + bucket] = before + count;
      }
      const longest = this.#longest[bin] as number;
      this.#longest[bin] = 0;
      this.#longest[bin >> 1] = isFirst
        ? longest
        : Math.max(this.#longest[bin >> 1] as number, longest);
    }
    halveSums(this.#zeros);
    halveSums(this.#counts);
  }
}

/** Makes one value of every two by adding them; the second half is 0 then. */
export function halveSums(values: Float64Array): void {
  for (let index = 0; index < values.length; index += 2) {
    const sum = (values[index] as number) + (values[index + 1] ?? 0);
    values[index] = 0;
    values[index + 1] = 0;
    values[index >> 1] = sum;
  }
}
