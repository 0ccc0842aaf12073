import { patienceFor, type AcquireOptions } from './acquire-options.js';
import type { ControllerState } from './autoscaler/state.js';
import type { CloseOptions, CloseReport } from './closing.js';
import { findProblems, notFunction, numberFrom, oneOf, type FieldRule } from './control/fields.js';
import { InvalidOptionsError } from './errors.js';
import type { RefusalReason } from './engine/ports.js';
import type { PoolEvents } from './events.js';
import type { Expectation, ExpectedLoad } from './expected-load.js';
import { GuardedEmitter } from './guarded-emitter.js';
import type { Lease } from './lease.js';
import {
  checkOptions,
  mergeOptions,
  resolveOptions,
  type AdaptivePoolOptions,
  type ResolvedOptions,
  type TunableOptions,
} from './options.js';
import { PoolHost } from './pool-host.js';
import type { PoolStats } from './stats.js';
import { logScaling } from './telemetry/scaling-log.js';

/** Given to the callback of `use`, besides the connection. */
export interface UseContext<T> {
  /** The signal that was given to `use`. */
  readonly signal: AbortSignal | undefined;
  /** For `lease.destroy()`, when the connection is in a state that nobody should inherit. */
  readonly lease: Lease<T>;
}

/** Hears what a pool measures; durations in milliseconds, `now` by the pool's clock. */
export interface RequestObserver {
  /** Somebody wants a connection. */
  arrived(now: number): void;
  /** Acquire to grant; 0 when the lease was there at once. */
  granted(waitMs: number): void;
  /** Grant to release, of the request that arrived at `arrivedAt` and waited `waitMs`. */
  released(useMs: number, arrivedAt: number, waitMs: number): void;
  /** Start of a create to a usable connection. */
  created(createMs: number): void;
  /** Who arrived then wants nothing any more: aborted while waiting, or `tryAcquire` without success. */
  left?(arrivedAt: number): void;
  /** A caller got nothing after `waitMs`. */
  refused?(why: RefusalReason, waitMs: number): void;
}

const CLOSE_RULES = {
  deadlineMs: numberFrom(0, Number.POSITIVE_INFINITY),
  pending: oneOf('serve', 'reject'),
} as const satisfies Record<keyof CloseOptions, FieldRule>;

/**
 * A pool of warm connections that sizes itself between `min` and `max` and says why.
 *
 * The constructor opens nothing: the first connections are opened by the first `ready()`, `expect()` or caller.
 */
export class AdaptivePool<T> extends GuardedEmitter<PoolEvents> {
  readonly #host: PoolHost<T>;
  readonly #readyTimeoutMs: number;

