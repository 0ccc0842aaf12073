import type { Patience } from './acquire-options.js';
import type { RefusalReason, RejectReason } from './engine/ports.js';
import type { Request } from './engine/request.js';
import { AbortListeners } from './runtime/abort-listeners.js';
import type { Clock } from './runtime/clock.js';
import { Deferred } from './runtime/deferred.js';
import type { StackTrace } from './runtime/stack-trace.js';

/** Makes the error of a caller who gets nothing. */
export type MakeRejection = (why: RefusalReason, timeoutMs: number, waitedMs: number) => Error;

/** A caller who waits for `V`. */
export class Waiter<V> extends Deferred<V> {
  readonly patience: Patience;
  /** Where it called, if it is sampled. */
  readonly calledFrom: StackTrace | null;

  constructor(patience: Patience, calledFrom: StackTrace | null) {
    super();
    this.patience = patience;
    this.calledFrom = calledFrom;
  }
}

/** Notes who waits for it, or why it ended before anybody could; or the `Rest`. */
type Noting<T, V, Rest> = Request<T, Waiter<V> | RefusalReason | Rest>;

/** Callers who wait for `V`, and how they hear of the end. */
export class WaitingCallers<T, V, Rest> {
  readonly #clock: Clock;
  readonly #rejection: MakeRejection;
  readonly #cancel: (request: Noting<T, V, Rest>, now: number) => void;
  readonly #aborts: AbortListeners<Noting<T, V, Rest>>;

  /** `cancel` ends a request whose caller has gone. */
  constructor(
    clock: Clock,
    rejection: MakeRejection,
    cancel: (request: Noting<T, V, Rest>, now: number) => void,
  ) {
    this.#clock = clock;
    this.#rejection = rejection;
    this.#cancel = cancel;
    this.#aborts = new AbortListeners((request, reason) => this.#abort(request, reason));
  }

  /** Lets the caller of a request wait, unless it was refused already. */
  add(
    request: Noting<T, V, Rest>,
    patience: Patience,
    calledFrom: StackTrace | null = null,
  ): Promise<V> {
    const { context } = request;
    const { timeoutMs, signal } = patience;
    if (typeof context === 'string') {
      return Promise.reject(this.#rejection(context as RefusalReason, timeoutMs, 0));
    }
    const waiter = new Waiter<V>(patience, calledFrom);
    request.context = waiter;
    if (signal !== undefined) this.#aborts.add(signal, request);
    return waiter.promise;
  }

  /** Who waits for a request that has come to its end, and need not listen any more; null before anybody can wait. */
  take(request: Noting<T, V, Rest>): Waiter<V> | null {
    const { context } = request;
    if (!(context instanceof Waiter)) return null;
    const { signal } = context.patience;
    if (signal !== undefined) this.#aborts.remove(signal, request);
    return context;
  }

  /** A request has ended without success. */
  rejected(request: Noting<T, V, Rest>, why: RejectReason): void {
    // An abort is answered by whoever noticed it, with the signal's reason.
    if (why === 'aborted') return;
    const waiter = this.take(request);
    if (waiter === null) {
      request.context = why;
      return;
    }
    const waitedMs = this.#clock.now() - request.arrivedAt;
    waiter.reject(this.#rejection(why, waiter.patience.timeoutMs, waitedMs));
  }

  #abort(request: Noting<T, V, Rest>, reason: unknown): void {
    // Its end may be decided already and on its way; a lease that nobody receives would never come back.
    if (request.state !== 'pending') return;
    const { context } = request;
    this.#cancel(request, this.#clock.now());
    if (context instanceof Waiter) context.reject(reason);
  }
}
