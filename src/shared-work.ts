import type { Patience } from './acquire-options.js';
import type { Autoscaler } from './autoscaler/autoscaler.js';
import type { RefusalReason, RejectReason, ReleaseKind } from './engine/ports.js';
import type { Rank, Request } from './engine/request.js';
import { Carrier, Sharing, type SharingConfig, type SharingHost } from './engine/sharing.js';
import type { Slot } from './engine/slot.js';
import type { Reports } from './reports.js';
import { CARRIER, type Context } from './request-context.js';
import type { Clock } from './runtime/clock.js';
import { Deferred, rejected } from './runtime/deferred.js';
import { InParts } from './runtime/in-parts.js';
import type { ResourceDriver } from './runtime/resource-driver.js';
import type { Turn } from './runtime/turn.js';
import { WaitingCallers, type MakeRejection, type Waiter } from './waiting-callers.js';
import { Stretch, WorkWatch } from './work-watch.js';

type Place<T> = Carrier<T, Context<T>>;

/** Who waits; or how it ended before anybody could wait. */
type SharedContext<T> = Waiter<Place<T>> | Place<T> | RefusalReason | null;
type SharedRequest<T> = Request<T, SharedContext<T>>;

/** How many share one connection, who is refused, and which work is suspected. */
interface SharedWorkConfig extends SharingConfig {
  readonly leakThresholdMs: number;
}

/** Work of many on few connections. */
export class SharedWork<T> implements SharingHost<T, Context<T>, SharedContext<T>> {
  readonly sharing: Sharing<T, Context<T>, SharedContext<T>>;
  readonly #clock: Clock;
  readonly #autoscaler: Autoscaler<T, Context<T>>;
  readonly #driver: ResourceDriver<T>;
  readonly #turn: Turn;
  readonly #rejection: MakeRejection;
  readonly #changed: () => void;
  readonly #waiting: WaitingCallers<T, Place<T>, Place<T> | null>;
  readonly #watch: WorkWatch<T, Context<T>>;
  readonly #parts: InParts<Place<T>>;

  /** `changed` is called after every input to the engine. */
  constructor(
    clock: Clock,
    autoscaler: Autoscaler<T, Context<T>>,
    driver: ResourceDriver<T>,
    config: SharedWorkConfig,
    reports: Reports,
    turn: Turn,
    rejection: MakeRejection,
    changed: () => void,
  ) {
    this.#clock = clock;
    this.#autoscaler = autoscaler;
    this.#driver = driver;
    this.#turn = turn;
    this.#rejection = rejection;
    this.#changed = changed;
    this.sharing = new Sharing(autoscaler.engine, this, config);
    this.#parts = new InParts(clock);
    const { leakThresholdMs } = config;
    const { carriers } = this.sharing;
    this.#watch = new WorkWatch(leakThresholdMs, clock, carriers, reports, changed);
    this.#waiting = new WaitingCallers(clock, rejection, (request, now) => {
      this.sharing.cancel(request, now);
      changed();
    });
  }

  /** When `advance` has something to do, or Infinity. */
  get wakeAt(): number {
    return Math.min(this.sharing.wakeAt, this.#watch.wakeAt);
  }

  configure(config: SharedWorkConfig, now: number): void {
    this.sharing.configure(config, now);
    this.#watch.configure(config.leakThresholdMs, now);
  }

  /** Does what is due. */
  advance(now: number): void {
    this.sharing.advance(now);
    this.#watch.advance(now);
  }

  /** Runs `work` on a connection with others. */
  run<R>(work: (resource: T) => Promise<R> | R, patience: Patience): Promise<R> {
    const { signal } = patience;
    if (signal?.aborted === true) return rejected(signal.reason);
    const place = this.sharing.join() ?? this.#request(patience);
    if (place instanceof Promise) return this.#runLater(work, place);
    return this.#parts.isHolding
      ? this.#runLater(work, this.#afterTheOthers(place))
      : this.#carryOut(work, place);
  }

  askForCarrier(deadline: number, now: number, rank: Rank): Request<T, Context<T>> {
    const turn = this.#turn.instant(now);
    // Who comes too late is refused by the sharing.
    return this.#autoscaler.request(CARRIER, deadline, now, rank, turn, true);
  }

  grantShared(request: SharedRequest<T>, place: Place<T>): void {
    const waiter = this.#waiting.take(request);
    if (waiter === null) request.context = place;
    else this.#parts.resolve(waiter, place);
  }

  rejectShared(request: SharedRequest<T>, why: RejectReason): void {
    this.#waiting.rejected(request, why);
  }

  judge(slot: Slot<T>): ReleaseKind {
    return this.#driver.judge(slot);
  }

  #request(patience: Patience): Place<T> | Promise<Place<T>> {
    const now = this.#clock.now();
    const request = this.sharing.request(null, now + patience.timeoutMs, now, patience.rank);
    this.#changed();
    if (request.context instanceof Carrier) return request.context;
    this.#turn.note(now);
    return this.#waiting.add(request, patience);
  }

  #afterTheOthers(place: Place<T>): Promise<Place<T>> {
    const waiter = new Deferred<Place<T>>();
    this.#parts.resolve(waiter, place);
    return waiter.promise;
  }

  async #runLater<R>(work: (resource: T) => Promise<R> | R, place: Promise<Place<T>>): Promise<R> {
    const at = await place;
    const { resource } = at.slot;
    const stretch = this.#begin(at);
    let result: R;
    try {
      // A forced close took the connection while the caller was on the way to it.
      if (resource === undefined) throw this.#closed();
      result = await work(resource);
    } catch (error) {
      return stretch.failed(error);
    }
    return stretch.done(result);
  }

  /** As `#runLater`, for those who need not wait: no promise more than the work's own and the caller's. */
  #carryOut<R>(work: (resource: T) => Promise<R> | R, place: Place<T>): Promise<R> {
    const { resource } = place.slot;
    const { done, failed } = this.#begin(place);
    if (resource === undefined) return Promise.resolve().then(() => failed(this.#closed()));
    try {
      return Promise.resolve(work(resource)).then(done<R>, failed);
    } catch (error) {
      return Promise.resolve().then(() => failed(error));
    }
  }

  /** One more piece of work begins. */
  #begin(place: Place<T>): Stretch {
    const stretch = this.#stretchAt(place);
    stretch.out += 1;
    return stretch;
  }

  #stretchAt(place: Place<T>): Stretch {
    if (place.context instanceof Stretch) return place.context;
    const stretch = new Stretch(
      (own) => {
        this.#leave(place);
        if (own.isReported) this.#watch.settled(place.slot.id, own);
      },
      (error) => this.#noteFailure(place, error),
    );
    place.context = stretch;
    this.#watch.begin();
    return stretch;
  }

  /** After an error that is no answer of the server nobody else comes, and the connection is judged once it is quiet. */
  #noteFailure(place: Place<T>, error: unknown): void {
    if (this.#driver.isAnswer(error)) return;
    place.isSuspect = true;
    if (this.#driver.classify(error) === 'permanent') place.isBroken = true;
  }

  #leave(place: Place<T>): void {
    if (this.sharing.leave(place)) return;
    this.sharing.vacate(place, this.#clock.now());
    this.#changed();
  }

  #closed(): Error {
    return this.#rejection('closed', 0, 0);
  }
}
