import { Autoscaler } from './autoscaler/autoscaler.js';
import { closeAllowanceFor, DEFAULTS } from './autoscaler/defaults.js';
import type { AutoscalerHost, AutoscalerSettings } from './autoscaler/ports.js';
import type { ScaleDecision } from './control/decision.js';
import type {
  CheckKind,
  CloseReason,
  CreateFailureKind,
  EngineProbe,
  RejectReason,
  ReleaseKind,
} from './engine/ports.js';
import type { Request } from './engine/request.js';
import type { Slot } from './engine/slot.js';
import {
  AcquireTimeoutError,
  CreateFailedError,
  NotReadyError,
  PoolClosedError,
  QueueFullError,
  withoutStack,
} from './errors.js';
import type { ErrorEvent, PoolEvents } from './events.js';
import { Lease, type LeaseHolder } from './lease.js';
import type { AdaptivePoolOptions, ResolvedOptions } from './options.js';
import { AbortListeners } from './runtime/abort-listeners.js';
import type { Clock, Timer } from './runtime/clock.js';
import { newDeferred, type Deferred } from './runtime/deferred.js';
import { ResourceDriver, type DriverListener } from './runtime/resource-driver.js';
import type { DestroyReason, ErrorClass, ResourceFactory } from './runtime/resource-factory.js';
import { EventLoopMeter } from './runtime/event-loop-meter.js';
import { Readiness } from './readiness.js';
import { systemClock } from './runtime/system-clock.js';
import { WakeTimer } from './runtime/wake-timer.js';
import { readStats, type PoolStats } from './stats.js';

/** A caller who waits. */
interface Waiter<T> extends Deferred<Lease<T>> {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** A waiter; or why the request ended before anybody could wait for it. */
type Context<T> = Waiter<T> | RejectReason | null;

/** What `close` found. */
export interface CloseReport {
  /** Leases that had not come back at the deadline, the oldest first; their connections were closed all the same. */
  readonly heldLeases: readonly { readonly id: number; readonly heldForMs: number }[];
}

/** How events leave the pool. */
export interface Notifier {
  hears(event: keyof PoolEvents): boolean;
  notify<E extends keyof PoolEvents>(event: E, ...payload: PoolEvents[E]): void;
}

/** One snapshot of the statistics serves all errors that arise within this time, in milliseconds. */
const SNAPSHOT_MS = 1;

/** The live host of an autoscaler: promises, signals, real connections, one timer. */
export class PoolHost<T>
  implements AutoscalerHost<T, Context<T>>, DriverListener<T>, LeaseHolder<T, Context<T>>
{
  readonly name: string;
  readonly #clock: Clock;
  readonly #notifier: Notifier;
  readonly #factory: ResourceFactory<T>;
  readonly #autoscaler: Autoscaler<T, Context<T>>;
  readonly #driver: ResourceDriver<T>;
  readonly #timer: WakeTimer;
  readonly #aborts: AbortListeners<Request<T, Context<T>>>;
  readonly #readiness: Readiness;
  readonly #eventLoop = new EventLoopMeter();
  readonly #fixed: Pick<AutoscalerSettings, 'name' | 'tickMs' | 'random' | 'epochAtZero'>;
  #options: ResolvedOptions;
  #lastCreateError: unknown = undefined;
  #snapshot: PoolStats | null = null;
  #snapshotAt: number = Number.NEGATIVE_INFINITY;
  #closed: Deferred<CloseReport> | null = null;
  #heldLeases: CloseReport['heldLeases'] = [];

  constructor(given: AdaptivePoolOptions<T>, options: ResolvedOptions, notifier: Notifier) {
    const clock = given.clock ?? systemClock;
    const now = clock.now();
    this.name = given.name ?? 'pool';
    this.#clock = clock;
    this.#notifier = notifier;
    this.#factory = given.factory;
    this.#options = options;
    this.#fixed = {
      name: this.name,
      tickMs: given.tickMs ?? DEFAULTS.tickMs,
      random: Math.random,
      epochAtZero: clock.epoch() - now,
    };
    this.#driver = new ResourceDriver(given.factory, options, clock, this);
    this.#autoscaler = new Autoscaler(this.#settings(), this, now);
    this.#readiness = new Readiness(clock);
    this.#timer = new WakeTimer(clock, () => this.#advance());
    this.#aborts = new AbortListeners((request, reason) => this.#abort(request, reason));
  }

  // What the pool asks.

  start(): void {
    this.#autoscaler.start(this.#clock.now());
    this.#rearm();
  }

