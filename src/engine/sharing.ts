import type { OverloadConfig } from './config.js';
import type { PoolEngine } from './pool-engine.js';
import type { RejectReason, ReleaseKind } from './ports.js';
import { Request, type Rank } from './request.js';
import type { Slot } from './slot.js';
import { Waiters } from './waiters.js';

/** A connection that the sharing has leased once and that many use at the same time. */
export class Carrier<T, C> {
  /** The lease of the engine. */
  readonly request: Request<T, C>;
  readonly slot: Slot<T>;
  /** Shared leases on it. */
  leases = 0;
  /** Takes nobody on any more and goes back once the last has left. */
  isDraining = false;
  /** Nobody should inherit it. */
  isBroken = false;
  /** Whatever the host wants to find again. */
  context: unknown = null;

  constructor(request: Request<T, C>, slot: Slot<T>) {
    this.request = request;
    this.slot = slot;
  }

  /** Whether one more may come, if there is room. */
  get isOpen(): boolean {
    return !this.isDraining && !this.isBroken && this.slot.doomed === null;
  }
}

/** What the sharing asks of its host. */
export interface SharingHost<T, C, S> {
  /** Asks the engine for a carrier; what the engine answers later comes to `granted` or `refused`. */
  askForCarrier(now: number, rank: Rank): Request<T, C>;
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
  config: SharingConfig;
  readonly #engine: PoolEngine<T, C>;
  readonly #host: SharingHost<T, C, S>;
  readonly #waiters = new Waiters<T, S>();
  readonly #carriers: Carrier<T, C>[] = [];
  /** Requests for carriers that the engine has not answered, the oldest first. */
  readonly #asked: Request<T, C>[] = [];
  #inFlight = 0;
  #served = 0;

