import { AsyncResource } from 'node:async_hooks';
import { atOnce, isPromise } from '../at-once.js';
import { CreateTimeoutError } from '../errors.js';
import type { CheckKind, CloseReason, CreateFailureKind, ReleaseKind } from '../engine/ports.js';
import type { Slot } from '../engine/slot.js';
import type { Clock } from './clock.js';
import { scheduleFar } from './far-timer.js';
import type { Advice, DestroyReason, ErrorClass, ResourceFactory } from './resource-factory.js';
import { Scope } from './scope.js';

/** How long each call of the factory may take, in milliseconds; Infinity = for ever. */
export interface DriverTimeouts {
  readonly createTimeoutMs: number;
  readonly validateTimeoutMs: number;
  readonly resetTimeoutMs: number;
  readonly destroyTimeoutMs: number;
}

/** What the factory is asked in the middle of the pool's work, so that it must answer at once. */
type Question = 'isUsable' | 'needsReset' | 'isAnswer' | 'classify';

/** What the driver reports. Each call of `create`, `check` and `destroy` is answered exactly once. */
export interface DriverListener<T> {
  /** Name of the pool. */
  readonly name: string;
  advised(advice: Advice): void;
  invalidateAll(): void;
  created(slot: Slot<T>, resource: T): void;
  createFailed(slot: Slot<T>, error: unknown, kind: CreateFailureKind): void;
  checked(slot: Slot<T>, ok: boolean): void;
  died(slot: Slot<T>): void;
  /** `cause` is what the connection died of, where that is known. */
  destroyed(slot: Slot<T>, reason: DestroyReason, cause: unknown): void;
  /** A call failed that has no other answer. */
  failed(operation: CheckKind | 'destroy' | Question, error: unknown): void;
}

const NO_ANSWER = 'factory.validate must answer true or false';

/**
 * Runs the factory: every call has a deadline and a signal, an answer after the deadline is cleared away, and nothing a
 * factory throws gets further than here.
 */
export class ResourceDriver<T> {
  readonly #factory: ResourceFactory<T>;
  /** Factory calls belong to the pool, not to the caller who happened to trigger them: their AsyncLocalStorage is not his. */
  readonly #context = new AsyncResource('AdaptivePool');
  readonly #clock: Clock;
  readonly #listener: DriverListener<T>;
  /** Creates that have not ended, those given up included. */
  readonly #creates = new Map<Slot<T>, Scope>();
  readonly #checks = new Map<Slot<T>, Scope>();
  readonly #causes = new WeakMap<Slot<T>, unknown>();
  timeouts: DriverTimeouts;

  constructor(
    factory: ResourceFactory<T>,
    timeouts: DriverTimeouts,
    clock: Clock,
    listener: DriverListener<T>,
  ) {
    this.#factory = factory;
    this.timeouts = timeouts;
    this.#clock = clock;
    this.#listener = listener;
  }

  create(slot: Slot<T>): void {
    const { createTimeoutMs } = this.timeouts;
    const fail = (error: unknown, kind: CreateFailureKind): void => {
      if (!scope.settle()) return;
      this.#creates.delete(slot);
      // After settling: an abort may make the factory report a death, which tells nothing new.
      if (kind === 'timeout') scope.abort(error);
      // Given up in the same breath; the answer to that is on its way.
      if (slot.state !== 'creating') return;
      this.#listener.createFailed(slot, error, kind);
    };
    const scope = new Scope(this.#clock, createTimeoutMs, () => {
      fail(new CreateTimeoutError(createTimeoutMs), 'timeout');
    });
    this.#creates.set(slot, scope);
    let isDead = false;
    const onDeath = (cause?: unknown): void => {
      if (isDead) return;
      isDead = true;
      if (!scope.isSettled)
        fail(cause ?? new Error('the connection died while it opened'), 'transient');
      else if (slot.resource !== undefined && slot.state !== 'closing') {
        if (cause !== undefined) this.#causes.set(slot, cause);
        this.#listener.died(slot);
      }
    };
    const arrive = (resource: T): void => {
      if (resource === undefined) refuse(new TypeError('create returned undefined'));
      else if (scope.settle()) {
        this.#creates.delete(slot);
        if (slot.state === 'creating') this.#listener.created(slot, resource);
        else this.#close(resource, 'late', () => {});
      } else this.#close(resource, 'late', () => this.#givenUp(slot));
    };
    const refuse = (error: unknown): void => {
      if (scope.isSettled) this.#givenUp(slot);
      else fail(error ?? new Error('create failed'), this.classify(error));
    };
    const onAdvice = (advice: Advice): void => this.#listener.advised(advice);
    const pool = this.#listener.name;
    const context = { signal: scope.signal, pool, onDeath, onAdvice, onMoved: this.#onMoved };
    this.#run(() => this.#factory.create(context), arrive, refuse);
  }

