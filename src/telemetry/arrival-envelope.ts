/** Lengths of the windows, in milliseconds. */
export const ENVELOPE_WINDOWS_MS: readonly number[] = Array.from(
  { length: 11 },
  (_, at) => 2 ** at,
);

const NOBODY: readonly number[] = ENVELOPE_WINDOWS_MS.map(() => 0);

/** Milliseconds that are kept at first: a power of two, doubled until those of the longest window fit. */
const KEPT_AT_FIRST = 64;

/**
 * Most arrivals in any window of 1, 2, 4, … 1,024 ms, exact on whole milliseconds.
 *
 * A window with the most arrivals can be shifted until it ends with a millisecond in which somebody came, so only those
 * are looked at; each window's first millisecond only moves forward, which makes it O(1) per such millisecond.
 */
export class ArrivalEnvelope {
  /** A ring of milliseconds in which somebody came. */
  #ms = new Float64Array(KEPT_AT_FIRST);
  /** Arrivals before each of them. */
  #before = new Float64Array(KEPT_AT_FIRST);
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
      if (this.#length - (this.#firsts.at(-1) as number) === this.#ms.length) this.#extend();
      const at = this.#length & (this.#ms.length - 1);
      this.#ms[at] = ms;
      this.#before[at] = this.#total;
      this.#length += 1;
    }
    this.#total = total;
    const most = this.#most === NOBODY ? NOBODY.slice() : (this.#most as number[]);
    this.#most = most;
    const mask = this.#ms.length - 1;
    let length = 1;
    for (let window = 0; window < most.length; window += 1) {
      const begins = ms - length;
      length *= 2;
      let first = this.#firsts[window] as number;
      while ((this.#ms[first & mask] as number) <= begins) first += 1;
      this.#firsts[window] = first;
      const count = total - (this.#before[first & mask] as number);
      if (count > (most[window] as number)) most[window] = count;
    }
  }

  /** The most since the last call, window by window; zeros if nobody came. */
  take(): readonly number[] {
    const most = this.#most;
    this.#most = NOBODY;
    return most;
  }

  #extend(): void {
    const [ms, before] = [this.#ms, this.#before];
    this.#ms = new Float64Array(2 * ms.length);
    this.#before = new Float64Array(2 * ms.length);
    for (let index = this.#length - ms.length; index < this.#length; index += 1) {
      const at = index & (this.#ms.length - 1);
      this.#ms[at] = ms[index & (ms.length - 1)] as number;
      this.#before[at] = before[index & (ms.length - 1)] as number;
    }
  }
}
