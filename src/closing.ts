import type { PoolEngine } from './engine/pool-engine.js';
import type { Clock, Timer } from './runtime/clock.js';
import { newDeferred } from './runtime/deferred.js';

/** What `close` found. */
export interface CloseReport {
  /** Leases that had not come back at the deadline, the oldest first; their connections were closed all the same. */
  readonly heldLeases: readonly { readonly id: number; readonly heldForMs: number }[];
}

/** The end of a pool: the last connection is awaited, patiently at first. */
export class Closing<T, C> {
  readonly #clock: Clock;
  readonly #engine: PoolEngine<T, C>;
  readonly #gone = newDeferred<CloseReport>();
  #hasBegun = false;
  #heldLeases: CloseReport['heldLeases'] = [];
  #timer: Timer | null = null;

  constructor(clock: Clock, engine: PoolEngine<T, C>) {
    this.#clock = clock;
    this.#engine = engine;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Resolves when the last connection is gone. */
  get report(): Promise<CloseReport> {
    return this.#gone.promise;
  }

  /** Runs `expired` after `deadlineMs` unless all is over by then. Keeps the process alive meanwhile. */
  begin(deadlineMs: number, expired: () => void): void {
    this.#hasBegun = true;
    if (deadlineMs === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.schedule(deadlineMs, expired);
    this.#timer.keepAlive(true);
  }

  /** Closes every connection, those in use too, and remembers which. */
  terminate(now: number): void {
    this.#heldLeases = Array.from(this.#engine.slots.all())
      .filter((slot) => slot.leases > 0)
      .map((slot) => ({ id: slot.id, heldForMs: now - slot.lentAt }))
      .toSorted((a, b) => b.heldForMs - a.heldForMs);
    this.#engine.terminate(now);
  }

  /** True once the last waiter and the last connection are gone. */
  check(): boolean {
    if (!this.#hasBegun) return false;
    const { pending, slots } = this.#engine;
    if (pending + slots.size + slots.closing > 0) return false;
    this.#timer?.cancel();
    this.#gone.resolve({ heldLeases: this.#heldLeases });
    return true;
  }
}
