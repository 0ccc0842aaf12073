import type { OverloadConfig } from './config.js';
import type { PoolEngine } from './pool-engine.js';
import type { RejectReason, ReleaseKind } from './ports.js';
import { Request, waitingSince, type Rank } from './request.js';
import type { Slot } from './slot.js';
import { Waiters } from './waiters.js';

/** How long an exclusive caller waits at most for a connection that is being opened before the last carrier makes way. */
const YIELDS_AFTER_MS = 50;

/** A connection that the sharing has leased once and that many use at the same time. */
export class Carrier<T, C> {
  /** The lease of the engine. */
  readonly request: Request<T, C>;
  readonly slot: Slot<T>;
  /** Shared leases on it. */
  leases = 0;
  /** Shared leases that it ever had. */
  served = 0;
  /** Takes nobody on while others have room, and goes back once the last has left. */
  isDraining = false;
  /** Takes nobody on any more: it may be out of order. */
  isSuspect = false;
  /** Nobody should inherit it. */
  isBroken = false;
  /** Whatever the host wants to find again. */
  context: unknown = null;

  constructor(request: Request<T, C>, slot: Slot<T>) {
    this.request = request;
    this.slot = slot;
  }

  /** Fit to take one more on. */
  get isSound(): boolean {
    return !this.isSuspect && !this.isBroken && this.slot.doomed === null;
  }

  /** Whether one more may come, if there is room. */
  get isOpen(): boolean {
    return !this.isDraining && this.isSound;
  }
}

/** What the sharing asks of its host. */
export interface SharingHost<T, C, S> {
  /** Asks the engine for a carrier; what the engine answers, at once or later, comes to `granted` or `refused`. */
  askForCarrier(deadline: number, now: number, rank: Rank): Request<T, C>;
  /** A request may use the carrier; possibly before the call of `request` that made it returns. */
  grantShared(request: Request<T, S>, carrier: Carrier<T, C>): void;
  /** A request ended without; possibly before the call of `request` that made it returns. */
  rejectShared(request: Request<T, S>, why: RejectReason): void;
  /** What a connection needs that the last one has left. */
  judge(slot: Slot<T>): ReleaseKind;
}

/** How many share one connection, and who is refused. */
export interface SharingConfig {
  readonly sharedPerConnection: number;
  readonly maxPending: number;
  readonly overload: OverloadConfig;
}

/**
 * Shared leases on top of an engine that knows only exclusive ones: one lease of the engine carries many of these. So
 * everything that the engine counts, and with it the policy, counts connections and not commands.
 *
 * Fair to both kinds: carriers and exclusive callers wait in one queue of the engine, first come, first served. A carrier
 * that would never be free, because somebody always is on it, takes nobody on while an exclusive caller waits: that one
 * waits for those before it and for what is under way on one connection.
 */
export class Sharing<T, C, S> {
  readonly #engine: PoolEngine<T, C>;
  readonly #host: SharingHost<T, C, S>;
  readonly #waiters = new Waiters<T, S>();
  readonly #carriers: Carrier<T, C>[] = [];
  /** Requests for carriers that the engine has not answered. */
  readonly #asked: Request<T, C>[] = [];
  /** The request that is being made. */
  #newest: Request<T, S> | null = null;
  #config: SharingConfig;
  #inFlight = 0;
  #served = 0;

  constructor(engine: PoolEngine<T, C>, host: SharingHost<T, C, S>, config: SharingConfig) {
    this.#engine = engine;
    this.#host = host;
    this.#config = config;
  }

  /** Shared leases that are out. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Shared leases that were given out so far. */
  get served(): number {
    return this.#served;
  }

  /** Requests that wait. */
  get pending(): number {
    return this.#waiters.length;
  }

  /** Connections that carry shared leases. */
  get connections(): number {
    return this.#carriers.length;
  }

  /** The connections that carry shared leases; the same list for ever. */
  get carriers(): readonly Carrier<T, C>[] {
    return this.#carriers;
  }

  /** When `advance` has something to do, or Infinity. */
  get wakeAt(): number {
    return this.#waiters.nextDeadline;
  }

  configure(config: SharingConfig, now: number): void {
    this.#config = config;
    this.#settle(now);
  }