  /** @throws {@link InvalidOptionsError} that lists every problem of `options` */
  constructor(options: AdaptivePoolOptions<T>) {
    super();
    checkOptions(options);
    this.#readyTimeoutMs = options.readyTimeoutMs ?? 10_000;
    this.#host = new PoolHost(options, resolveOptions(options), {
      hears: (event) => this.listenerCount(event) > 0,
      notify: (event, ...payload) => this.#notify(event, payload),
    });
    if (options.logger !== undefined) logScaling(this, options.logger);
  }

  /** Name in log lines, events, errors and recordings. */
  get name(): string {
    return this.#host.name;
  }

  /** Every tunable option with its default filled in, as in force now. */
  get options(): ResolvedOptions {
    return this.#host.options;
  }

  /** One consistent snapshot. */
  get stats(): PoolStats {
    return this.#host.stats();
  }

  /**
   * Opens the first connections and resolves once `min` are open; at once if they already are.
   *
   * @throws {@link CreateFailedError} on a failure that retrying cannot mend, such as a wrong password
   * @throws {@link NotReadyError} after `readyTimeoutMs`
   * @throws {@link PoolClosedError}
   */
  ready(): Promise<void> {
    return this.#host.ready(this.#readyTimeoutMs);
  }

  /**
   * Waits for the exclusive use of a connection. Every lease must be given back; `use` does that by itself.
   *
   * @throws {@link InvalidOptionsError} that lists every problem of `options`; nobody waits then
   * @throws {@link AcquireTimeoutError} after the acquire timeout
   * @throws {@link QueueFullError} when `maxPending` callers wait
   * @throws {@link OverloadedError} when the option `overload` refuses the caller
   * @throws {@link CreateFailedError} when no connection is open and none can be opened: see `failFastAfter`
   * @throws {@link PoolClosedError}
   * @throws `signal.reason` when the signal is aborted
   */
  acquire(options?: AcquireOptions): Promise<Lease<T>> {
    if (options === undefined) return this.#host.acquire(this.#host.patience);
    const patience = patienceFor(options, this.#host.patience);
    if (patience instanceof InvalidOptionsError) return Promise.reject(patience);
    return this.#host.acquire(patience);
  }

  /** A lease if one is free this instant, else null. Null also if callers wait or the connection needs a check first. */
  tryAcquire(): Lease<T> | null {
    return this.#host.tryAcquire();
  }

  /**
   * Runs `work` with a connection and gives it back afterwards, whatever happens. When `work` fails with an error that
   * the factory classifies as `permanent`, the connection is closed instead.
   *
   * @throws TypeError when `work` is no function; nobody waits then
   * @throws what `acquire` throws, and what `work` throws
   */
  async use<R>(
    work: (resource: T, context: UseContext<T>) => Promise<R> | R,
    options?: AcquireOptions,
  ): Promise<R> {
    if (typeof work !== 'function') throw notFunction('work', work);
    const lease = await this.acquire(options);
    try {
      return await work(lease.resource, { signal: options?.signal ?? undefined, lease });
    } catch (error) {
      if (!lease.isReleased && this.#host.classify(error) === 'permanent') lease.destroy();
      throw error;
    } finally {
      if (!lease.isReleased) lease.release();
    }
  }

  /**
   * Runs `work` on a connection that others use at the same time, up to `sharedPerConnection`: for commands that leave no
   * state behind and do not block. The connection is for the duration of `work` only. When `work` fails with anything but
   * an answer of the server (`isAnswer` of the factory), nobody else comes onto the connection until it is quiet; with an
   * error that the factory classifies as `permanent`, it is closed then.
   *
   * @throws TypeError when `work` is no function; nobody waits then
   * @throws what `acquire` throws, and what `work` throws
   */
  run<R>(work: (resource: T) => Promise<R> | R, options?: AcquireOptions): Promise<R> {
    if (typeof work !== 'function') return Promise.reject(notFunction('work', work));
    if (options === undefined) return this.#host.run(work, this.#host.patience);
    const patience = patienceFor(options, this.#host.patience);
    if (patience instanceof InvalidOptionsError) return Promise.reject(patience);
    return this.#host.run(work, patience);
  }

  /**
   * Announces load that is known to come, so that the connections are open when it does: opening begins as long before as
   * it takes by the measured create time. Of overlapping announcements the largest counts. Opens the first connections, as
   * `ready()` does.
   *
   * @throws {@link InvalidOptionsError} that lists every problem of `load`
   * @throws {@link PoolClosedError}
   */
  expect(load: ExpectedLoad): Expectation {
    return this.#host.expect(load);
  }

  /**
   * Changes options while the pool runs; what is not named stays.
   *
   * @throws {@link InvalidOptionsError} that lists every problem; nothing is changed then
   */
  reconfigure(changes: TunableOptions): void {
    this.#host.reconfigure((options) => mergeOptions(changes, options));
  }

  /** Replaces every connection: idle ones now, the others when they come back. For a failover or a new password: after a failed create it tries again at once. */
  invalidateAll(): void {
    this.#host.invalidateAll();
  }

  /**
   * Refuses new callers, serves those who wait, awaits the leases that are out and closes every connection. Resolves when
   * the last one is gone. Calling it again returns the same promise; an earlier deadline and `pending: 'reject'` then
   * still hold.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    const problems = findProblems(options, CLOSE_RULES);
    if (problems.length > 0) return Promise.reject(new InvalidOptionsError('options', problems));
    return this.#host.close(options);
  }

  /** Closes the pool, with the default deadline. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The policy that sizes the pool, in mode `observe` a constant, and its memory, which is plain JSON. */
  get policy(): { readonly name: string; readonly state: unknown } {
    return this.#host.policy;
  }

  /**
   * What the policy has learnt, for the option `initialState` of a later process: a deep copy, plain JSON.
   *
   * @throws what `JSON.stringify` throws if a policy of your own remembers what is no JSON
   */
  get controllerState(): ControllerState {
    return this.#host.controllerState;
  }

  /** Time between regular decisions, in milliseconds. */
  get tickMs(): number {
    return this.#host.timing.tickMs;
  }

  /** Epoch milliseconds at 0 of the pool's clock: `epochAtZero + signals.now` is the time of day. */
  get epochAtZero(): number {
    return this.#host.timing.epochAtZero;
  }

  /**
   * Hears of every arrival, grant, release and create, and of those who get nothing, in the middle of the pool's work: the
   * observer must be quick. One that throws, or is async and rejects, is removed and reported as an `error` event. Meant
   * for recorders and metrics.
   *
   * @returns a function that ends it
   */
  observe(observer: RequestObserver): () => void {
    return this.#host.observe(observer);
  }

  /** Reports that a recording ended early, as an `error` event. */
  recordingFailed(error: unknown): void {
    this.#notify('error', [{ pool: this.name, operation: 'recording', error }]);
  }

  protected override listenerFailed(event: keyof PoolEvents, error: unknown): void {
    // A listener of `error` that fails has nobody left to tell.
    if (event === 'error') return;
    this.#notify('error', [{ pool: this.name, operation: 'listener', error }]);
  }

  #notify<E extends keyof PoolEvents>(event: E, payload: PoolEvents[E]): void {
    // The tuple type of one event is lost in a generic call; the emitter's own typing says the same.
    (this.emit as (event: E, ...payload: PoolEvents[E]) => boolean).call(this, event, ...payload);
  }
}