  /** A lease at once, or a promise of one. */
  acquire(timeoutMs: number, signal: AbortSignal | undefined): Promise<Lease<T>> {
    if (signal?.aborted === true) return rejected(signal.reason);
    this.start();
    const now = this.#clock.now();
    const request = this.#autoscaler.request(null, now + timeoutMs, now);
    this.#rearm();
    if (request.state === 'granted') return Promise.resolve(new Lease(this, request));
    const early = request.context;
    if (typeof early === 'string') return Promise.reject(this.#rejection(early, timeoutMs));
    const waiter: Waiter<T> = { ...newDeferred<Lease<T>>(), signal, timeoutMs };
    request.context = waiter;
    if (signal !== undefined) this.#aborts.add(signal, request);
    return waiter.promise;
  }

  tryAcquire(): Lease<T> | null {
    this.start();
    const request = this.#autoscaler.tryRequest(null, this.#clock.now());
    this.#rearm();
    return request === null ? null : new Lease(this, request);
  }

  /** Resolves once `min` connections are open. */
  ready(timeoutMs: number): Promise<void> {
    if (this.#closed !== null) {
      return Promise.reject(withoutStack(() => new PoolClosedError(this.stats(), undefined)));
    }
    this.start();
    if (this.#isReady()) return Promise.resolve();
    return this.#readiness.wait(
      timeoutMs,
      () => new NotReadyError(timeoutMs, this.stats(), this.#lastCreateError),
    );
  }

  reconfigure(options: ResolvedOptions): void {
    this.#options = options;
    this.#driver.timeouts = options;
    this.#autoscaler.reconfigure(this.#settings(), this.#clock.now());
    this.#rearm();
  }

  invalidate(): void {
    this.#autoscaler.engine.invalidate(this.#clock.now());
    this.#rearm();
  }

  /** Drains until `deadlineMs`, then closes everything. Resolves when the last connection is gone. */
  close(deadlineMs: number): Promise<CloseReport> {
    if (this.#closed !== null) return this.#closed.promise;
    const closed = newDeferred<CloseReport>();
    this.#closed = closed;
    this.#readiness.fail(() => new PoolClosedError(this.stats(), this.#lastCreateError));
    this.#autoscaler.close(this.#clock.now());
    let timer: Timer | null = null;
    if (deadlineMs !== Number.POSITIVE_INFINITY) {
      timer = this.#clock.schedule(deadlineMs, () => this.#terminate());
      timer.keepAlive(true);
    }
    this.#rearm();
    this.#noteEmpty();
    void closed.promise.then(() => {
      timer?.cancel();
      this.#timer.stop();
    });
    return closed.promise;
  }

  stats(): PoolStats {
    const { min, max } = this.#options;
    return readStats(this.name, min, max, this.#autoscaler, this.#clock.now());
  }

  get policy(): { readonly name: string; readonly state: unknown } {
    return { name: this.#autoscaler.policyName, state: this.#autoscaler.policyState };
  }

  get epochAtZero(): number {
    return this.#fixed.epochAtZero;
  }

  observe(observer: EngineProbe): () => void {
    return this.#autoscaler.telemetry.observe(observer);
  }

  classify(error: unknown): ErrorClass {
    return this.#driver.classify(error);
  }

  // What leases ask.

  judge(resource: T): ReleaseKind {
    try {
      if (this.#factory.isUsable?.(resource) === false) return 'broken';
      return this.#factory.needsReset?.(resource) === true ? 'reset' : 'clean';
    } catch {
      return 'broken';
    }
  }

  giveBack(request: Request<T, Context<T>>, kind: ReleaseKind): boolean {
    const wasOut = this.#autoscaler.engine.release(request, kind, this.#clock.now());
    this.#rearm();
    return wasOut;
  }

  // What the engine and the autoscaler ask.

  get wantsEveryDecision(): boolean {
    return this.#notifier.hears('decision');
  }

  create(slot: Slot<T>): void {
    this.#driver.create(slot);
  }

  check(slot: Slot<T>, kind: CheckKind): void {
    this.#driver.check(slot, kind);
  }

  destroy(slot: Slot<T>, reason: CloseReason): void {
    this.#driver.destroy(slot, reason);
  }

  grant(request: Request<T, Context<T>>): void {
    const waiter = request.context;
    if (waiter === null || typeof waiter === 'string') return;
    if (waiter.signal !== undefined) this.#aborts.remove(waiter.signal, request);
    waiter.resolve(new Lease(this, request));
  }

  reject(request: Request<T, Context<T>>, why: RejectReason): void {
    const waiter = request.context;
    if (waiter === null || typeof waiter === 'string') {
      request.context = why;
      return;
    }
    if (waiter.signal !== undefined) this.#aborts.remove(waiter.signal, request);
    if (why !== 'aborted') waiter.reject(this.#rejection(why, waiter.timeoutMs));
  }

  isUsable(slot: Slot<T>): boolean {
    if (this.#factory.isUsable === undefined || slot.resource === undefined) return true;
    try {
      return this.#factory.isUsable(slot.resource);
    } catch {
      return false;
    }
  }

  pressure(): void {
    this.#clock.defer(() => {
      this.#autoscaler.pressure(this.#clock.now());
      this.#rearm();
    });
  }

  decided(decision: ScaleDecision): void {
    this.#notifier.notify('decision', decision);
    if (decision.direction !== 'hold') this.#notifier.notify('scale', decision);
  }

  policyFailed(error: unknown): void {
    this.#report('policy', error);
  }

  eventLoopUtilisation(): number | null {
    return this.#eventLoop.read();
  }

  // What the driver reports.

  created(slot: Slot<T>, resource: T): void {
    const now = this.#clock.now();
    this.#lastCreateError = undefined;
    this.#autoscaler.created(slot, resource, now);
    this.#rearm();
    if (this.#isReady()) this.#readiness.settle();
    const tookMs = now - slot.openedAt;
    this.#notifier.notify('create', { pool: this.name, id: slot.id, tookMs });
  }

  createFailed(slot: Slot<T>, error: unknown, kind: CreateFailureKind): void {
    const now = this.#clock.now();
    this.#lastCreateError = error;
    this.#autoscaler.createFailed(slot, kind, now);
    this.#rearm();
    if (kind === 'permanent') {
      this.#readiness.fail(() => new CreateFailedError(this.stats(), error));
    }
    const gate = this.#autoscaler.engine.gate.read(now);
    this.#notifier.notify('create-error', {
      pool: this.name,
      id: slot.id,
      tookMs: now - slot.openedAt,
      error,
      class: kind,
      failuresInARow: gate.failuresInARow,
      retryInMs: gate.reopensInMs,
    });
  }

  checked(slot: Slot<T>, ok: boolean): void {
    this.#autoscaler.engine.checked(slot, ok, this.#clock.now());
    this.#rearm();
  }

  died(slot: Slot<T>): void {
    this.#autoscaler.died(slot, this.#clock.now());
    this.#rearm();
  }

  destroyed(slot: Slot<T>, reason: DestroyReason, cause: unknown): void {
    this.#autoscaler.engine.destroyed(slot, this.#clock.now());
    this.#rearm();
    const event = { pool: this.name, id: slot.id, reason };
    this.#notifier.notify('destroy', cause === undefined ? event : { ...event, cause });
    this.#noteEmpty();
  }

  failed(operation: ErrorEvent['operation'], error: unknown): void {
    this.#report(operation, error);
  }

  #settings(): AutoscalerSettings {
    const { min, max, waitObjectiveMs, policy } = this.#options;
    const { maxPending, createConcurrency, validateAfterIdleMs, maxLifetimeMs } = this.#options;
    return {
      ...this.#fixed,
      min,
      max,
      waitObjectiveMs,
      policy,
      engine: {
        maxPending,
        createConcurrency,
        validateAfterIdleMs,
        maxLifetimeMs,
        closeAllowance: closeAllowanceFor(max),
      },
    };
  }

  #advance(): void {
    this.#autoscaler.advance(this.#clock.now());
    this.#rearm();
  }

  #rearm(): void {
    this.#timer.arm(this.#autoscaler.wakeAt, this.#autoscaler.engine.pending > 0);
  }

  #abort(request: Request<T, Context<T>>, reason: unknown): void {
    const waiter = request.context;
    this.#autoscaler.engine.cancel(request, this.#clock.now());
    this.#rearm();
    if (waiter !== null && typeof waiter !== 'string') waiter.reject(reason);
  }

  #rejection(why: RejectReason, timeoutMs: number): Error {
    const now = this.#clock.now();
    if (this.#snapshot === null || now - this.#snapshotAt > SNAPSHOT_MS) {
      this.#snapshot = this.stats();
      this.#snapshotAt = now;
    }
    const stats = this.#snapshot;
    const cause = this.#lastCreateError;
    if (why === 'closed') return withoutStack(() => new PoolClosedError(stats, cause));
    if (why === 'queue-full') return withoutStack(() => new QueueFullError(stats, cause));
    const error = withoutStack(() => new AcquireTimeoutError(timeoutMs, stats, cause));
    this.#notifier.notify('timeout', { pool: this.name, error });
    return error;
  }

  #isReady(): boolean {
    const { slots } = this.#autoscaler.engine;
    return slots.size - slots.creating >= this.#options.min;
  }

  #terminate(): void {
    const { engine } = this.#autoscaler;
    const now = this.#clock.now();
    this.#heldLeases = Array.from(engine.slots.all())
      .filter((slot) => slot.leases > 0)
      .map((slot) => ({ id: slot.id, heldForMs: now - slot.lentAt }))
      .toSorted((a, b) => b.heldForMs - a.heldForMs);
    engine.terminate(now);
    this.#noteEmpty();
  }

  #noteEmpty(): void {
    const { slots } = this.#autoscaler.engine;
    if (this.#closed !== null && slots.size + slots.closing === 0) {
      this.#closed.resolve({ heldLeases: this.#heldLeases });
    }
  }

  #report(operation: ErrorEvent['operation'], error: unknown): void {
    this.#notifier.notify('error', { pool: this.name, operation, error });
  }
}

/** An abort signal's reason may be anything; callers get exactly that. */
function rejected(reason: unknown): Promise<never> {
  const { promise, reject } = newDeferred<never>();
  reject(reason);
  return promise;
}
