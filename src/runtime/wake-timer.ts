import type { Clock, Timer } from './clock.js';
import { LONGEST_DELAY_MS } from './far-timer.js';

/**
 * One timer for everything that is due later. It is set anew only for an earlier instant: a wake-up that comes too early
 * costs less than a timer per change.
 */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #timer: Timer | null = null;
  #armedFor: number = Number.POSITIVE_INFINITY;
  #keepsAlive = false;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Makes sure that `wake` runs at `at` or before; with `keepAlive` the process waits for it. */
  arm(at: number, keepAlive: boolean): void {
    if (at < this.#armedFor) {
      this.#timer?.cancel();
      this.#armedFor = at;
      // What is further off is waited for anew: waking early does no harm.
      const delayMs = Math.min(at - this.#clock.now(), LONGEST_DELAY_MS);
      this.#timer = delayMs > 0 ? this.#clock.schedule(delayMs, this.#fire) : this.#atOnce();
      this.#keepsAlive = false;
    }
    if (keepAlive === this.#keepsAlive || this.#timer === null) return;
    this.#keepsAlive = keepAlive;
    this.#timer.keepAlive(keepAlive);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#forget();
  }

  readonly #fire = (): void => {
    this.#forget();
    this.#wake();
  };

  /** What is due already runs at the end of this turn: a timer would lose a millisecond each time. */
  #atOnce(): Timer {
    let isCancelled = false;
    this.#clock.defer(() => {
      if (!isCancelled) this.#fire();
    });
    return {
      cancel: () => {
        isCancelled = true;
      },
      keepAlive: () => {},
    };
  }

  #forget(): void {
    this.#timer = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#keepsAlive = false;
  }
}
