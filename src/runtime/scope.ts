import type { Clock, Timer } from './clock.js';
import { scheduleFar } from './far-timer.js';

/** One call of the factory: its deadline and its signal, which is only made when somebody looks at it. */
export class Scope {
  #controller: AbortController | null = null;
  #timer: Timer | null = null;
  #reason: unknown = undefined;
  /** Set by `settle`: what the factory still answers is too late. */
  isSettled = false;

  constructor(clock: Clock, timeoutMs: number, expired: () => void) {
    if (timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#timer = scheduleFar(clock, timeoutMs, expired);
    }
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** True the first time; the deadline no longer applies. */
  settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    this.#timer?.cancel();
    return true;
  }

  abort(reason: unknown): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
