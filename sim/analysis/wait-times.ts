/** Values kept exactly; beyond this many they are counted in buckets. 32 MB. */
const EXACT_VALUES = 4_000_000;
const INITIAL_VALUES = 1_024;
/** Buckets per doubling of the value: 2^(1/128) − 1 = 0.54 % wide. */
const PER_OCTAVE = 128;
/** The first bucket ends at this many milliseconds: a nanosecond. */
const SMALLEST_MS = 1e-6;
/** Enough for 2^64 nanoseconds, 580 years. */
const BUCKETS = 64 * PER_OCTAVE;

/** All of a `WaitTimes` as plain data, for another thread. */
export interface WaitTimesData {
  readonly zeros: number;
  readonly length: number;
  readonly sumMs: number;
  readonly maxMs: number;
  /** Each value above zero; null if there were too many. */
  readonly values: Float64Array | null;
  /** How many values lie in each bucket; null if the values are there. */
  readonly buckets: Uint32Array | null;
}

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
    return this.ranked(Math.ceil(part * this.count));
  }

  /** The wait of this rank, the shortest is 1. */
  ranked(of: number): number {
    const rank = of - this.#zeros;
    if (rank <= 0) return 0;
    if (this.#buckets !== null) return this.#quantileOfBuckets(this.#buckets, rank);
    const values = this.#values as Float64Array;
    if (!this.#isSorted) {
      values.subarray(0, this.#length).sort();
      this.#isSorted = true;
    }
    return values[Math.min(rank, this.#length) - 1] as number;
  }

  /** All waits as plain data; a view, to be used before the next one is added. */
  data(): WaitTimesData {
    return {
      zeros: this.#zeros,
      length: this.#length,
      sumMs: this.#sum,
      maxMs: this.#max,
      values: this.#values?.subarray(0, this.#length) ?? null,
      buckets: this.#buckets,
    };
  }

  /**
   * Adds all waits of another one. Quantiles and maximum do not depend on the order of the parts, the mean does in its
   * last bits: sums of floats are not exact.
   */
  addAll({ zeros, length, sumMs, maxMs, values, buckets }: WaitTimesData): void {
    this.#zeros += zeros;
    this.#sum += sumMs;
    this.#max = Math.max(this.#max, maxMs);
    const total = this.#length + length;
    if (this.#buckets === null && (buckets !== null || total > EXACT_VALUES)) this.#intoBuckets();
    if (buckets !== null) {
      const own = this.#buckets as Uint32Array;
      for (const [index, count] of buckets.entries()) own[index] = (own[index] as number) + count;
    } else if (this.#buckets !== null) {
      for (const value of values ?? []) this.#count(this.#buckets, value);
    } else if (values !== null) {
      this.#reserve(total).set(values, this.#length);
      this.#isSorted = false;
    }
    this.#length = total;
  }

  #keep(waitMs: number): void {
    if (this.#length === EXACT_VALUES) {
      this.#count(this.#intoBuckets(), waitMs);
      return;
    }
    this.#reserve(this.#length + 1)[this.#length] = waitMs;
    this.#isSorted = false;
  }

  /** The values, with room for so many. */
  #reserve(length: number): Float64Array {
    const values = this.#values as Float64Array<ArrayBuffer>;
    if (length <= values.length) return values;
    const larger = new Float64Array(Math.min(Math.max(2 * values.length, length), EXACT_VALUES));
    larger.set(values.subarray(0, this.#length));
    this.#values = larger;
    return larger;
  }

  /** Counts the values from now on. */
  #intoBuckets(): Uint32Array {
    const buckets = new Uint32Array(BUCKETS);
    const values = this.#values as Float64Array;
    for (const value of values.subarray(0, this.#length)) this.#count(buckets, value);
    this.#buckets = buckets;
    this.#values = null;
    return buckets;
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
