import type { EngineConfig } from './config.js';
import type { CreateGate } from './create-gate.js';
import { Effects } from './effects.js';
import type { Fleet } from './fleet.js';
import { Ledger } from './ledger.js';
import type {
  CreateFailureKind,
  EngineHost,
  EngineProbe,
  RejectReason,
  ReleaseKind,
} from './ports.js';
import { Request, type Rank } from './request.js';
import type { Sizing } from './sizing.js';
import type { Slot } from './slot.js';
import { Supply } from './supply.js';
import { Waiters } from './waiters.js';

/**
 * The pool without promises, timers or sockets: every input carries the time, every output is a call of the host.
 *
 * A slot is never bound to a waiter. Whatever slot becomes ready goes to the head of the queue, so that timeouts, aborts,
 * late creates and slow checks need no path of their own.
 */
export class PoolEngine<T, C> {
  readonly totals: Ledger;
  /** The slots, for reading; only the engine moves them. */
  readonly slots: Omit<Fleet<T>, 'move' | 'open' | 'lend' | 'takeBack'>;
  /** How fast slots may be opened, for reading. */
  readonly gate: Pick<CreateGate, 'read'>;
  readonly #supply: Supply<T>;
  readonly #fleet: Fleet<T>;
  readonly #sizing: Sizing;
  readonly #waiters = new Waiters<T, C>();
  readonly #host: EngineHost<T, C>;
  readonly #probe: EngineProbe;
  readonly #effects: Effects<T, C>;
  #permits: number = Number.POSITIVE_INFINITY;
  #pressureAt: number = Number.POSITIVE_INFINITY;
  #phase: 'running' | 'draining' | 'closed' = 'running';
  /** The last answer of `wakeAt`, or null once something may be due earlier or other things are. */
  #wakeAt: number | null = null;

  constructor(
    config: EngineConfig,
    host: EngineHost<T, C>,
    probe: EngineProbe,
    random: () => number,
    now: number,
  ) {
    this.totals = new Ledger(now);
    this.#host = host;
    this.#probe = probe;
    this.#effects = new Effects(host);
    this.#supply = new Supply<T>(config, this.#effects, this.totals, random);
    this.#fleet = this.#supply.fleet;
    this.#sizing = this.#supply.sizing;
    this.slots = this.#fleet;
    this.gate = this.#supply.gate;
  }

  /** Requests that wait. */
  get pending(): number {
    return this.#waiters.length;
  }

  /** New requests are taken. */
  get isRunning(): boolean {
    return this.#phase === 'running';
  }

  get target(): number {
    return this.#sizing.target;
  }

  /** Most slots in use at once; null = no cap. */
  get permits(): number | null {
    return this.#permits === Number.POSITIVE_INFINITY ? null : this.#permits;
  }

  /** The request that has waited longest, or null. */
  get oldestWaiter(): Readonly<Request<T, C>> | null {
    return this.#waiters.oldest;
  }

