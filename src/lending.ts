import type { PoolEngine } from './engine/pool-engine.js';
import type { Request } from './engine/request.js';
import { LeaseReleasedError } from './errors.js';
import { Lease, type LeaseEnd, type LeaseHolder } from './lease.js';
import type { LeakWatch } from './leak-watch.js';
import type { Clock } from './runtime/clock.js';
import type { ResourceDriver } from './runtime/resource-driver.js';
import { StackTrace } from './runtime/stack-trace.js';
import { noteOf, type Context } from './request-context.js';

/** A lease that was out when the pool stopped waiting for it. */
export interface HeldLease {
  /** Number of its connection, as in the `create` event. */
  readonly id: number;
  readonly heldForMs: number;
  /** Where it was acquired, if it was sampled (`leakSampling`). */
  readonly stack?: string | undefined;
}

/** Gives leases out and takes them back. */
export class Lending<T> implements LeaseHolder<T> {
  readonly #pool: string;
  readonly #clock: Clock;
  readonly #engine: PoolEngine<T, Context<T>>;
  readonly #watch: LeakWatch<T>;
  readonly #driver: ResourceDriver<T>;
  readonly #changed: () => void;
  /** When the connections were closed under their holders. */
  #endedAt = 0;

  /** `changed` is called after every input to the engine. */
  constructor(
    pool: string,
    clock: Clock,
    engine: PoolEngine<T, Context<T>>,
    watch: LeakWatch<T>,
    driver: ResourceDriver<T>,
    changed: () => void,
  ) {
    this.#pool = pool;
    this.#clock = clock;
    this.#engine = engine;
    this.#watch = watch;
    this.#driver = driver;
    this.#changed = changed;
  }

  /** The lease of a request that was granted. */
  lend(request: Request<T, Context<T>>, calledFrom: StackTrace | null): Lease<T> {
    const lease = new Lease(this, request);
    this.#watch.begin(lease, request, calledFrom);
    return lease;
  }

  giveBack(request: Request<T, Context<T>>, how: LeaseEnd): boolean {
    const note = noteOf(request.context);
    if (request.state !== 'granted')
      return note !== null && this.#watch.comesLate(request, note, how);
    const now = this.#clock.now();
    if (note?.acquired !== undefined) {
      note.ended = new StackTrace(2);
      this.#watch.forget(request);
    }
    const { slot } = request;
    const isFine = how === 'released' && slot !== null;
    this.#engine.release(request, isFine ? this.#driver.judge(slot) : 'broken', now);
    this.#changed();
    if (note?.isReported === true) this.#watch.ended(request, note, how, now);
    return true;
  }

  endOf(request: Request<T, Context<T>>, how: LeaseEnd | null): LeaseReleasedError {
    const note = noteOf(request.context);
    const isOut = request.state === 'granted';
    const at = isOut ? this.#endedAt : (note?.cameLateAt ?? request.since);
    const agoMs = this.#clock.now() - at;
    const end = how ?? (note?.isReclaimed === true ? 'reclaimed' : 'pool closed');
    return new LeaseReleasedError(this.#pool, end, agoMs, note?.ended?.text);
  }

  /** Who holds a connection, the oldest lease first. */
  held(): readonly HeldLease[] {
    const now = this.#clock.now();
    const leases: HeldLease[] = [];
    for (const { holder, id, lentAt } of this.#engine.slots.all()) {
      if (holder === null) continue;
      const stack = noteOf(holder.context)?.acquired;
      leases.push({ id, heldForMs: now - lentAt, ...(stack === undefined ? {} : { stack }) });
    }
    return leases.toSorted((a, b) => b.heldForMs - a.heldForMs);
  }

  /** Closes every connection, those in use too. */
  abandon(): void {
    this.#endedAt = this.#clock.now();
    this.#engine.terminate(this.#endedAt);
    this.#changed();
  }
}
