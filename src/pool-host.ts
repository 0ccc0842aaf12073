import { patienceOf, type Patience } from './acquire-options.js';
import { Callers } from './callers.js';
import { Closing, type CloseOptions, type CloseReport } from './closing.js';
import { Autoscaler } from './autoscaler/autoscaler.js';
import { DEFAULTS } from './autoscaler/defaults.js';
import type { AutoscalerHost, AutoscalerSettings } from './autoscaler/ports.js';
import type { ControllerState } from './autoscaler/state.js';
import type { ScaleDecision } from './control/decision.js';
import type { Mode } from './control/mode.js';
import type {
  CheckKind,
  CloseReason,
  CreateFailureKind,
  EngineProbe,
  RejectReason,
} from './engine/ports.js';
import type { Request } from './engine/request.js';
import type { Slot } from './engine/slot.js';
import { AcquireTimeoutError, StateRefusedError } from './errors.js';
import type { ErrorEvent } from './events.js';
import { hintOf, type Expectation, type ExpectedLoad } from './expected-load.js';
import { GuardedObserver } from './guarded-observer.js';
import { LeakWatch } from './leak-watch.js';
import type { Lease } from './lease.js';
import { Lending } from './lending.js';
import type { AdaptivePoolOptions, ResolvedOptions } from './options.js';
import { settingsOf, type FixedSettings } from './pool-settings.js';
import type { Clock } from './runtime/clock.js';
import { ResourceDriver, type DriverListener } from './runtime/resource-driver.js';
import type { Advice, DestroyReason, ErrorClass } from './runtime/resource-factory.js';
import { EventLoopMeter } from './runtime/event-loop-meter.js';
import { Readiness } from './readiness.js';
import { Rejections } from './rejections.js';
import { Reports, type Notifier } from './reports.js';
import { SharedWork } from './shared-work.js';
import { systemClock } from './runtime/system-clock.js';
import { Turn } from './runtime/turn.js';
import { WakeTimer } from './runtime/wake-timer.js';
import { CARRIER, type Context } from './request-context.js';
import { readStats } from './read-stats.js';
import type { MakeRejection } from './waiting-callers.js';
import type { PoolStats } from './stats.js';

/** The live host of an autoscaler: promises, signals, real connections, one timer. */
export class PoolHost<T> implements AutoscalerHost<T, Context<T>>, DriverListener<T> {
  readonly name: string;
  readonly #clock: Clock;
  readonly #reports: Reports;
  readonly #autoscaler: Autoscaler<T, Context<T>>;
  readonly #driver: ResourceDriver<T>;
  readonly #timer: WakeTimer;
  /** How long callers wait who say nothing else. */
  patience: Patience;
  readonly #callers: Callers<T>;
  readonly #shared: SharedWork<T>;
  readonly #readiness: Readiness;
  readonly #rejections: Rejections;
  readonly #closing: Closing<T>;
  readonly #lending: Lending<T>;
  readonly #leaks: LeakWatch<T>;
  /** Null under a clock of the user's, whose time has nothing to do with this event loop. */
  readonly #eventLoop: EventLoopMeter | null;
  readonly #fixed: FixedSettings;
  /** Why the state of an earlier process was refused, until that is reported. */
  #stateProblem: Error | null = null;
  #options: ResolvedOptions;
  #createsGivenUp = 0;
  #isStarted = false;