  /** Before this instant `advance` has nothing to do; Infinity = never. */
  get wakeAt(): number {
    return (this.#wakeAt ??= this.#nextDue());
  }

  /** False once something may be due before the last answer of `wakeAt`, or when nobody waits any more or somebody does. */
  get isWakeKnown(): boolean {
    return this.#wakeAt !== null;
  }

  /** Brings the integrals of `totals` up to `now`. */
  sync(now: number): void {
    this.totals.integrate(now, this.#fleet, this.#waiters.length);
  }

  /** Calls `host.pressure` once when a request has to wait and at least `pending` wait. */
  armPressure(pending: number): void {
    this.#pressureAt = pending;
  }

  /**
   * Asks for a slot. The request returned is `granted` at once, or `pending` (the host hears of its end), or `done`
   * because it was rejected. Its arrival counts as one of the instant `countedAt`. What is owed to those who waited
   * before is granted while draining, too.
   */
  request(
    context: C,
    deadline: number,
    now: number,
    rank: Rank = 0,
    countedAt: number = now,
    isOwed = false,
  ): Request<T, C> {
    const slot = this.#arrive(now, countedAt);
    const request = new Request<T, C>(now, deadline, context, rank);
    if (slot !== null) return this.#lendAtOnce(request, slot, now);
    // Where others wait and nothing is idle, everything was done that can be done for those who wait.
    const joins = this.#waiters.length > 0 && this.#fleet.idle === 0;
    this.#enqueue(request, isOwed, now);
    if (!joins || !this.#effects.isIdle) this.#balance(now);
    else {
      this.totals.noteLevels(this.#fleet, this.#waiters.length);
      if (this.#wakeAt !== null && request.deadline < this.#wakeAt) this.#wakeAt = null;
    }
    request.isReturned = true;
    return request;
  }

  /** As `request`, but null instead of waiting. */
  tryRequest(context: C, now: number): Request<T, C> | null {
    const slot = this.#arrive(now, now);
    if (slot !== null) return this.#lendAtOnce(new Request<T, C>(now, now, context, 0), slot, now);
    this.#balance(now);
    return null;
  }

  /** Ends a waiting request; without effect on any other. Null for a request of the host's own: nobody hears of it. */
  cancel(request: Request<T, C>, now: number, why: RejectReason | null = 'aborted'): void {
    if (request.state !== 'pending') return;
    this.sync(now);
    this.#waiters.remove(request);
    if (why !== 'closed') this.#probe.left?.(request.arrivedAt);
    if (why === null) request.state = 'done';
    else this.#reject(request, why);
    this.#balance(now);
  }

  /** Ends a lease. False if it had ended before. */
  release(request: Request<T, C>, kind: ReleaseKind, now: number): boolean {
    const { slot, waitsSince, since } = request;
    if (request.state !== 'granted' || slot === null) return false;
    this.sync(now);
    this.totals.released += 1;
    request.letGo(slot, now);
    this.#probe.released(now - since, waitsSince, since - waitsSince);
    if (kind === 'broken') slot.doomed ??= 'broken';
    // After a forced close it is on its way out.
    if (slot.state === 'in-use') this.#ready(slot, kind, now);
    return true;
  }

  /** Counts further uses of a slot by leave of who holds it. */
  countUses(slot: Slot<T>, uses: number): void {
    slot.uses += uses;
    if (slot.uses >= this.#sizing.config.maxUses) slot.doomed ??= 'max-uses';
  }

  created(slot: Slot<T>, resource: T, now: number): void {
    if (slot.state !== 'creating') throw new Error('bug: created a slot that is not creating');
    this.sync(now);
    this.#supply.created(slot, resource, now);
    this.#probe.created(now - slot.openedAt);
    this.#ready(slot, 'clean', now);
  }

  createFailed(slot: Slot<T>, kind: CreateFailureKind, now: number): void {
    if (slot.state !== 'creating') throw new Error('bug: create failed of a slot not creating');
    this.sync(now);
    this.#supply.createFailed(slot, kind, now);
    if (this.#supply.isUnavailable(now)) this.#rejectAll('unavailable');
    this.#balance(now);
  }

  checked(slot: Slot<T>, ok: boolean, now: number): void {
    if (slot.state !== 'checking') return;
    this.sync(now);
    if (!ok) this.#supply.failedCheck(slot, now);
    this.#ready(slot, 'clean', now);
  }

  /** The connection died by itself. Its neighbours become suspect. */
  died(slot: Slot<T>, now: number): void {
    if (slot.state === 'closing' || slot.state === 'gone') return;
    this.sync(now);
    this.#supply.died(slot, now);
    this.#balance(now);
  }

  destroyed(slot: Slot<T>, now: number): void {
    if (slot.state !== 'closing') return;
    this.sync(now);
    this.#supply.gone(slot);
    this.#balance(now);
  }

  /** Sets how many slots there should be and how many may be in use at once (at least 1; null = no cap). */
  steer(target: number, permits: number | null, now: number): void {
    this.sync(now);
    this.#sizing.steer(target);
    this.#permits = permits === null ? Number.POSITIVE_INFINITY : Math.max(1, permits);
    this.#balance(now);
  }

  configure(config: EngineConfig, now: number): void {
    this.sync(now);
    this.#supply.configure(config, now);
    this.#balance(now);
  }

  /** Retires every connection: idle ones now, the others as soon as nobody holds them. */
  invalidateAll(now: number): void {
    this.sync(now);
    this.#supply.invalidateAll();
    this.#balance(now);
  }

  /** Refuses new requests, serves those that wait, closes what is not needed for that. */
  close(now: number): void {
    if (this.#phase !== 'running') return;
    this.sync(now);
    this.#phase = 'draining';
    this.#sizing.isDraining = true;
    this.#balance(now);
  }

  /** Ends the draining: rejects who still waits and closes every connection, lent ones too. */
  terminate(now: number): void {
    if (this.#phase === 'closed') return;
    this.sync(now);
    this.#phase = 'closed';
    this.#sizing.isDraining = true;
    this.#rejectAll('closed');
    this.#supply.closeAll();
    this.#balance(now);
  }

  /**
   * Does what is due: timeouts, lifetimes, background checks, creates after a pause. Early calls do no harm. Of very many
   * timeouts it does a part; `wakeAt` asks for the rest at once.
   */
  advance(now: number): void {
    this.sync(now);
    this.#waiters.expire(now, (request, why) => this.#reject(request, why));
    if (this.#phase !== 'closed') this.#supply.lookAfter(now);
    this.#balance(now);
  }

  /** Counts an arrival and returns the slot that can serve it at once, or null. */
  #arrive(now: number, countedAt: number): Slot<T> | null {
    this.sync(now);
    this.totals.arrivals += 1;
    this.#probe.arrived(countedAt);
    if (this.#phase !== 'running' || this.#waiters.length > 0) return null;
    if (this.#fleet.inUse >= this.#permits) return null;
    const slot = this.#warmestUsable();
    if (slot === null || !this.#supply.mustCheck(slot, now)) return slot;
    // Also for a caller that will not wait: the next one finds it proven.
    if (this.#fleet.checking === 0) this.#supply.check(slot, 'validate', now);
    return null;
  }

  /** The top of the idle stack, after closing those whose socket is shut. */
  #warmestUsable(): Slot<T> | null {
    for (;;) {
      const slot = this.#fleet.warmest;
      const isUsable = slot === null || this.#host.isUsable(slot);
      // Whoever answers that may have done something else on the way.
      if (slot !== this.#fleet.warmest) continue;
      if (slot === null || isUsable) return slot;
      this.#supply.close(slot, 'invalid');
    }
  }

  #lend(request: Request<T, C>, slot: Slot<T>, now: number): void {
    if (slot.state === 'idle') this.#fleet.lend(slot);
    request.hold(slot, now);
    this.totals.granted += 1;
    this.#probe.granted(now - request.waitsSince);
  }

  /** Supply and demand are as they were, and so is what is due next. */
  #lendAtOnce(request: Request<T, C>, slot: Slot<T>, now: number): Request<T, C> {
    this.#lend(request, slot, now);
    if (this.#effects.isIdle) this.totals.noteLevels(this.#fleet, 0);
    else this.#balance(now);
    return request;
  }

  /**
   * The usual end of a lease: nobody waits, or the next one gets the slot and more go on waiting. Then supply and demand
   * are as they were, and what is due next is no earlier. False, and nothing done, when there is more to consider.
   */
  #passOn(slot: Slot<T>, now: number): boolean {
    const { length } = this.#waiters;
    const isUsual = length !== 1 && this.#phase === 'running' && this.#effects.isIdle;
    if (!isUsual || slot.state !== 'in-use') return false;
    // One that is overdue and may not end yet changes what is due.
    if (slot.expiresAt <= now || this.#fleet.inUse > this.#permits) return false;
    const next = this.#waiters.next(this.#sizing.config.overload, now);
    if (next === null) this.#fleet.takeBack(slot);
    else {
      this.#grantHead(next, slot, now);
      this.#effects.run(now);
    }
    return true;
  }

  #grantHead(head: Request<T, C>, slot: Slot<T>, now: number): void {
    this.#waiters.grant(head, now);
    this.#lend(head, slot, now);
    if (head.isReturned) this.#effects.grant(head);
  }

  #enqueue(request: Request<T, C>, isOwed: boolean, now: number): void {
    const { maxPending, overload } = this.#sizing.config;
    if (this.#phase === 'closed' || (!this.isRunning && !isOwed)) this.#reject(request, 'closed');
    else if (request.deadline <= now) this.#reject(request, 'timeout');
    else if (this.#supply.isUnavailable(now)) this.#reject(request, 'unavailable');
    else if (this.#waiters.length >= maxPending) this.#reject(request, 'queue-full');
    else if (!this.#waiters.push(request, overload, now)) this.#reject(request, 'overload');
    else if (this.#waiters.length >= this.#pressureAt) {
      this.#pressureAt = Number.POSITIVE_INFINITY;
      this.#effects.pressure();
    }
  }

  #reject(request: Request<T, C>, why: RejectReason): void {
    request.state = 'done';
    this.totals.noteRejection(why);
    this.#effects.reject(request, why);
  }

  #rejectAll(why: RejectReason): void {
    this.#waiters.clear((request) => this.#reject(request, why));
  }

  /** A create, a check or a lease has ended; a check that failed has doomed the slot. */
  #ready(slot: Slot<T>, kind: ReleaseKind, now: number): void {
    slot.provenAt = now;
    const unwanted = this.#supply.unwanted(slot, this.#waiters.length, now);
    if (unwanted === null && kind === 'clean' && this.#passOn(slot, now)) return;
    if (unwanted !== null) this.#supply.close(slot, unwanted);
    else if (kind === 'reset') this.#supply.check(slot, 'reset', now);
    else this.#offer(slot, now);
    this.#balance(now);
  }

  /** Lends a slot to the head of the queue; without one it becomes idle. */
  #offer(slot: Slot<T>, now: number): void {
    if (slot.state === 'in-use') this.#fleet.takeBack(slot);
    else this.#fleet.move(slot, 'idle');
    const head = this.#waiters.next(this.#sizing.config.overload, now);
    if (head !== null && this.#fleet.inUse < this.#permits) this.#grantHead(head, slot, now);
  }

  #nextDue(): number {
    const { nextDeadline, length } = this.#waiters;
    if (this.#phase === 'closed') return nextDeadline;
    return Math.min(nextDeadline, this.#supply.wakeAt(length));
  }

  /** Brings supply and demand together after any input, then carries out what is owed to the host. */
  #balance(now: number): void {
    this.#wakeAt = null;
    if (this.#phase !== 'closed') {
      if (this.#waiters.length > 0) this.#serve(now);
      this.#supply.level(this.#waiters.length, now);
    }
    this.totals.noteLevels(this.#fleet, this.#waiters.length);
    this.#effects.run(now);
  }

  /** Lends idle slots to waiters, or has them checked first, one check per waiter. */
  #serve(now: number): void {
    while (this.#fleet.inUse < this.#permits) {
      const slot = this.#waiters.length === 0 ? null : this.#warmestUsable();
      const head = this.#waiters.next(this.#sizing.config.overload, now);
      if (head === null || slot === null) return;
      if (!this.#supply.mustCheck(slot, now)) this.#grantHead(head, slot, now);
      else if (this.#fleet.checking < this.#waiters.length)
        this.#supply.check(slot, 'validate', now);
      else return;
    }
  }
}
