/** Lengths of the windows, in milliseconds. */
export const ENVELOPE_WINDOWS_MS: readonly number[] = Array.from(
  { length: 11 },
  (_, at) => 2 ** at,
);

const NOBODY: readonly number[] = ENVELOPE_WINDOWS_MS.map(() => 0);

/** Milliseconds that are kept: a power of two above the longest window. */
const KEPT = 2_048;

/**
 * Most arrivals in any window of 1, 2, 4, … 1,024 ms, exact on whole milliseconds.
 *
 * A window with the most arrivals can be shifted until it ends with a millisecond in which somebody came, so only those
 * are looked at; each window's first millisecond only moves forward, which makes it O(1) per such millisecond.
 */
export class ArrivalEnvelope {
  readonly #ms = new Float64Array(KEPT);
  /** Arrivals before each of them. */
  readonly #before = new Float64Array(KEPT);
  readonly #firsts: number[] = NOBODY.slice();
  #length = 0;
  #newest = Number.NEGATIVE_INFINITY;
  #total = 0;
  #most: readonly number[] = NOBODY;

  /** By the end of millisecond `ms`, which is not before those seen earlier, `total` had come since the start. */
  observe(ms: number, total: number): void {
    if (total === this.#total) return;
    if (ms > this.#newest) {
      this.#newest = ms;
      this.#ms[this.#length % KEPT] = ms;
      this.#before[this.#length % KEPT] = this.#total;
      this.#length += 1;
    }
    this.#total = total;
    const most = this.#most === NOBODY ? NOBODY.slice() : (this.#most as number[]);
    this.#most = most;
    let length = 1;
    for (let window = 0; window < most.length; window += 1) {
      const begins = ms - length;
      length *= 2;
      let first = this.#firsts[window] as number;
      while ((this.#ms[first % KEPT] as number) <= begins) first += 1;
      this.#firsts[window] = first;
      const count = total - (this.#before[first % KEPT] as number);
      if (count > (most[window] as number)) most[window] = count;
    }
  }

  /** The most since the last call, window by window; zeros if nobody came. */
  take(): readonly number[] {
    const most = this.#most;
    this.#most = NOBODY;
    return most;
  }
}
