import type { Clock, Timer } from './clock.js';

/** The longest delay that a clock is asked for, in milliseconds: the longest that `setTimeout` understands. */
export const LONGEST_DELAY_MS: number = 2 ** 31 - 1;

/** Runs `callback` once after `delayMs`, however long that is; `Infinity` only keeps the process alive if told to. */
export function scheduleFar(clock: Clock, delayMs: number, callback: () => void): Timer {
  return delayMs <= LONGEST_DELAY_MS
    ? clock.schedule(delayMs, callback)
    : new FarTimer(clock, delayMs, callback);
}

/** Comes to its instant in steps, each no longer than a clock understands. */
class FarTimer implements Timer {
  readonly #clock: Clock;
  readonly #dueAt: number;
  readonly #callback: () => void;
  #timer: Timer;
  #keepsAlive = false;

  constructor(clock: Clock, delayMs: number, callback: () => void) {
    this.#clock = clock;
    this.#dueAt = clock.now() + delayMs;
    this.#callback = callback;
    this.#timer = this.#step(delayMs);
  }

  cancel(): void {
    this.#timer.cancel();
  }

  keepAlive(keep: boolean): void {
    this.#keepsAlive = keep;
    this.#timer.keepAlive(keep);
  }

  #step(leftMs: number): Timer {
    if (leftMs <= LONGEST_DELAY_MS) return this.#clock.schedule(leftMs, this.#callback);
    return this.#clock.schedule(LONGEST_DELAY_MS, () => {
      this.#timer = this.#step(Math.max(0, this.#dueAt - this.#clock.now()));
      this.#timer.keepAlive(this.#keepsAlive);
    });
  }
}