  constructor(given: AdaptivePoolOptions<T>, options: ResolvedOptions, notifier: Notifier) {
    const clock = given.clock ?? systemClock;
    const now = clock.now();
    this.name = given.name ?? 'pool';
    this.#clock = clock;
    this.#eventLoop = given.clock === undefined ? new EventLoopMeter() : null;
    this.#reports = new Reports(this.name, notifier);
    this.#options = options;
    this.patience = patienceOf(options);
    this.#fixed = {
      name: this.name,
      tickMs: given.tickMs ?? DEFAULTS.tickMs,
      random: Math.random,
      epochAtZero: clock.epoch() - now,
      canValidate: given.factory.validate !== undefined,
    };
    this.#driver = new ResourceDriver(given.factory, options, clock, this);
    this.#autoscaler = new Autoscaler(settingsOf(this.#fixed, this.#options), this, now);
    if (given.initialState !== undefined) this.#restore(given.initialState);
    const turn = new Turn(clock);
    this.#readiness = new Readiness(clock);
    const { engine } = this.#autoscaler;
    const changed = (): void => this.#rearm();
    const engineChanged = (): void => {
      if (!this.#autoscaler.isWakeKnown) this.#rearm();
    };
    this.#leaks = new LeakWatch(options, clock, engine, this.#reports, Math.random, changed);
    this.#lending = new Lending(this.name, clock, engine, this.#leaks, this.#driver, engineChanged);
    this.#rejections = new Rejections(clock, () => this.stats());
    this.#timer = new WakeTimer(clock, () => this.#advance());
    this.#callers = new Callers(
      clock,
      this.#autoscaler,
      this.#lending,
      this.#leaks,
      turn,
      this.#rejection,
      engineChanged,
    );
    this.#shared = new SharedWork(
      clock,
      this.#autoscaler,
      this.#driver,
      options,
      this.#reports,
      turn,
      this.#rejection,
      changed,
    );
    this.#closing = new Closing(clock, engine, this.#shared.sharing, this.#lending, changed);
  }

  // What the pool asks.

  start(isForCaller = false): void {
    if (this.#isStarted) return;
    this.#autoscaler.start(this.#clock.now(), isForCaller);
    this.#isStarted = true;
    this.#rearm();
    const problem = this.#stateProblem;
    this.#stateProblem = null;
    if (problem !== null) this.#reports.failed('state', problem);
  }

  acquire(patience: Patience): Promise<Lease<T>> {
    this.start(true);
    return this.#callers.acquire(patience);
  }

  tryAcquire(): Lease<T> | null {
    this.start();
    return this.#callers.tryAcquire();
  }

  /** Runs `work` on a connection that others use at the same time. */
  run<R>(work: (resource: T) => Promise<R> | R, patience: Patience): Promise<R> {
    this.start(true);
    return this.#shared.run(work, patience);
  }

  /** Resolves once `min` connections are open. */
  ready(timeoutMs: number): Promise<void> {
    if (this.#closing.hasBegun) return Promise.reject(this.#rejections.closed(0));
    this.start();
    // A factory or a listener may have closed the pool meanwhile.
    if (this.#closing.hasBegun) return Promise.reject(this.#rejections.closed(0));
    if (this.#isReady()) return Promise.resolve();
    return this.#readiness.wait(timeoutMs, (waitedMs) =>
      this.#rejections.notReady(timeoutMs, waitedMs),
    );
  }

  /** Takes note of a load that will come. */
  expect(load: ExpectedLoad): Expectation {
    const now = this.#clock.now();
    const hint = hintOf(load, now, this.#clock.epoch() - now);
    if (this.#closing.hasBegun) throw this.#rejections.closed(0);
    this.start();
    const takeBack = this.#autoscaler.expect(hint, now);
    this.#rearm();
    const cancel = (): void => {
      takeBack(this.#clock.now());
      this.#rearm();
    };
    return { cancel, [Symbol.dispose]: cancel };
  }

  get options(): ResolvedOptions {
    return this.#options;
  }

  /** Throws what the new policy's `init` throws; nothing is changed then. What was seen before is decided as it was before. */
  reconfigure(change: (options: ResolvedOptions) => ResolvedOptions): void {
    this.#autoscaler.decideOnSeen(this.#clock.now());
    const before = this.#options;
    this.#adopt(change(before));
    try {
      this.#autoscaler.reconfigure(settingsOf(this.#fixed, this.#options), this.#clock.now());
    } catch (error) {
      this.#adopt(before);
      throw error;
    }
    this.#shared.configure(this.#options, this.#clock.now());
    this.#rearm();
    this.#noteReady();
  }

  invalidateAll(): void {
    this.#autoscaler.engine.invalidateAll(this.#clock.now());
    this.#rearm();
  }

  /** Drains until the deadline, then closes everything. Resolves when the last connection is gone. */
  close(options: CloseOptions): Promise<CloseReport> {
    const isFirst = !this.#closing.hasBegun;
    if (isFirst) this.#autoscaler.close(this.#clock.now());
    this.#closing.ask(options);
    if (isFirst) this.#readiness.fail(this.#rejections.closed);
    this.#rearm();
    return this.#closing.report;
  }

  stats(): PoolStats {
    const { min, max } = this.#options;
    const fromHost = { name: this.name, min, max, createsGivenUp: this.#createsGivenUp };
    return readStats(fromHost, this.#autoscaler, this.#shared.sharing, this.#clock.now());
  }

  get policy(): { readonly name: string; readonly state: unknown } {
    return { name: this.#autoscaler.policyName, state: this.#autoscaler.memory };
  }

  get controllerState(): ControllerState {
    return this.#autoscaler.state;
  }

  get timing(): Pick<AutoscalerSettings, 'tickMs' | 'epochAtZero'> {
    return this.#fixed;
  }

  observe(observer: EngineProbe): () => void {
    const guarded = new GuardedObserver(observer, (error) => {
      end();
      // The engine is in the middle of something; listeners wait until it is done.
      this.#clock.defer(() => this.#reports.failed('observer', error));
    });
    const end = this.#autoscaler.telemetry.observe(guarded);
    return end;
  }

  classify(error: unknown): ErrorClass {
    return this.#driver.classify(error);
  }

  // What the engine and the autoscaler ask.

  wantsDecision(isNews: boolean): boolean {
    return this.#reports.hears('decision') || (isNews && this.#reports.hears('scale'));
  }

  get wantsShadows(): boolean {
    return this.#reports.hears('shadow');
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

  grant(request: Request<T, Context<T>>, now: number): void {
    if (request.context === CARRIER) this.#shared.sharing.granted(request, now);
    else this.#callers.granted(request);
  }

  reject(request: Request<T, Context<T>>, why: RejectReason, now: number): void {
    if (request.context === CARRIER) this.#shared.sharing.refused(request, why, now);
    else this.#callers.rejected(request, why);
  }

  isUsable(slot: Slot<T>): boolean {
    return this.#driver.isUsable(slot);
  }

  pressure(): void {
    this.#clock.defer(() => {
      this.#autoscaler.pressure(this.#clock.now());
      this.#rearm();
    });
  }

  decided(decision: ScaleDecision): void {
    this.#reports.decided(decision);
  }

  policyFailed(error: unknown, policy: string, mode: Mode): void {
    this.#reports.policyFailed(error, policy, mode);
  }

  eventLoopUtilisation(): number | null {
    return this.#eventLoop?.read() ?? null;
  }

  // What the driver reports.

  created(slot: Slot<T>, resource: T): void {
    const now = this.#clock.now();
    this.#rejections.lastCreateError = undefined;
    this.#autoscaler.created(slot, resource, now);
    this.#rearm();
    this.#noteReady();
    this.#reports.created(slot, now);
  }

  createFailed(slot: Slot<T>, error: unknown, kind: CreateFailureKind): void {
    const now = this.#clock.now();
    this.#rejections.lastCreateError = error;
    this.#autoscaler.createFailed(slot, kind, now);
    this.#rearm();
    if (kind === 'permanent') this.#readiness.fail(this.#rejections.createFailed);
    const gate = this.#autoscaler.engine.gate.read(now);
    this.#reports.createFailed(slot, error, kind, gate, now);
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
    // A create that was given up never was a connection.
    const wasOpen = slot.resource !== undefined;
    if (!wasOpen) this.#createsGivenUp += 1;
    this.#autoscaler.engine.destroyed(slot, this.#clock.now());
    this.#rearm();
    if (wasOpen) this.#reports.destroyed(slot, reason, cause);
  }

  /** The factory may say it in the middle of a release, and listeners come last. */
  advised(advice: Advice): void {
    if (this.stats().shared.served === 0) this.#clock.defer(() => this.#reports.advised(advice));
  }

  failed(operation: ErrorEvent['operation'], error: unknown): void {
    this.#reports.failed(operation, error);
  }

  /** Whatever a file holds must not take the service down: nobody listens yet, so a problem is reported at the start. */
  #restore(state: unknown): void {
    try {
      const problem = this.#autoscaler.restore(state);
      if (problem !== null) this.#stateProblem = new StateRefusedError(this.name, problem);
    } catch (error) {
      this.#stateProblem = new StateRefusedError(this.name, String(error));
    }
  }

  #adopt(options: ResolvedOptions): void {
    this.#options = options;
    this.patience = patienceOf(options);
    this.#driver.timeouts = options;
    this.#leaks.configure(options);
  }

  #advance(): void {
    const now = this.#clock.now();
    try {
      this.#autoscaler.advance(now);
      this.#shared.advance(now);
      this.#leaks.advance();
    } finally {
      this.#rearm();
    }
  }

  /** After every input: what is due next, or the end. */
  #rearm(): void {
    if (this.#closing.check()) this.#timer.stop();
    else {
      const at = Math.min(this.#autoscaler.wakeAt, this.#leaks.wakeAt, this.#shared.wakeAt);
      this.#timer.arm(at, this.#autoscaler.engine.pending + this.#shared.sharing.pending > 0);
    }
  }

  readonly #rejection: MakeRejection = (why, timeoutMs, waitedMs) => {
    this.#autoscaler.telemetry.refused(why, waitedMs);
    const error = this.#rejections.ofAcquire(why, timeoutMs, waitedMs);
    if (error instanceof AcquireTimeoutError) this.#reports.timedOut(error);
    return error;
  };

  #isReady(): boolean {
    const { slots } = this.#autoscaler.engine;
    return slots.size - slots.creating >= this.#options.min;
  }

  #noteReady(): void {
    if (!this.#closing.hasBegun && this.#isReady()) this.#readiness.settle();
  }
}
