import type { Clock } from './runtime/clock.js';
import { newDeferred, type Deferred } from './runtime/deferred.js';

/** Callers of `ready()`. */
export class Readiness {
  readonly #clock: Clock;
  readonly #waiters = new Set<Deferred<void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for `settle`; after `timeoutMs` rejects with what `expired` makes. Keeps the process alive meanwhile. */
  wait(timeoutMs: number, expired: () => Error): Promise<void> {
    const waiter = newDeferred<void>();
    this.#waiters.add(waiter);
    if (timeoutMs === Number.POSITIVE_INFINITY) return waiter.promise;
    const timer = this.#clock.schedule(timeoutMs, () => {
      this.#waiters.delete(waiter);
      waiter.reject(expired());
    });
    timer.keepAlive(true);
    return waiter.promise.finally(() => timer.cancel());
  }

  settle(): void {
    for (const waiter of this.#waiters) waiter.resolve();
    this.#waiters.clear();
  }

  fail(makeError: () => Error): void {
    for (const waiter of this.#waiters) waiter.reject(makeError());
    this.#waiters.clear();
  }
}
