/** Values kept exactly; beyond this many they are counted in buckets. 32 MB. */
const EXACT_VALUES = 4_000_000;
const INITIAL_VALUES = 1_024;
/** Buckets per doubling of the value: 2^(1/128) − 1 = 0.54 % wide. */
const PER_OCTAVE = 128;
/** The first bucket ends at this many milliseconds: a nanosecond. */
const SMALLEST_MS = 1e-6;
/** Enough for 2^64 nanoseconds, 580 years. */
const BUCKETS = 64 * PER_OCTAVE;

/**
 * Waits of many requests: exact quantiles up to four million values that are not zero, then quantiles from log-linear
 * buckets at most 0.6 % wide. Zeros are only counted. Mean and maximum are always exact.
 */
export class WaitTimes {
  #zeros = 0;
  #values: Float64Array<ArrayBuffer> | null = new Float64Array(INITIAL_VALUES);
  #length = 0;
  #buckets: Uint32Array | null = null;
  #sum = 0;
  #max = 0;
  #isSorted = true;

  /** Number of waits, zeros included. */
  get count(): number {
    return this.#zeros + this.#length;
  }

  /** Number of waits above zero. */
  get positive(): number {
    return this.#length;
  }

  /** Mean in milliseconds; 0 without values. */
  get meanMs(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  /** Longest wait in milliseconds; 0 without values. */
  get maxMs(): number {
    return this.#max;
  }

  /** Adds a wait in milliseconds, 0 or more. */
  add(waitMs: number): void {
    if (waitMs === 0) {
      this.#zeros += 1;
      return;
    }
    this.#sum += waitMs;
    if (waitMs > this.#max) this.#max = waitMs;
    if (this.#buckets !== null) this.#count(this.#buckets, waitMs);
    else this.#keep(waitMs);
    this.#length += 1;
  }

  /**
   * The smallest value that at least the part `part` of all waits does not exceed; 0 without values.
   *
   * @param part From 0 to 1.
   */
  quantile(part: number): number {
    const rank = Math.ceil(part * this.count) - this.#zeros;
    if (rank <= 0) return 0;
    if (this.#buckets !== null) return this.#quantileOfBuckets(this.#buckets, rank);
    const values = this.#values as Float64Array;
    if (!this.#isSorted) {
      values.subarray(0, this.#length).sort();
      this.#isSorted = true;
    }
    return values[Math.min(rank, this.#length) - 1] as number;
  }

  #keep(waitMs: number): void {
    let values = this.#values as Float64Array<ArrayBuffer>;
    if (this.#length === EXACT_VALUES) {
      const buckets = new Uint32Array(BUCKETS);
      for (const value of values) this.#count(buckets, value);
      this.#count(buckets, waitMs);
      this.#buckets = buckets;
      this.#values = null;
      return;
    }
    if (this.#length === values.length) {
      const larger = new Float64Array(Math.min(values.length * 2, EXACT_VALUES));
      larger.set(values);
      this.#values = larger;
      values = larger;
    }
    values[this.#length] = waitMs;
    this.#isSorted = false;
  }

  #count(buckets: Uint32Array, waitMs: number): void {
    const bucket = Math.ceil(Math.log2(waitMs / SMALLEST_MS) * PER_OCTAVE);
    const index = Math.min(Math.max(bucket, 0), BUCKETS - 1);
    buckets[index] = (buckets[index] as number) + 1;
  }

  #quantileOfBuckets(buckets: Uint32Array, rank: number): number {
    let seen = 0;
    for (let index = 0; index < BUCKETS; index += 1) {
      seen += buckets[index] as number;
      if (seen >= rank) return Math.min(SMALLEST_MS * 2 ** (index / PER_OCTAVE), this.#max);
    }
    return this.#max;
  }
}