  /** A place on a connection, without a look at the clock; null if that takes more. */
  join(): Carrier<T, C> | null {
    if (this.#waiters.length > 0 || !this.#engine.isRunning) return null;
    const carrier = this.#roomiest();
    if (carrier !== null) this.#board(carrier);
    return carrier;
  }

  /** Asks for a place. The host hears of its end, now or later. */
  request(context: S, deadline: number, now: number, rank: Rank): Request<T, S> {
    const request = new Request<T, S>(now, deadline, context, rank);
    const { maxPending, overload } = this.#config;
    const isFull = this.#waiters.length >= maxPending;
    if (!this.#engine.isRunning) this.#reject(request, 'closed');
    else if (!this.#waiters.push(request, overload, now)) this.#reject(request, 'overload');
    else if (isFull || deadline <= now) {
      // Now or not at all.
      this.#settle(now, now);
      if (request.state === 'pending') this.#drop(request, isFull ? 'queue-full' : 'timeout');
    } else {
      this.#newest = request;
      this.#settle(now);
      this.#newest = null;
    }
    return request;
  }

  /** Ends a request that waits; without effect on any other. */
  cancel(request: Request<T, S>, now: number): void {
    if (request.state !== 'pending') return;
    this.#drop(request, 'aborted');
    this.#withdraw(now);
  }

  /** Ends all requests that wait. */
  rejectAll(why: RejectReason, now: number): void {
    this.#waiters.clear((request) => this.#reject(request, why));
    this.#withdraw(now);
  }

  /** The engine granted a request for a carrier. */
  granted(request: Request<T, C>, now: number): void {
    this.#answered(request);
    if (request.slot === null) throw new Error('bug: a grant without a slot');
    const carrier = new Carrier(request, request.slot);
    this.#carriers.push(carrier);
    this.#fill(carrier, now);
    // Whoever it was for may have left, or it died on its way.
    if (carrier.leases === 0) this.#giveBack(carrier, now);
    this.#settle(now);
  }

  /** The engine refused a request for a carrier, and with it those for whom no other is asked. */
  refused(request: Request<T, C>, why: RejectReason, now: number): void {
    this.#engine.totals.forgetRejection(why);
    this.#answered(request);
    if (why === 'closed' || why === 'unavailable') this.rejectAll(why, now);
    // Who does not wait is answered by `request`.
    else if (why !== 'timeout') this.#dropUncovered(why);
  }

  /** Ends a lease. False if more is due, which needs the time: `vacate`. */
  leave(carrier: Carrier<T, C>): boolean {
    carrier.leases -= 1;
    this.#inFlight -= 1;
    if (carrier.leases === 0 || this.#waiters.length > 0) return false;
    return this.#exclusivePending <= 0 && !this.#isTooThin;
  }

  /** Does what a lease that ended made possible. */
  vacate(carrier: Carrier<T, C>, now: number): void {
    if (this.#mustYield(now) || this.#isTooThin) this.#drainOne();
    this.#fill(carrier, now);
    if (carrier.leases === 0) this.#giveBack(carrier, now);
    this.#settle(now);
  }

  /** Does what is due. */
  advance(now: number): void {
    this.#waiters.expire(now, (request, why) => this.#reject(request, why));
    this.#settle(now);
  }

  /** Brings waiters and places together, and asks for as many carriers as those left would fill. */
  #settle(now: number, deadline: number = Number.POSITIVE_INFINITY): void {
    while (this.#waiters.length > 0) {
      const carrier = this.#roomiest();
      if (carrier === null) break;
      this.#fill(carrier, now);
    }
    this.#ask(deadline, now);
    this.#withdraw(now);
  }

  /**
   * The sound carrier with the fewest leases that has room, or null. One that runs empty only because there was little to do,
   * or for an exclusive caller who has left, takes somebody on rather than let him wait.
   */
  #roomiest(): Carrier<T, C> | null {
    let best: Carrier<T, C> | null = null;
    const mayReopen = this.#exclusivePending <= 0;
    for (const carrier of this.#carriers) {
      if (carrier.leases >= this.#config.sharedPerConnection || !carrier.isSound) continue;
      if (carrier.isDraining && !mayReopen) continue;
      if (best === null || isBefore(carrier, best)) best = carrier;
    }
    if (best !== null) best.isDraining = false;
    return best;
  }

  #board(carrier: Carrier<T, C>): void {
    // The first is counted by the lease that carries it.
    this.#engine.countUses(carrier.slot, carrier.served > 0 ? 1 : 0);
    carrier.served += 1;
    carrier.leases += 1;
    this.#inFlight += 1;
    this.#served += 1;
  }

  /** Lets waiters on, as far as there is room. */
  #fill(carrier: Carrier<T, C>, now: number): void {
    while (carrier.isOpen && carrier.leases < this.#config.sharedPerConnection) {
      const request = this.#waiters.next(this.#config.overload, now);
      if (request === null) return;
      this.#waiters.grant(request, now);
      request.state = 'granted';
      request.since = now;
      this.#board(carrier);
      this.#host.grantShared(request, carrier);
    }
  }

  #ask(deadline: number, now: number): void {
    while (this.#uncovered > 0) {
      if (!this.#askOne(deadline, now)) return;
    }
    // Who is more urgent than all that was asked for must not wait behind others for it.
    const { highestRank } = this.#waiters;
    if (this.#asked.length > 0 && this.#asked.every(({ rank }) => rank < highestRank))
      this.#askOne(deadline, now);
  }

  /** False if it was refused. */
  #askOne(deadline: number, now: number): boolean {
    const request = this.#host.askForCarrier(deadline, now, this.#waiters.highestRank);
    if (request.state === 'pending') this.#asked.push(request);
    else if (request.state === 'granted') this.granted(request, now);
    return request.state !== 'done';
  }

  /** Takes back requests for carriers that nobody waits for any more, the least urgent first. */
  #withdraw(now: number): void {
    while ((this.#asked.length - 1) * this.#config.sharedPerConnection >= this.#waiters.length) {
      const [first] = this.#asked;
      if (first === undefined) return;
      const least = this.#asked.reduce((a, b) => (b.rank <= a.rank ? b : a), first);
      this.#answered(least);
      this.#engine.cancel(least, now, null);
    }
    this.#noteWhoWaits();
  }

  /** What is still asked for is for those who wait now: who gave up before waits for nothing. */
  #noteWhoWaits(): void {
    if (this.#asked.length === 0) return;
    const since = waitingSince(this.#waiters.oldest);
    for (const one of this.#asked) one.waitsSince = Math.max(one.arrivedAt, since);
  }

  #answered(request: Request<T, C>): void {
    const index = this.#asked.indexOf(request);
    if (index >= 0) this.#asked.splice(index, 1);
  }

  #giveBack(carrier: Carrier<T, C>, now: number): void {
    this.#carriers.splice(this.#carriers.indexOf(carrier), 1);
    const kind = carrier.isBroken ? 'broken' : this.#host.judge(carrier.slot);
    this.#engine.release(carrier.request, kind, now);
  }

  /** How many wait for whom no carrier is asked. */
  get #uncovered(): number {
    return this.#waiters.length - this.#asked.length * this.#config.sharedPerConnection;
  }

  /** Exclusive callers who wait. */
  get #exclusivePending(): number {
    return this.#engine.pending - this.#asked.length;
  }

