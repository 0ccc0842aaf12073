import { PLAIN, type EngineConfig } from '../../src/engine/config.js';
import type { RejectReason, ReleaseKind } from '../../src/engine/ports.js';
import type { Rank, Request } from '../../src/engine/request.js';
import {
  Sharing,
  type Carrier,
  type SharingConfig,
  type SharingHost,
} from '../../src/engine/sharing.js';
import { ScriptedPool } from './scripted-pool.js';

type Place = Carrier<string, string>;

/** The context of requests for connections that many share. */
const CARRIER = 'carrier';

/** Shared leases on a scripted pool, each known by a name. */
export class ScriptedSharing extends ScriptedPool implements SharingHost<string, string, string> {
  readonly sharing: Sharing<string, string, string>;
  /** What every request got so far. */
  readonly #places = new Map<string, Place>();
  readonly #ended = new Map<string, RejectReason>();
  readonly #requests = new Map<string, Request<string, string>>();
  /** What a connection needs after the last has left it. */
  judged: ReleaseKind = 'clean';

  /** A pool of at most `size` connections, or of one that opens none by itself. */
  constructor(
    size: number,
    sharing: Partial<SharingConfig> = {},
    engine: Partial<EngineConfig> = {},
  ) {
    super({ max: Math.max(1, size), ...engine });
    const { overload } = PLAIN;
    const config = { sharedPerConnection: 8, maxPending: 1_000, overload, ...sharing };
    this.sharing = new Sharing(this.engine, this, config);
    if (size > 0) this.open(size);
  }

  /** What is under way: the number of its connection, by name. */
  places(): Record<string, number> {
    return Object.fromEntries(Array.from(this.#places, ([name, { slot }]) => [name, slot.id]));
  }

  /** Why those got nothing that got nothing, by name. */
  ended(): Record<string, RejectReason> {
    return Object.fromEntries(this.#ended);
  }

  share(name: string, withinMs: number = Infinity, rank: Rank = 0): void {
    const place = this.sharing.join();
    if (place !== null) this.#places.set(name, place);
    else {
      const request = this.sharing.request(name, this.now + withinMs, this.now, rank);
      this.#requests.set(name, request);
    }
  }

  cancel(name: string): void {
    const request = this.#requests.get(name);
    if (request !== undefined) this.sharing.cancel(request, this.now);
  }

  leave(name: string): void {
    const place = this.#places.get(name);
    if (place === undefined) throw new Error(`${name} has no place`);
    this.#places.delete(name);
    if (!this.sharing.leave(place)) this.sharing.vacate(place, this.now);
  }

  override open(count: number): this {
    if (this.engine.slots.creating === 0) return super.open(count);
    for (const { id, state } of this.engine.slots.all()) if (state === 'creating') this.created(id);
    return this;
  }

  override pass(ms: number): void {
    super.pass(ms);
    this.sharing.advance(this.now);
  }

  askForCarrier(now: number, rank: Rank): Request<string, string> {
    return this.engine.request(CARRIER, Infinity, now, rank);
  }

  grantShared(request: Request<string, string>, place: Place): void {
    this.#places.set(request.context, place);
  }

  rejectShared(request: Request<string, string>, why: RejectReason): void {
    this.#ended.set(request.context, why);
  }

  judge(): ReleaseKind {
    return this.judged;
  }

  override grant(request: Request<string, string>): void {
    super.grant(request);
    if (request.context === CARRIER) this.sharing.granted(request, this.now);
  }

  override reject(request: Request<string, string>, why: RejectReason): void {
    super.reject(request, why);
    if (request.context === CARRIER) this.sharing.refused(request, why, this.now);
  }
}