  constructor(engine: PoolEngine<T, C>, host: SharingHost<T, C, S>, config: SharingConfig) {
    this.#engine = engine;
    this.#host = host;
    this.config = config;
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

  /** When `advance` has something to do, or Infinity. */
  get wakeAt(): number {
    return this.#waiters.nextDeadline;
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
    const { maxPending, overload } = this.config;
    if (!this.#engine.isRunning) this.#reject(request, 'closed');
    else if (this.#waiters.length >= maxPending) this.#reject(request, 'queue-full');
    else if (!this.#waiters.push(request, overload, now)) this.#reject(request, 'overload');
    else {
      const carrier = this.#roomiest();
      if (carrier === null) this.#ask(now, rank);
      else this.#fill(carrier, now);
      this.#expire(now);
    }
    return request;
  }

  /** Ends a request that waits; without effect on any other. */
  cancel(request: Request<T, S>, now: number): void {
    if (request.state !== 'pending') return;
    this.#waiters.remove(request);
    this.#reject(request, 'aborted');
    this.#withdraw(now);
  }

  /** The engine granted a request for a carrier. */
  granted(request: Request<T, C>, now: number): void {
    this.#answered(request);
    if (request.slot === null) throw new Error('bug: a grant without a slot');
    const carrier = new Carrier(request, request.slot);
    this.#carriers.push(carrier);
    this.#fill(carrier, now);
    // Whoever it was for may have left.
    if (carrier.leases === 0) this.#giveBack(carrier, now);
    this.#withdraw(now);
  }

  /** The engine refused a request for a carrier, and so those whom it was for unless another carrier may serve them. */
  refused(request: Request<T, C>, why: RejectReason, now: number): void {
    this.#answered(request);
    const isFinal = why === 'closed' || why === 'unavailable';
    if (!isFinal && this.#carriers.length > 0) return;
    const kept = isFinal ? 0 : this.#asked.length * this.config.sharedPerConnection;
    while (this.#waiters.length > kept) {
      const one = this.#waiters.oldest;
      if (one === null) break;
      this.#waiters.remove(one);
      this.#reject(one, why);
    }
    this.#withdraw(now);
  }

  /** Ends a lease. False if more is due, which needs the time: `vacate`. */
  leave(carrier: Carrier<T, C>): boolean {
    carrier.leases -= 1;
    this.#inFlight -= 1;
    return carrier.leases > 0 && this.#waiters.length === 0 && !this.#mustYield && !this.#isTooThin;
  }

  /** Does what a lease that ended made possible. */
  vacate(carrier: Carrier<T, C>, now: number): void {
    if (this.#mustYield || this.#isTooThin) this.#drainOne();
    this.#fill(carrier, now);
    if (carrier.leases === 0) this.#giveBack(carrier, now);
    this.#ask(now, 0);
    this.#withdraw(now);
  }

  /** Does what is due. */
  advance(now: number): void {
    this.#expire(now);
    this.#withdraw(now);
  }

  /** The open carrier with the fewest leases that has room, or null. */
  #roomiest(): Carrier<T, C> | null {
    let best: Carrier<T, C> | null = null;
    let fewest = this.config.sharedPerConnection;
    for (const carrier of this.#carriers) {
      if (carrier.leases < fewest && carrier.isOpen) {
        best = carrier;
        fewest = carrier.leases;
      }
    }
    return best;
  }

  #board(carrier: Carrier<T, C>): void {
    carrier.leases += 1;
    this.#inFlight += 1;
    this.#served += 1;
    this.#engine.countUse(carrier.slot);
  }

  /** Lets waiters on, as far as there is room. */
  #fill(carrier: Carrier<T, C>, now: number): void {
    while (carrier.isOpen && carrier.leases < this.config.sharedPerConnection) {
      const request = this.#waiters.next(this.config.overload, now);
      if (request === null) return;
      this.#waiters.grant(request, now);
      request.state = 'granted';
      request.since = now;
      this.#board(carrier);
      this.#host.grantShared(request, carrier);
    }
  }

  /** Asks for as many carriers as the waiters would fill. */
  #ask(now: number, rank: Rank): void {
    while (this.#asked.length * this.config.sharedPerConnection < this.#waiters.length) {
      const request = this.#host.askForCarrier(now, rank);
      if (request.state === 'pending') this.#asked.push(request);
      else if (request.state === 'granted') this.granted(request, now);
      else return;
    }
  }

  /** Takes back requests for carriers that nobody waits for any more. */
  #withdraw(now: number): void {
    const { sharedPerConnection } = this.config;
    while ((this.#asked.length - 1) * sharedPerConnection >= this.#waiters.length) {
      const request = this.#asked.pop();
      if (request === undefined) return;
      this.#engine.withdraw(request, now);
    }
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

  /** Whether an exclusive caller waits that no draining carrier and no create will serve. */
  get #mustYield(): boolean {
    const waiting = this.#engine.pending - this.#asked.length;
    if (waiting <= 0) return false;
    const open = this.#countOpen();
    if (open === 0 || this.#carriers.length - open >= waiting) return false;
    const { creating, size } = this.#engine.slots;
    // The last one stays while the pool may still grow instead.
    return open > 1 ? creating < waiting : creating === 0 && this.#engine.target <= size;
  }

  /** Whether what is under way would fit on half the places of one carrier less. */
  get #isTooThin(): boolean {
    if (this.#carriers.length < 2) return false;
    return 2 * this.#inFlight <= (this.#countOpen() - 1) * this.config.sharedPerConnection;
  }

  #countOpen(): number {
    let open = 0;
    for (const carrier of this.#carriers) if (carrier.isOpen) open += 1;
    return open;
  }

  /** The one that will be free first takes nobody on any more. */
  #drainOne(): void {
    let best: Carrier<T, C> | null = null;
    for (const carrier of this.#carriers) {
      if (carrier.isOpen && (best === null || carrier.leases < best.leases)) best = carrier;
    }
    if (best !== null) best.isDraining = true;
  }

  #expire(now: number): void {
    for (;;) {
      const request = this.#waiters.takeExpired(now);
      if (request === null) return;
      this.#reject(request, request.isShed ? 'overload' : 'timeout');
    }
  }

  #reject(request: Request<T, S>, why: RejectReason): void {
    request.state = 'done';
    this.#engine.totals.noteRejection(why);
    this.#host.rejectShared(request, why);
  }
}