  check(slot: Slot<T>, kind: CheckKind): void {
    const factory = this.#factory;
    const { resource } = slot;
    if (resource === undefined || factory[kind] === undefined) {
      this.#listener.checked(slot, resource !== undefined);
      return;
    }
    const { validateTimeoutMs, resetTimeoutMs } = this.timeouts;
    const timeoutMs = kind === 'validate' ? validateTimeoutMs : resetTimeoutMs;
    const finish = (ok: boolean, error?: unknown): void => {
      if (!scope.settle()) return;
      this.#checks.delete(slot);
      if (error !== undefined) {
        this.#causes.set(slot, error);
        this.#listener.failed(kind, error);
      }
      this.#listener.checked(slot, ok);
    };
    const scope = new Scope(this.#clock, timeoutMs, () => {
      const error = new Error(`${kind} took longer than ${timeoutMs} ms`);
      scope.abort(error);
      finish(false, error);
    });
    this.#checks.set(slot, scope);
    this.#run<boolean | void>(
      () =>
        kind === 'validate'
          ? factory.validate?.(resource, scope)
          : factory.reset?.(resource, scope),
      (answer) => {
        if (kind === 'reset' || answer === true) finish(true);
        else if (answer === false) finish(false);
        else finish(false, new TypeError(`${NO_ANSWER}, got ${typeof answer}`));
      },
      (error) => finish(false, error ?? new Error(`${kind} failed`)),
    );
  }

  destroy(slot: Slot<T>, reason: CloseReason): void {
    const create = this.#creates.get(slot);
    const check = this.#checks.get(slot);
    const { resource } = slot;
    if (check !== undefined) {
      this.#checks.delete(slot);
      giveUp(check);
    }
    if (create !== undefined) {
      giveUp(create);
      const { destroyTimeoutMs } = this.timeouts;
      if (destroyTimeoutMs !== Number.POSITIVE_INFINITY) {
        scheduleFar(this.#clock, destroyTimeoutMs, () => this.#givenUp(slot));
      }
    } else if (resource === undefined) this.#listener.destroyed(slot, reason, undefined);
    else {
      this.#close(resource, reason, () =>
        this.#listener.destroyed(slot, reason, this.#causes.get(slot)),
      );
    }
  }

  /** Whether an idle connection may be lent. */
  isUsable({ resource }: Slot<T>): boolean {
    if (resource === undefined) return false;
    try {
      return atOnce('isUsable', this.#factory.isUsable?.(resource)) !== false;
    } catch (error) {
      this.#unanswered('isUsable', error);
      return false;
    }
  }

  /** What a connection that comes back needs; after a forced close there is none. */
  judge(slot: Slot<T>): ReleaseKind {
    const { resource } = slot;
    if (resource === undefined || !this.isUsable(slot)) return 'broken';
    try {
      const factory = this.#factory;
      const needsReset: unknown =
        factory.needsReset === undefined
          ? factory.reset !== undefined
          : atOnce('needsReset', factory.needsReset(resource));
      return needsReset === true ? 'reset' : 'clean';
    } catch (error) {
      this.#unanswered('needsReset', error);
      return 'broken';
    }
  }

  /** Whether an error is an answer of the server. */
  isAnswer(error: unknown): boolean {
    try {
      return atOnce('isAnswer', this.#factory.isAnswer?.(error)) === true;
    } catch (problem) {
      this.#unanswered('isAnswer', problem);
      return false;
    }
  }

  /** The factory's class of an error. */
  classify(error: unknown): ErrorClass {
    try {
      const answer = atOnce('classify', this.#factory.classify?.(error));
      return answer === 'permanent' || answer === 'server-limit' ? answer : 'transient';
    } catch (problem) {
      this.#unanswered('classify', problem);
      return 'transient';
    }
  }

  readonly #onMoved = (): void => this.#listener.invalidateAll();

  /** Somebody is in the middle of something; listeners wait until that is done. */
  #unanswered(question: Question, error: unknown): void {
    this.#clock.defer(() => this.#listener.failed(question, error));
  }

  /** A create that was given up has come to its end, by itself or by its deadline. */
  #givenUp(slot: Slot<T>): void {
    if (this.#creates.delete(slot)) this.#listener.destroyed(slot, 'surplus', undefined);
  }

  #close(resource: T, reason: DestroyReason, closed: () => void): void {
    const finish = (error?: unknown): void => {
      if (!scope.settle()) return;
      if (error !== undefined) this.#listener.failed('destroy', error);
      closed();
    };
    const { destroyTimeoutMs } = this.timeouts;
    const scope = new Scope(this.#clock, destroyTimeoutMs, () => {
      const error = new Error(`destroy took longer than ${destroyTimeoutMs} ms`);
      scope.abort(error);
      finish(error);
    });
    this.#run(
      () => this.#factory.destroy(resource, { signal: scope.signal, reason }),
      () => finish(),
      (error) => finish(error ?? new Error('destroy failed')),
    );
  }

  /** Calls `start` and passes on what it returns or throws, at once if it can. */
  #run<R>(
    start: () => Promise<R> | R,
    done: (result: R) => void,
    failed: (error: unknown) => void,
  ): void {
    let result: Promise<R> | R;
    try {
      result = this.#context.runInAsyncScope(start);
    } catch (error) {
      failed(error);
      return;
    }
    if (isPromise(result)) result.then(done, failed);
    else done(result);
  }
}

/** Takes the call's word no longer, and lets it know. */
function giveUp(scope: Scope): void {
  scope.settle();
  scope.abort(new Error('the connection is not wanted any more'));
}
