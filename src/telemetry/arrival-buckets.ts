/** Milliseconds that are remembered; a power of two. */
const SPAN_MS = 128;
const NOBODY: readonly number[] = Array.from({ length: SPAN_MS }, () => 0);

/** Arrivals per millisecond over the last 128 ms. */
export class ArrivalBuckets {
  readonly #counts = new Uint32Array(SPAN_MS);
  #newest: number;

  constructor(now: number) {
    this.#newest = Math.floor(now);
  }

  arrived(now: number, count = 1): void {
    const ms = Math.floor(now);
    if (ms !== this.#newest) this.#moveTo(ms);
    const index = ms & (SPAN_MS - 1);
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
  }

  /** The counts, oldest first; the last entry is the millisecond of `now`, or the newest seen if that is later. */
  read(now: number): number[] {
    this.#moveTo(Math.floor(now));
    const read = this.#counts;
    const oldest = this.#newest + 1;
    // Copying a list of the right length is several times as fast as letting one grow.
    const counts = NOBODY.slice();
    for (let index = 0; index < SPAN_MS; index += 1) {
      counts[index] = read[(oldest + index) & (SPAN_MS - 1)] ?? 0;
    }
    return counts;
  }

  #moveTo(ms: number): void {
    const steps = ms - this.#newest;
    // A clock that stands a little behind counts into the newest bucket's past; nothing is cleared.
    if (steps <= 0) return;
    if (steps >= SPAN_MS) this.#counts.fill(0);
    else {
      for (let step = 1; step <= steps; step += 1) {
        this.#counts[(this.#newest + step) & (SPAN_MS - 1)] = 0;
      }
    }
    this.#newest = ms;
  }
}
