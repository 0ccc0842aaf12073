import type { Autoscaler } from './autoscaler/autoscaler.js';
import type { RejectReason } from './engine/ports.js';
import type { Rank, Request } from './engine/request.js';
import type { Lease } from './lease.js';
import type { LeakWatch } from './leak-watch.js';
import type { Lending } from './lending.js';
import type { ResolvedOptions } from './options.js';
import { AbortListeners } from './runtime/abort-listeners.js';
import type { Clock } from './runtime/clock.js';
import { rejected } from './runtime/deferred.js';
import type { Turn } from './runtime/turn.js';
import { Waiter, waiterOf, type Context } from './waiter.js';

/** How long a caller waits, and for what. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly rank: Rank;
}

/** How a caller waits who says nothing else. */
export function patienceOf({ acquireTimeoutMs }: ResolvedOptions): Patience {
  return { timeoutMs: acquireTimeoutMs, signal: undefined, rank: 0 };
}

/** Makes the error of a caller who gets nothing. */
export type MakeRejection = (
  why: Exclude<RejectReason, 'aborted'>,
  timeoutMs: number,
  waitedMs: number,
) => Error;

/** Those who want a lease for themselves, and their promises. */
export class Callers<T> {
  readonly #clock: Clock;
  readonly #autoscaler: Autoscaler<T, Context<T>>;
  readonly #lending: Lending<T>;
  readonly #leaks: LeakWatch<T>;
  readonly #turn: Turn;
  readonly #rejection: MakeRejection;
  readonly #changed: () => void;
  readonly #aborts: AbortListeners<Request<T, Context<T>>>;

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
    this.#rejection = rejection;
    this.#changed = changed;
    this.#aborts = new AbortListeners((request, reason) => this.#abort(request, reason));
  }

  /** A lease at once, or a promise of one. */
  acquire({ timeoutMs, signal, rank }: Patience): Promise<Lease<T>> {
    if (signal?.aborted === true) return rejected(signal.reason);
    const calledFrom = this.#leaks.sample();
    const now = this.#clock.now();
    const turn = this.#turn.instant(now);
    const request = this.#autoscaler.request(null, now + timeoutMs, now, rank, turn);
    this.#changed();
    if (request.state === 'granted')
      return Promise.resolve(this.#lending.lend(request, calledFrom));
    this.#turn.note(now);
    const early = request.context;
    if (typeof early === 'string') return Promise.reject(this.#rejection(early, timeoutMs, 0));
    const waiter = new Waiter<T>(signal, timeoutMs, calledFrom);
    request.context = waiter;
    if (signal !== undefined) this.#aborts.add(signal, request);
    return waiter.promise;
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
    const waiter = waiterOf(request.context);
    if (waiter === null) return;
    if (waiter.signal !== undefined) this.#aborts.remove(waiter.signal, request);
    waiter.resolve(this.#lending.lend(request, waiter.calledFrom));
  }

  /** The engine rejected a request. */
  rejected(request: Request<T, Context<T>>, why: RejectReason): void {
    // An abort is answered by whoever noticed it, with the signal's reason.
    if (why === 'aborted') return;
    const waiter = waiterOf(request.context);
    if (waiter === null) {
      request.context = why;
      return;
    }
    if (waiter.signal !== undefined) this.#aborts.remove(waiter.signal, request);
    const waitedMs = this.#clock.now() - request.arrivedAt;
    waiter.reject(this.#rejection(why, waiter.timeoutMs, waitedMs));
  }

  #abort(request: Request<T, Context<T>>, reason: unknown): void {
    // Its end may be decided already and on its way; a lease that nobody receives would never come back.
    if (request.state !== 'pending') return;
    const waiter = waiterOf(request.context);
    this.#autoscaler.engine.cancel(request, this.#clock.now());
    this.#changed();
    waiter?.reject(reason);
  }
}
