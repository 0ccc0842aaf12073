import type { AutoscalerHost } from '../src/autoscaler/ports.js';
import type { ScaleDecision } from '../src/control/decision.js';
import type { RejectReason } from '../src/engine/ports.js';
import type { Request } from '../src/engine/request.js';
import type { Slot } from '../src/engine/slot.js';
import type { Backend } from './backend/backend.js';
import type { EventHeap } from './kernel/event-heap.js';
import { RANK } from './kernel/ranks.js';
import type { Tally } from './tally.js';

/** A simulated connection is nothing but its number. */
export type Connection = number;
/** A request carries its work in milliseconds, drawn when it arrived. */
export type SimulatedRequest = Request<Connection, number>;
/** What an event is about; its rank says what happens. */
export type Subject = SimulatedRequest | Slot<Connection>;

/** Carries out what the autoscaler asks for by scheduling events on the virtual clock. */
export class SimulatedHost implements AutoscalerHost<Connection, number> {
  readonly wantsEveryDecision = false;
  /** The virtual clock, in milliseconds; only the run sets it. */
  now = 0;
  /** The autoscaler asked for a decision at the end of this instant. */
  isUnderPressure = false;
  /** Requests that wait or hold a connection; the run adds those that arrive and takes off those that complete. */
  unfinished = 0;
  /** What the policy threw, if it did. */
  policyError: { readonly error: unknown } | null = null;
  readonly #events: EventHeap<Subject>;
  readonly #backend: Backend;
  readonly #tally: Tally;
  readonly #onDecision: ((decision: ScaleDecision) => void) | undefined;
  #lastGranted: SimulatedRequest | null = null;

  constructor(
    events: EventHeap<Subject>,
    backend: Backend,
    tally: Tally,
    onDecision?: (decision: ScaleDecision) => void,
  ) {
    this.#events = events;
    this.#backend = backend;
    this.#tally = tally;
    this.#onDecision = onDecision;
  }

  /** Takes note of a request that has just been made; one granted by a call of `grant` meanwhile is known already. */
  requested(request: SimulatedRequest): void {
    if (request.state === 'granted' && request !== this.#lastGranted) this.#begin(request);
  }

  /** Counts the requests that still wait, from the one that has waited longest. */
  finish(oldestWaiter: Readonly<SimulatedRequest> | null): void {
    for (let request = oldestWaiter; request !== null; request = request.behind) {
      this.#tally.stillWaits(request.arrivedAt, this.now);
    }
  }

  create(slot: Slot<Connection>): void {
    this.#events.push(this.now + this.#backend.createMs(this.now), RANK.created, slot);
  }

  check(slot: Slot<Connection>): void {
    this.#events.push(this.now, RANK.checked, slot);
  }

  destroy(slot: Slot<Connection>): void {
    this.#events.push(this.now, RANK.destroyed, slot);
  }

  grant(request: SimulatedRequest): void {
    this.#lastGranted = request;
    this.#begin(request);
  }

  reject(request: SimulatedRequest, why: RejectReason, now: number): void {
    this.unfinished -= 1;
    if (why === 'timeout') this.#tally.timedOut(request.arrivedAt, now);
    else this.#tally.refused(request.arrivedAt);
  }

  isUsable(): boolean {
    return true;
  }

  pressure(): void {
    this.isUnderPressure = true;
  }

  decided(decision: ScaleDecision): void {
    this.#onDecision?.(decision);
  }

  policyFailed(error: unknown): void {
    this.policyError ??= { error };
  }

  eventLoopUtilisation(): null {
    return null;
  }

  #begin(request: SimulatedRequest): void {
    this.#tally.granted(request.arrivedAt, this.now);
    const useMs = this.#backend.useMs(request.context, this.now);
    this.#events.push(this.now + useMs, RANK.completion, request);
  }
}
