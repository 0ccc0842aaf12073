import type { AutoscalerHost } from '../src/autoscaler/ports.js';
import type { ScaleDecision } from '../src/control/decision.js';
import type { RejectReason } from '../src/engine/ports.js';
import type { Request } from '../src/engine/request.js';
import type { Slot } from '../src/engine/slot.js';
import type { FaultTimeline } from './backend/faults.js';
import type { ConcurrentUses } from './backend/concurrent-uses.js';
import type { EventHeap } from './kernel/event-heap.js';
import { RANK } from './kernel/ranks.js';
import type { Tally } from './tally.js';
import type { Caller, Callers } from './workload/callers.js';

/** A simulated connection is nothing but its number. */
export type Connection = number;
/** A request carries its work in milliseconds, drawn when it arrived, or the caller who may come again. */
export type SimulatedRequest = Request<Connection, number | Caller>;
/** What an event is about; its rank says what happens. */
export type Subject = SimulatedRequest | Slot<Connection> | Caller | null;

/** The world around the pool. */
export interface World {
  readonly events: EventHeap<Subject>;
  readonly tally: Tally;
  /** Draws how long the create that starts now takes, in milliseconds. */
  readonly drawCreateMs: () => number;
  readonly createTimeoutMs: number;
  readonly faults: FaultTimeline | null;
  /** Uniform in [0, 1); says which connections a fault breaks. */
  readonly drawVictim: () => number;
  /** Keeps the uses when they influence each other; without it every use takes as long as its work. */
  readonly uses: ConcurrentUses<SimulatedRequest> | null;
  readonly callers: Callers | null;
  readonly onDecision?: ((decision: ScaleDecision) => void) | undefined;
}

/** Carries out what the autoscaler asks for by scheduling events on the virtual clock. */
export class SimulatedHost implements AutoscalerHost<Connection, number | Caller> {
  readonly wantsShadows = false;
  /** The virtual clock, in milliseconds; only the run sets it. */
  now = 0;
  /** The autoscaler asked for a decision at the end of this instant. */
  isUnderPressure = false;
  /** Requests that wait or hold a connection; the run adds those that arrive. */
  unfinished = 0;
  /** Callers who will come back. */
  expected = 0;
  /** Sums over all requests, in milliseconds. */
  waitSumMs = 0;
  useSumMs = 0;
  /** What the policy threw, if it did. */
  policyError: { readonly error: unknown } | null = null;
  /** Creates whose event is their timeout. */
  readonly timedOut: Set<Slot<Connection>> = new Set();
  /** Requests with a connection; kept only for faults, which may break it. */
  readonly holders: Set<SimulatedRequest> = new Set();
  readonly #world: World;
  readonly #events: EventHeap<Subject>;
  readonly #tally: Tally;
  readonly #uses: ConcurrentUses<SimulatedRequest> | null;

  constructor(world: World) {
    this.#world = world;
    this.#events = world.events;
    this.#tally = world.tally;
    this.#uses = world.uses;
  }

  /** Takes note of a request that has just been made. */
  requested(request: SimulatedRequest): void {
    if (request.state === 'granted') this.#begin(request);
  }

  /** A lease has ended, as it should or because its connection broke. */
  ended(request: SimulatedRequest, isBroken: boolean): void {
    this.unfinished -= 1;
    this.useSumMs += this.now - request.since;
    if (this.#world.faults !== null) this.holders.delete(request);
    if (isBroken) this.#tally.failed(request.arrivedAt);
    const { context } = request;
    if (typeof context !== 'number') this.#expect(context, this.#afterThinking(context));
  }

  /** Lets a user of a closed workload come for the first time. */
  introduce(caller: Caller): void {
    this.#expect(caller, this.#afterThinking(caller));
  }

  /** Counts the requests that still wait, from the one that has waited longest. */
  finish(oldestWaiter: Readonly<SimulatedRequest> | null): void {
    for (let request = oldestWaiter; request !== null; request = request.behind) {
      this.waitSumMs += this.now - request.arrivedAt;
      this.#tally.stillWaits(request.arrivedAt, this.now);
    }
  }

  create(slot: Slot<Connection>): void {
    const { drawCreateMs, createTimeoutMs, faults } = this.#world;
    let takesMs = drawCreateMs();
    if (faults !== null) {
      takesMs *= faults.createFactor(this.now);
      if (faults.isHangingCreates(this.now)) takesMs = Number.POSITIVE_INFINITY;
    }
    if (takesMs > createTimeoutMs) this.timedOut.add(slot);
    this.#events.push(this.now + Math.min(takesMs, createTimeoutMs), RANK.created, slot);
  }

  check(slot: Slot<Connection>): void {
    this.#events.push(this.now, RANK.checked, slot);
  }

  destroy(slot: Slot<Connection>): void {
    this.#events.push(this.now, RANK.destroyed, slot);
  }

  grant(request: SimulatedRequest): void {
    this.#begin(request);
  }

  reject(request: SimulatedRequest, why: RejectReason, now: number): void {
    this.unfinished -= 1;
    if (why === 'timeout') {
      this.waitSumMs += now - request.arrivedAt;
      this.#tally.timedOut(request.arrivedAt, now);
    } else this.#tally.refused(request.arrivedAt);
    const { context } = request;
    if (typeof context !== 'number') this.#refused(context);
  }

  isUsable(): boolean {
    return true;
  }

  pressure(): void {
    this.isUnderPressure = true;
  }

  wantsDecision(isNews: boolean): boolean {
    return isNews && this.#world.onDecision !== undefined;
  }

  decided(decision: ScaleDecision): void {
    this.#world.onDecision?.(decision);
  }

  policyFailed(error: unknown): void {
    this.policyError ??= { error };
  }

  eventLoopUtilisation(): null {
    return null;
  }

  #begin(request: SimulatedRequest): void {
    this.waitSumMs += this.now - request.arrivedAt;
    this.#tally.granted(request.arrivedAt, this.now);
    const { context } = request;
    const workMs = typeof context === 'number' ? context : context.workMs;
    if (this.#uses === null) this.#events.push(this.now + workMs, RANK.completion, request);
    else this.#uses.begin(request, workMs, this.now);
    if (this.#world.faults !== null) this.holders.add(request);
  }

  /** Someone got nothing: it tries again, or gives up and, as a user, thinks before it wants something else. */
  #refused(caller: Caller): void {
    const againAt = this.#world.callers?.afterFailure(caller, this.now) ?? Number.POSITIVE_INFINITY;
    if (againAt < Number.POSITIVE_INFINITY) {
      caller.returns += 1;
      this.#expect(caller, againAt);
    } else this.#expect(caller, this.#afterThinking(caller));
  }

  #afterThinking(caller: Caller): number {
    caller.returns = 0;
    return this.#world.callers?.afterThinking(caller, this.now) ?? Number.POSITIVE_INFINITY;
  }

  #expect(caller: Caller, at: number): void {
    if (at === Number.POSITIVE_INFINITY) return;
    this.expected += 1;
    this.#events.push(at, RANK.arrival, caller);
  }
}