  /** Whether an exclusive caller waits whom no draining carrier and no create will serve soon. */
  #mustYield(now: number): boolean {
    const waiting = this.#exclusivePending;
    if (waiting <= 0) return false;
    const open = this.#countOpen();
    if (open === 0 || this.#carriers.length - open >= waiting) return false;
    const { slots, target, oldestWaiter, gate } = this.#engine;
    if (open > 1) return slots.creating < waiting;
    // The last one stays for a while if another connection is on its way.
    const isGrowing = gate.read(now).failuresInARow === 0 && slots.size - slots.creating < target;
    return !isGrowing || now - (oldestWaiter?.arrivedAt ?? now) >= YIELDS_AFTER_MS;
  }

  /** Whether what is under way would fit on half the places of one carrier less. */
  get #isTooThin(): boolean {
    if (this.#carriers.length < 2) return false;
    return 2 * this.#inFlight <= (this.#countOpen() - 1) * this.#config.sharedPerConnection;
  }

  #countOpen(): number {
    let open = 0;
    for (const carrier of this.#carriers) if (carrier.isOpen) open += 1;
    return open;
  }

  /** The one that will be free first takes nobody on. */
  #drainOne(): void {
    let best: Carrier<T, C> | null = null;
    for (const carrier of this.#carriers) {
      if (carrier.isOpen && (best === null || carrier.leases < best.leases)) best = carrier;
    }
    if (best !== null) best.isDraining = true;
  }

  /** Who has just come goes first: the others may have little left to wait. */
  #dropUncovered(why: RejectReason): void {
    const newest = this.#newest;
    if (newest?.state === 'pending' && this.#uncovered > 0) this.#drop(newest, why);
    while (this.#uncovered > 0) {
      const { oldest } = this.#waiters;
      if (oldest !== null) this.#drop(oldest, why);
    }
  }

  #drop(request: Request<T, S>, why: RejectReason): void {
    this.#waiters.remove(request);
    this.#reject(request, why);
  }

  #reject(request: Request<T, S>, why: RejectReason): void {
    request.state = 'done';
    this.#engine.totals.noteRejection(why);
    this.#host.rejectShared(request, why);
  }
}

/** Open ones before draining ones, then by the fewest leases. */
function isBefore<T, C>(a: Carrier<T, C>, b: Carrier<T, C>): boolean {
  return a.isDraining === b.isDraining ? a.leases < b.leases : b.isDraining;
}
