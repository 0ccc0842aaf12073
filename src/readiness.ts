import type { Clock } from './runtime/clock.js';
import { Deferred } from './runtime/deferred.js';
import { scheduleFar } from './runtime/far-timer.js';

/** Callers of `ready()`. */
export class Readiness {
  readonly #clock: Clock;
  readonly #waiters = new Map<Deferred<void>, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for `settle`; after `timeoutMs` rejects with what `expired` makes of the time waited. Keeps the process alive meanwhile. */
  wait(timeoutMs: number, expired: (waitedMs: number) => Error): Promise<void> {
    const waiter = new Deferred<void>();
    const since = this.#clock.now();
    this.#waiters.set(waiter, since);
    if (timeoutMs === Number.POSITIVE_INFINITY) return waiter.promise;
    const timer = scheduleFar(this.#clock, timeoutMs, () => {
      this.#waiters.delete(waiter);
      waiter.reject(expired(this.#clock.now() - since));
    });
    timer.keepAlive(true);
    return waiter.promise.finally(() => timer.cancel());
  }

  settle(): void {
    for (const waiter of this.#waiters.keys()) waiter.resolve();
    this.#waiters.clear();
  }

  fail(makeError: (waitedMs: number) => Error): void {
    const now = this.#clock.now();
    for (const [waiter, since] of this.#waiters) waiter.reject(makeError(now - since));
    this.#waiters.clear();
  }
}
