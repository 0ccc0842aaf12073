import { ArrivalEnvelope } from './arrival-envelope.js';

/** Milliseconds that are remembered; a power of two. */
const SPAN_MS = 128;
const NOBODY: readonly number[] = Array.from({ length: SPAN_MS }, () => 0);

/** Arrivals per millisecond over the last 128 ms, and the most in any window up to 1,024 ms. */
export class ArrivalBuckets {
  readonly #counts = new Uint32Array(SPAN_MS);
  readonly #envelope = new ArrivalEnvelope();
  #newest: number;
  /** Arrivals since the start. */
  #total = 0;

  constructor(now: number) {
    this.#newest = Math.floor(now);
  }

  arrived(now: number, count = 1): void {
    const ms = Math.floor(now);
    if (ms !== this.#newest) this.#moveTo(ms);
    const index = ms & (SPAN_MS - 1);
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
    this.#total += count;
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

  /** The most arrivals in windows of 1, 2, 4, … 1,024 ms that ended since the last call. */
  takeEnvelope(): readonly number[] {
    this.#envelope.observe(this.#newest, this.#total);
    return this.#envelope.take();
  }

  #moveTo(ms: number): void {
    const steps = ms - this.#newest;
    // A clock that stands a little behind counts into the newest bucket's past; nothing is cleared.
    if (steps <= 0) return;
    this.#envelope.observe(this.#newest, this.#total);
    if (steps >= SPAN_MS) this.#counts.fill(0);
    else {
      for (let step = 1; step <= steps; step += 1) {
        this.#counts[(this.#newest + step) & (SPAN_MS - 1)] = 0;
      }
    }
    this.#newest = ms;
  }
}
