import type { PoolEngine } from './engine/pool-engine.js';
import type { Request } from './engine/request.js';
import type { LeakEndEvent, LeakEvent } from './events.js';
import type { Lease, LeaseEnd } from './lease.js';
import { LeaseNote } from './lease-note.js';
import type { Reports } from './reports.js';
import type { Clock } from './runtime/clock.js';
import { StackTrace } from './runtime/stack-trace.js';
import { noteOf, type Context, CARRIER } from './request-context.js';

/** Which leases are suspected, and what becomes of them. */
export interface LeakOptions {
  readonly leakThresholdMs: number;
  readonly leakSampling: number;
  readonly reclaimLeaks: boolean;
}

type LeakEnd = LeakEndEvent['how'];

const MOST_SKIPPED = 2 ** 30;
/** Samples are this far apart, unless every lease is one: what leaks comes by again, and a sample costs some 50 µs. */
const SAMPLES_APART_MS = 5;

/**
 * Finds leases that never come back: those that are out for too long by looking at the slots in use, when the oldest may
 * be due; of the sampled ones also those that nobody can give back any more, when their lease is garbage.
 */
export class LeakWatch<T> {
  readonly #clock: Clock;
  readonly #engine: PoolEngine<T, Context<T>>;
  readonly #reports: Reports;
  readonly #random: () => number;
  readonly #changed: () => void;
  #options: LeakOptions;
  /** Acquires until the next one that is sampled. */
  #untilSample: number;
  #sampledAt: number = Number.NEGATIVE_INFINITY;
  /** When the slots in use are looked at next; Infinity while none is in use or no age is suspicious. */
  wakeAt: number = Number.POSITIVE_INFINITY;
  /** The value must not lead to the lease, or it would never be garbage. */
  readonly #dropped = new FinalizationRegistry<Request<T, Context<T>>>((request) => {
    this.#wasDropped(request);
  });

  /** `changed` is called after every input to the engine, and when `wakeAt` is earlier than it was. */
  constructor(
    options: LeakOptions,
    clock: Clock,
    engine: PoolEngine<T, Context<T>>,
    reports: Reports,
    random: () => number,
    changed: () => void,
  ) {
    this.#clock = clock;
    this.#engine = engine;
    this.#reports = reports;
    this.#random = random;
    this.#changed = changed;
    this.#options = options;
    this.#untilSample = this.#nextGap();
  }

  /** Changes the options; leases that are out count too. */
  configure(options: LeakOptions): void {
    const before = this.#options;
    this.#options = options;
    if (options.leakSampling !== before.leakSampling) this.#untilSample = this.#nextGap();
    this.#scheduleNext();
  }

  /** Where the pool's method was called, if it is sampled. */
  sample(): StackTrace | null {
    this.#untilSample -= 1;
    return this.#untilSample > 0 ? null : this.#take();
  }

  /** A lease begins. */
  begin(lease: Lease<T>, request: Request<T, Context<T>>, calledFrom: StackTrace | null): void {
    const { leakThresholdMs } = this.#options;
    if (this.wakeAt === Number.POSITIVE_INFINITY && leakThresholdMs < Number.POSITIVE_INFINITY) {
      this.wakeAt = request.since + leakThresholdMs;
      this.#changed();
    }
    if (calledFrom === null) return;
    // In the place of the waiter, whose promise leads to the lease; and as text, since a trace leads to whoever called,
    // who may be the one that keeps the lease.
    request.context = new LeaseNote(request.since, calledFrom.text);
    this.#dropped.register(lease, request, request);
  }

  /** A lease that was sampled is over: dropping it does no harm any more, and its request may lead to it from now on. */
  forget(request: Request<T, unknown>): void {
    this.#dropped.unregister(request);
  }

  /** A lease that was reported has come back by itself. */
  ended(request: Request<T, unknown>, { lentAt }: LeaseNote, how: LeakEnd, now: number): void {
    if (request.slot !== null) this.#reports.leakEnded(request.slot.id, now - lentAt, how);
  }

  /** A lease that the pool had taken back ends. False if it had ended before. */
  comesLate(request: Request<T, unknown>, note: LeaseNote, how: LeaseEnd): boolean {
    if (!note.isReclaimed) return false;
    note.cameLateAt = this.#clock.now();
    this.ended(request, note, how, note.cameLateAt);
    return true;
  }

  /** Reports leases that are out for too long. Early calls do no harm. */
  advance(): void {
    const now = this.#clock.now();
    if (now < this.wakeAt) return;
    const { leakThresholdMs, reclaimLeaks } = this.#options;
    for (const request of this.#out()) {
      // A listener of the one before may have ended this one.
      if (!isOut(request) || request.since + leakThresholdMs > now) continue;
      const note = reclaimLeaks ? this.#reclaim(request, now) : noteOn(request);
      if (!note.isReported) this.#report(request, note, 'overdue', now);
    }
    this.#scheduleNext();
  }

  #take(): StackTrace | null {
    this.#untilSample = this.#nextGap();
    const { leakSampling } = this.#options;
    const now = this.#clock.now();
    const isTooSoon = leakSampling < 1 && now - this.#sampledAt < SAMPLES_APART_MS;
    if (leakSampling === 0 || isTooSoon) return null;
    this.#sampledAt = now;
    return new StackTrace(4);
  }

  #wasDropped(request: Request<T, Context<T>>): void {
    if (!isOut(request)) return;
    const now = this.#clock.now();
    const note = this.#reclaim(request, now);
    if (note.isReported) this.ended(request, note, 'dropped', now);
    else this.#report(request, note, 'dropped', now);
  }

  #reclaim(request: Request<T, Context<T>>, now: number): LeaseNote {
    const note = noteOn(request);
    note.isReclaimed = true;
    this.#engine.release(request, 'broken', now);
    this.#changed();
    return note;
  }

  #report(
    { slot }: Request<T, unknown>,
    note: LeaseNote,
    kind: LeakEvent['kind'],
    now: number,
  ): void {
    note.isReported = true;
    if (slot !== null) this.#reports.leaked(slot, note, kind, now - note.lentAt);
  }

  #scheduleNext(): void {
    const { leakThresholdMs, reclaimLeaks } = this.#options;
    this.wakeAt = Number.POSITIVE_INFINITY;
    for (const { context, since } of this.#out()) {
      const isKnown = !reclaimLeaks && noteOf(context)?.isReported === true;
      if (!isKnown) this.wakeAt = Math.min(this.wakeAt, since + leakThresholdMs);
    }
  }

  /** Every request that holds a connection. */
  #out(): Request<T, Context<T>>[] {
    // The engine hands back what the host noted on it.
    const holders = Array.from(this.#engine.slots.all(), ({ holder }) => holder);
    return (holders as (Request<T, Context<T>> | null)[]).filter(
      (holder) => holder !== null && holder.context !== CARRIER && isOut(holder),
    ) as Request<T, Context<T>>[];
  }

  /** How many acquires are left out before the next sample: at random, so that no rhythm of the callers hides from it. */
  #nextGap(): number {
    const { leakSampling } = this.#options;
    if (leakSampling === 0) return MOST_SKIPPED;
    if (leakSampling === 1) return 1;
    const gap = Math.ceil(Math.log(1 - this.#random()) / Math.log(1 - leakSampling));
    return Math.max(1, Math.min(gap, MOST_SKIPPED));
  }
}

/** What is known of a lease, from now on at least. */
function noteOn<T>(request: Request<T, Context<T>>): LeaseNote {
  const note = noteOf(request.context) ?? new LeaseNote(request.since, undefined);
  request.context = note;
  return note;
}

/** Whether a connection is still lent to it: after a forced close, none is. */
function isOut({ state, slot }: Request<unknown, unknown>): boolean {
  return state === 'granted' && slot?.state === 'in-use';
}
