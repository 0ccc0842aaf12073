import type { Decision } from '../control/decision.js';
import { actingPolicy, isOtherPolicy } from '../control/mode.js';
import { clamp } from '../control/numbers.js';
import { resolvePolicy } from '../control/policies/index.js';
import type { ResolvedPolicy } from '../control/policy.js';
import type { DecisionCause, Hint, Signals } from '../control/signals.js';
import { PoolEngine } from '../engine/pool-engine.js';
import type { CreateFailureKind } from '../engine/ports.js';
import type { Rank, Request } from '../engine/request.js';
import type { Slot } from '../engine/slot.js';
import { Sampler } from '../telemetry/sampler.js';
import { Controller } from './controller.js';
import type { Memory } from './memory.js';
import type { AutoscalerHost, AutoscalerSettings } from './ports.js';
import { recordOf } from './record.js';
import { Shadows } from './shadows.js';
import type { ControllerState } from './state.js';

/** Shortest and longest time until a policy is asked again while callers wait, in milliseconds. */
const ASK_AGAIN_MS = { min: 2, max: 25 } as const;
/** How long a decision has that could serve nobody sooner: a burst of short calls is over by then. */
const GRACE_MS = 5;
/** A policy that wants to be asked again at once would leave no time for anything else. */
const SHORTEST_WAKE_MS = 1;

/**
 * An engine with a policy: samples, decides, steers and records. It reads no clock and does no input or output; the live
 * pool and the simulator are both thin hosts of it.
 *
 * Inputs that can make the policy change its mind go through the methods here; releases, checks and the like go to
 * `engine` directly.
 */
export class Autoscaler<T, C> {
  readonly engine: PoolEngine<T, C>;
  readonly #host: AutoscalerHost<T, C>;
  readonly #sampler: Sampler;
  #settings: AutoscalerSettings;
  #controller: Controller;
  /** Null while no policy only observes. */
  #shadows: Shadows | null;
  #hints: readonly Hint[] = [];
  #seq = 0;
  #phase: 'new' | 'running' | 'closed' = 'new';
  /** When the next regular decision is due; Infinity while nothing happens. */
  #tickAt: number = Number.POSITIVE_INFINITY;
  /** False when a tick or a decision became due after `wakeAt` was asked; all else that is due changes with an input to the engine. */
  #isTickKnown = false;
  /** When the policy is asked out of turn, and why. */
  #askAt: number = Number.POSITIVE_INFINITY;
  #askCause: DecisionCause = 'pressure';
  /** What a decision that has time is to be made of, at the latest before the next one; null if there is none. */
  #seen: Signals | null = null;

