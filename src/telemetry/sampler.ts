import type { DecisionCause, DurationSummary, Hint, Signals } from '../control/signals.js';
import type { PoolEngine } from '../engine/pool-engine.js';
import type { EngineProbe, RefusalReason } from '../engine/ports.js';
import { waitingSince } from '../engine/request.js';
import { ArrivalBuckets } from './arrival-buckets.js';
import { LatencyWindow } from './latency-window.js';
import { Observers } from './observers.js';

/** The totals of an engine as they stood at the previous decision. */
interface Mark {
  at: number;
  arrivals: number;
  completions: number;
  timeouts: number;
  rejections: number;
  created: number;
  transient: number;
  permanent: number;
  serverLimit: number;
  timeout: number;
  inUseMs: number;
  pendingMs: number;
}

/** What the sampler cannot read from the engine. */
export interface Situation {
  readonly seq: number;
  readonly hints: readonly Hint[];
  readonly min: number;
  readonly max: number;
  /** The target until now. */
  readonly target: number;
  readonly eventLoopUtilisation: number | null;
}

/** Listens to an engine and turns what happened since the previous decision into `Signals`. */
export class Sampler implements EngineProbe {
  readonly #sliceMs: number;
  readonly #arrivals: ArrivalBuckets;
  readonly #wait = new LatencyWindow();
  readonly #use = new LatencyWindow();
  readonly #create = new LatencyWindow();
  readonly #observers = new Observers();
  #mark: Mark;
  #slicedAt: number;

  constructor(sliceMs: number, now: number) {
    this.#sliceMs = sliceMs;
    this.#arrivals = new ArrivalBuckets(now);
    this.#slicedAt = now;
    this.#mark = {
      at: now,
      arrivals: 0,
      completions: 0,
      timeouts: 0,
      rejections: 0,
      created: 0,
      transient: 0,
      permanent: 0,
      serverLimit: 0,
      timeout: 0,
      inUseMs: 0,
      pendingMs: 0,
    };
  }

  arrived(now: number): void {
    this.#arrivals.arrived(now);
    if (!this.#observers.isEmpty) this.#observers.arrived(now);
  }

  granted(waitMs: number): void {
    this.#wait.record(waitMs);
    if (!this.#observers.isEmpty) this.#observers.granted(waitMs);
  }

  released(useMs: number, arrivedAt: number, waitMs: number): void {
    this.#use.record(useMs);
    if (!this.#observers.isEmpty) this.#observers.released(useMs, arrivedAt, waitMs);
  }

  created(createMs: number): void {
    this.#create.record(createMs);
    if (!this.#observers.isEmpty) this.#observers.created(createMs);
  }

  left(arrivedAt: number): void {
    if (!this.#observers.isEmpty) this.#observers.left(arrivedAt);
  }

  refused(why: RefusalReason, waitMs: number): void {
    if (!this.#observers.isEmpty) this.#observers.refused(why, waitMs);
  }

  /** Lets somebody else hear all of it, until the function returned is called. */
  observe(observer: EngineProbe): () => void {
    return this.#observers.add(observer);
  }

  get wait(): DurationSummary {
    return this.#wait.summary();
  }

  get use(): DurationSummary {
    return this.#use.summary();
  }

  /** Create times of the last ten slices in which a connection was created, however long ago that was. */
  get create(): DurationSummary {
    return this.#create.summary();
  }

  /** Lets the windows forget what is too old; called at least once per slice while anything happens. */
  rotate(now: number): void {
    const steps = Math.floor((now - this.#slicedAt) / this.#sliceMs + 1e-6);
    if (steps < 1) return;
    this.#slicedAt += steps * this.#sliceMs;
    this.#wait.rotate(steps);
    this.#use.rotate(steps);
    if (!this.#create.isSliceEmpty) this.#create.rotate(1);
  }

  /** The signals of this moment; the next interval begins. */
  read<T, C>(
    engine: PoolEngine<T, C>,
    cause: DecisionCause,
    situation: Situation,
    now: number,
  ): Signals {
    engine.sync(now);
    const { slots, totals } = engine;
    const { failuresByKind } = totals;
    const before = this.#mark;
    const oldestCreateAt = slots.oldestCreateAt;
    const signals: Signals = {
      now,
      cause,
      seq: situation.seq,
      size: slots.size,
      creating: slots.creating,
      checking: slots.checking,
      idle: slots.idle,
      inUse: slots.inUse,
      pending: engine.pending,
      oldestWaitMs: Math.max(0, now - waitingSince(engine.oldestWaiter)),
      oldestCreateMs: oldestCreateAt === null ? 0 : now - oldestCreateAt,
      min: situation.min,
      max: situation.max,
      target: situation.target,
      permits: engine.permits,
      intervalMs: now - before.at,
      arrivals: totals.arrivals - before.arrivals,
      completions: totals.released - before.completions,
      timeouts: totals.timeouts - before.timeouts,
      rejections: totals.rejected - before.rejections,
      created: totals.created - before.created,
      createFailures: {
        transient: failuresByKind.transient - before.transient,
        permanent: failuresByKind.permanent - before.permanent,
        serverLimit: failuresByKind['server-limit'] - before.serverLimit,
        timeout: failuresByKind.timeout - before.timeout,
      },
      inUseMs: totals.inUseMs - before.inUseMs,
      pendingMs: totals.pendingMs - before.pendingMs,
      peakInUse: totals.peakInUse,
      peakDemand: totals.peakDemand,
      lowestIdle: totals.lowestIdle,
      arrivalsPerMs: this.#arrivals.read(now),
      arrivalEnvelope: this.#arrivals.takeEnvelope(),
      hints: situation.hints,
      wait: this.wait,
      use: this.use,
      create: this.create,
      gate: engine.gate.read(now),
      eventLoopUtilisation: situation.eventLoopUtilisation,
    };
    totals.resetExtremes(engine.slots, engine.pending);
    this.#mark = {
      at: now,
      arrivals: totals.arrivals,
      completions: totals.released,
      timeouts: totals.timeouts,
      rejections: totals.rejected,
      created: totals.created,
      transient: failuresByKind.transient,
      permanent: failuresByKind.permanent,
      serverLimit: failuresByKind['server-limit'],
      timeout: failuresByKind.timeout,
      inUseMs: totals.inUseMs,
      pendingMs: totals.pendingMs,
    };
    return signals;
  }
}
