import type { Patience } from './acquire-options.js';
import type { Autoscaler } from './autoscaler/autoscaler.js';
import type { RejectReason } from './engine/ports.js';
import type { Request } from './engine/request.js';
import type { Lease } from './lease.js';
import type { LeaseNote } from './lease-note.js';
import type { LeakWatch } from './leak-watch.js';
import type { Lending } from './lending.js';
import type { CARRIER, Context } from './request-context.js';
import type { Clock } from './runtime/clock.js';
import { rejected } from './runtime/deferred.js';
import type { Turn } from './runtime/turn.js';
import { WaitingCallers, type MakeRejection } from './waiting-callers.js';

/** Those who want a lease for themselves. */
export class Callers<T> {
  readonly #clock: Clock;
  readonly #autoscaler: Autoscaler<T, Context<T>>;
  readonly #lending: Lending<T>;
  readonly #leaks: LeakWatch<T>;
  readonly #turn: Turn;
  readonly #changed: () => void;
  readonly #waiting: WaitingCallers<T, Lease<T>, LeaseNote | typeof CARRIER | null>;

  /** `changed` is called after every input to the engine. */
  constructor(
    clock: Clock,
    autoscaler: Autoscaler<T, Context<T>>,
    lending: Lending<T>,
    leaks: LeakWatch<T>,
    turn: Turn,
    rejection: MakeRejection,
    changed: () => void,
  ) {
    this.#clock = clock;
    this.#autoscaler = autoscaler;
    this.#lending = lending;
    this.#leaks = leaks;
    this.#turn = turn;
    this.#changed = changed;
    this.#waiting = new WaitingCallers(clock, rejection, (request, now) => {
      autoscaler.engine.cancel(request, now);
      changed();
    });
  }

  /** A lease at once, or a promise of one. */
  acquire(patience: Patience): Promise<Lease<T>> {
    const { timeoutMs, signal, rank } = patience;
    if (signal?.aborted === true) return rejected(signal.reason);
    const calledFrom = this.#leaks.sample();
    const now = this.#clock.now();
    const turn = this.#turn.instant(now);
    const request = this.#autoscaler.request(null, now + timeoutMs, now, rank, turn);
    this.#changed();
    if (request.state === 'granted')
      return Promise.resolve(this.#lending.lend(request, calledFrom));
    this.#turn.note(now);
    return this.#waiting.add(request, patience, calledFrom);
  }

  /** A lease at once, or null. */
  tryAcquire(): Lease<T> | null {
    const calledFrom = this.#leaks.sample();
    const request = this.#autoscaler.tryRequest(null, this.#clock.now());
    this.#changed();
    return request === null ? null : this.#lending.lend(request, calledFrom);
  }

  /** The engine granted a request that had to wait. */
  granted(request: Request<T, Context<T>>): void {
    const waiter = this.#waiting.take(request);
    waiter?.resolve(this.#lending.lend(request, waiter.calledFrom));
  }

  /** The engine rejected a request. */
  rejected(request: Request<T, Context<T>>, why: RejectReason): void {
    this.#waiting.rejected(request, why);
  }
}
