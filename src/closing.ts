import type { PoolEngine } from './engine/pool-engine.js';
import type { Sharing } from './engine/sharing.js';
import type { HeldLease, Lending } from './lending.js';
import type { Clock, Timer } from './runtime/clock.js';
import { Deferred } from './runtime/deferred.js';
import { scheduleFar } from './runtime/far-timer.js';
import type { Context } from './request-context.js';

/** How a pool closes. */
export interface CloseOptions {
  /**
   * How long waiters are still served and leases awaited, in milliseconds; then every connection is closed under its
   * holder. `Infinity` waits for the last lease. A later call can only bring the deadline forward.
   * @default 5_000
   */
  readonly deadlineMs?: number | undefined;
  /** What becomes of those who wait: `serve` serves them until the deadline, `reject` rejects them at once. @default 'serve' */
  readonly pending?: 'serve' | 'reject' | undefined;
}

/** What `close` found. */
export interface CloseReport {
  /** Leases that had not come back at the deadline, the oldest first; their connections were closed all the same. */
  readonly heldLeases: readonly HeldLease[];
}

const DEADLINE_MS = 5_000;

/** The end of a pool: the last connection is awaited, patiently at first. */
export class Closing<T> {
  readonly #clock: Clock;
  readonly #engine: PoolEngine<T, Context<T>>;
  readonly #sharing: Pick<Sharing<T, Context<T>, unknown>, 'rejectAll'>;
  readonly #lending: Lending<T>;
  readonly #changed: () => void;
  readonly #gone = new Deferred<CloseReport>();
  #hasBegun = false;
  #heldLeases: readonly HeldLease[] = [];
  #deadline: number = Number.POSITIVE_INFINITY;
  /** Keeps the process alive until the end; at first it also is the deadline. */
  #timer: Timer | null = null;

  /** `changed` is called after every input to the engine. */
  constructor(
    clock: Clock,
    engine: PoolEngine<T, Context<T>>,
    sharing: Pick<Sharing<T, Context<T>, unknown>, 'rejectAll'>,
    lending: Lending<T>,
    changed: () => void,
  ) {
    this.#clock = clock;
    this.#engine = engine;
    this.#sharing = sharing;
    this.#lending = lending;
    this.#changed = changed;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Resolves when the last connection is gone. */
  get report(): Promise<CloseReport> {
    return this.#gone.promise;
  }

  /** The first call begins; a later one may only be less patient. */
  ask({ deadlineMs, pending }: CloseOptions): void {
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    if (isFirst || deadlineMs !== undefined) this.#expectEnd(deadlineMs ?? DEADLINE_MS, isFirst);
    if (pending === 'reject') this.#rejectWaiters();
  }

  /** True once the last waiter and the last connection are gone. */
  check(): boolean {
    if (!this.#hasBegun) return false;
    const { pending, slots } = this.#engine;
    if (pending + slots.size + slots.closing > 0) return false;
    this.#timer?.cancel();
    this.#timer = null;
    this.#gone.resolve({ heldLeases: this.#heldLeases });
    return true;
  }

  #expectEnd(deadlineMs: number, isFirst: boolean): void {
    const deadline = this.#clock.now() + deadlineMs;
    if (!isFirst && (this.#timer === null || deadline >= this.#deadline)) return;
    this.#deadline = deadline;
    this.#wait(deadlineMs, () => this.#terminate());
  }

  #wait(ms: number, then: () => void): void {
    this.#timer?.cancel();
    this.#timer = scheduleFar(this.#clock, ms, then);
    this.#timer.keepAlive(true);
  }

  #terminate(): void {
    // Goodbyes that hang have deadlines of their own; the process must see them.
    this.#wait(Number.POSITIVE_INFINITY, () => {});
    this.#deadline = Number.NEGATIVE_INFINITY;
    // Before the goodbyes: the last of them ends the pool, perhaps at once.
    this.#heldLeases = this.#lending.held();
    this.#sharing.rejectAll('closed', this.#clock.now());
    this.#lending.abandon();
  }

  #rejectWaiters(): void {
    const engine = this.#engine;
    const now = this.#clock.now();
    this.#sharing.rejectAll('closed', now);
    for (let next = engine.oldestWaiter; next !== null; next = engine.oldestWaiter) {
      engine.cancel(next, now, 'closed');
    }
    this.#changed();
  }
}