  constructor(settings: AutoscalerSettings, host: AutoscalerHost<T, C>, now: number) {
    this.#settings = settings;
    this.#host = host;
    this.#sampler = new Sampler(settings.tickMs, now);
    const { random } = settings;
    const config = { ...settings.engine, max: settings.max };
    this.engine = new PoolEngine<T, C>(config, host, this.#sampler, random, now);
    this.#controller = new Controller(choosePolicy(settings));
    this.#shadows = Shadows.of(settings, null);
  }

  /** Name of the policy in force. */
  get policyName(): string {
    return this.#controller.name;
  }

  /** What is remembered from one decision to the next, as plain JSON. */
  get memory(): Memory {
    return this.#controller.memory;
  }

  /** What the policy of the settings remembers, whether it acts or observes; for another process. */
  get state(): ControllerState {
    return this.#chosen.state;
  }

  /**
   * Lets the policy of the settings go on where another process ended. Returns what is wrong with the state, or null; it
   * begins cold then.
   */
  restore(state: unknown): string | null {
    return this.#chosen.restore(state);
  }

  /** Wait, use and create times of the last slices. */
  get telemetry(): Pick<Sampler, 'wait' | 'use' | 'create' | 'observe' | 'refused'> {
    return this.#sampler;
  }

  /** Lets the windows of `telemetry` forget what is too old: a pool at rest does not tick. */
  age(now: number): void {
    this.#sampler.rotate(now);
  }

  /** Before this instant `advance` has nothing to do; Infinity = never. */
  get wakeAt(): number {
    this.#isTickKnown = true;
    return Math.min(this.engine.wakeAt, this.#tickAt, this.#askAt);
  }

  /** False once something may be due before the last answer of `wakeAt`, or when nobody waits any more or somebody does. */
  get isWakeKnown(): boolean {
    return this.#isTickKnown && this.engine.isWakeKnown;
  }

  /**
   * Opens the first connections. Without effect when called again or after `close`. If it is for somebody who would wait
   * and nothing is to be kept open, the first decision is the one for him.
   */
  start(now: number, isForCaller = false): void {
    if (this.#phase !== 'new') return;
    this.#phase = 'running';
    if (isForCaller && this.#settings.min === 0) this.engine.armPressure(1);
    else this.#decide('manual', now);
    this.#wake(now);
  }

  /** See {@link PoolEngine.request}. */
  request(
    context: C,
    deadline: number,
    now: number,
    rank?: Rank,
    countedAt?: number,
    isOwed?: boolean,
  ): Request<T, C> {
    this.#wake(now);
    return this.engine.request(context, deadline, now, rank, countedAt, isOwed);
  }

  tryRequest(context: C, now: number): Request<T, C> | null {
    this.#wake(now);
    const request = this.engine.tryRequest(context, now);
    if (request === null) this.#sampler.left(now);
    return request;
  }

  created(slot: Slot<T>, resource: T, now: number): void {
    this.#wake(now);
    this.engine.created(slot, resource, now);
    if (this.engine.pending > 0) this.#ask('created', now);
  }

  createFailed(slot: Slot<T>, kind: CreateFailureKind, now: number): void {
    this.#wake(now);
    this.engine.createFailed(slot, kind, now);
    this.#ask('create-failed', now);
  }

  died(slot: Slot<T>, now: number): void {
    this.#wake(now);
    this.engine.died(slot, now);
    this.#ask('health', now);
  }

  /**
   * Answers the host's `pressure`: one decision for all requests of this instant. It has time while nothing is open yet and
   * as many are being opened as wait: who comes first should not wait for a decision that could not serve him sooner.
   */
  pressure(now: number): void {
    if (this.#phase !== 'running') return;
    const { engine } = this;
    const { pending, target } = engine;
    const { size, creating } = engine.slots;
    if (pending === 0) engine.armPressure(1);
    else if (size > creating || pending > creating) this.#decide('pressure', now);
    else {
      // By then they may be served and gone, and nothing would tell what the connection is for.
      this.#seen ??= this.#look('pressure', now, target);
      if (target === 0) engine.steer(1, engine.permits, now);
      engine.armPressure(pending + 1);
      this.#ask('pressure', now + GRACE_MS);
    }
  }

  /** Does what is due: timeouts, creates after a pause, the tick. Early calls do no harm. */
  advance(now: number): void {
    this.engine.advance(now);
    if (now >= this.#tickAt) this.#tick(now);
    else if (now >= this.#askAt) this.#answer(this.#askCause, now);
  }

  /** Makes the decision that has time, before the settings change that it belongs to; false if there is none. */
  decideOnSeen(now: number): boolean {
    const seen = this.#seen;
    this.#seen = null;
    if (seen !== null) this.#decideOn(seen, now);
    return seen !== null;
  }

  /** Changes settings and decides anew. */
  reconfigure(settings: AutoscalerSettings, now: number): void {
    const acting = choosePolicy(settings);
    // A policy of the user's may throw here; nothing is changed then.
    if (isOtherPolicy(this.#settings, settings)) this.#controller = new Controller(acting);
    else this.#controller.configure(acting);
    this.#shadows = Shadows.of(settings, this.#shadows);
    this.#settings = settings;
    const { target } = this.engine;
    this.engine.configure({ ...settings.engine, max: settings.max }, now);
    if (this.#phase !== 'running') return;
    // The engine obeys a lower maximum at once; the decision says from where.
    this.#decideAndWake('manual', now, target);
  }

  /** Takes note of an announced load and prepares for it; the function returned takes it back at the instant given. */
  expect(hint: Hint, now: number): (now: number) => void {
    this.#hints = [...this.#hints, hint];
    if (this.#phase === 'running') this.#decideAndWake('hint', now);
    return (at) => {
      if (!this.#hints.includes(hint)) return;
      this.#hints = this.#hints.filter((one) => one !== hint);
      if (this.#phase === 'running') this.#decideAndWake('hint', at);
    };
  }

  /** Stops deciding and lets the engine drain. */
  close(now: number): void {
    this.#phase = 'closed';
    this.#seen = null;
    this.#tickAt = Number.POSITIVE_INFINITY;
    this.#askAt = Number.POSITIVE_INFINITY;
    this.engine.close(now);
  }

  /** Starts ticking again after a time in which nothing happened. */
  #wake(now: number): void {
    if (this.#tickAt !== Number.POSITIVE_INFINITY || this.#phase !== 'running') return;
    this.#sampler.rotate(now);
    this.#tickAt = now + this.#settings.tickMs;
    this.#isTickKnown = false;
  }

  /** Asks the policy at the next `advance`, so that what happens at one instant is one decision. */
  #ask(cause: DecisionCause, at: number): void {
    if (this.#phase !== 'running' || at >= this.#askAt) return;
    this.#askAt = at;
    this.#askCause = cause;
    this.#isTickKnown = false;
  }

  #answer(cause: DecisionCause, now: number): void {
    const { engine } = this;
    const isAnswered = cause === 'pressure' && this.decideOnSeen(now);
    if (!isAnswered || engine.pending > engine.slots.creating) this.#decide(cause, now);
  }

  #tick(now: number): void {
    this.#sampler.rotate(now);
    this.#decide('tick', now);
    // A listener may have closed the pool meanwhile.
    if (this.#phase !== 'running') return;
    const { min, tickMs } = this.#settings;
    const { engine } = this;
    const { slots } = engine;
    const isQuiet =
      engine.pending === 0 &&
      engine.target === min &&
      slots.size === min &&
      slots.idle === min &&
      (this.#shadows === null || this.#shadows.areAt(min)) &&
      (this.#askAt === Number.POSITIVE_INFINITY || this.#askCause === 'hint');
    this.#tickAt = isQuiet ? Number.POSITIVE_INFINITY : now + tickMs;
  }

  #decideAndWake(cause: DecisionCause, now: number, from?: number): void {
    this.#decide(cause, now, from);
    this.#wake(now);
  }

  #forgetHints(now: number): void {
    if (!this.#hints.some(({ until }) => until <= now)) return;
    this.#hints = this.#hints.filter(({ until }) => until > now);
  }

  #decide(cause: DecisionCause, now: number, from?: number): void {
    this.decideOnSeen(now);
    // A listener may have closed the pool meanwhile.
    if (this.#phase !== 'running') return;
    this.#decideOn(this.#look(cause, now, from ?? this.engine.target), now);
  }

  /** What a decision is made of. */
  #look(cause: DecisionCause, now: number, target: number): Signals {
    const { min, max } = this.#settings;
    const eventLoopUtilisation = this.#host.eventLoopUtilisation();
    if (this.#hints.length > 0) this.#forgetHints(now);
    this.#seq += 1;
    const situation = {
      seq: this.#seq,
      min,
      max,
      target,
      hints: this.#hints,
      eventLoopUtilisation,
    };
    return this.#sampler.read(this.engine, cause, situation, now);
  }

  #decideOn(signals: Signals, now: number): void {
    this.#askAt = Number.POSITIVE_INFINITY;
    const { name } = this.#controller;
    const decision = this.#controller.ask(signals, (error) =>
      this.#host.policyFailed(error, name, 'act'),
    );
    this.#apply(decision, signals, now);
    this.#armPressure(signals, now);
  }

  #apply(decision: Decision<Memory>, signals: Signals, now: number): void {
    const { target } = decision;
    this.engine.steer(target, decision.permits, now);
    if (decision.wakeInMs !== null) {
      const cause = signals.pending > 0 ? 'pressure' : this.#hints.length > 0 ? 'hint' : 'tick';
      this.#ask(cause, now + Math.max(SHORTEST_WAKE_MS, decision.wakeInMs));
    }
    const host = this.#host;
    // Listeners may change the settings, and with them the shadows; what is reported was decided before.
    const tellShadows = this.#shadows?.ask(signals, this.#settings, host);
    if (host.wantsDecision(target !== signals.target || isNews(decision))) {
      const { name } = this.#controller;
      host.decided(recordOf(this.#settings, name, 'act', decision, signals));
    }
    tellShadows?.();
  }

  /** The policy of the settings, whether it acts or observes. */
  get #chosen(): Pick<Controller, 'state' | 'restore'> {
    return this.#settings.mode === 'observe' && this.#shadows !== null
      ? this.#shadows.first
      : this.#controller;
  }

  /**
   * Says when waiters alone are worth a decision before the next tick: when there are twice as many, or after a quarter
   * of a create time. Never at the maximum, where no decision could help.
   */
  #armPressure(signals: Signals, now: number): void {
    const { engine } = this;
    if (this.#phase !== 'running' || engine.target >= this.#settings.max) {
      engine.armPressure(Number.POSITIVE_INFINITY);
      return;
    }
    const { pending } = engine;
    engine.armPressure(Math.max(1, 2 * pending));
    if (pending === 0) return;
    const createMs = signals.create.p50Ms ?? Number.POSITIVE_INFINITY;
    const gapMs = clamp(createMs / 4, ASK_AGAIN_MS.min, ASK_AGAIN_MS.max);
    if (signals.gate.state === 'open') this.#ask('pressure', now + gapMs);
  }
}

/** Whether a decision that leaves the target alone should be heard of all the same. */
function isNews({ verdict, episode }: Decision<unknown>): boolean {
  return verdict !== undefined || episode !== undefined;
}

/** The policy that sizes the pool. */
function choosePolicy(settings: AutoscalerSettings): ResolvedPolicy {
  const { waitObjectiveMs, tickMs } = settings;
  return resolvePolicy(actingPolicy(settings), { waitObjectiveMs, tickMs });
}
