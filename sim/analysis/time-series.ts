import type { ScaleDecision } from '../../src/control/decision.js';
import { Tally } from '../tally.js';
import { BinnedWaits, halveSums } from './binned-waits.js';
import { DecisionLog, joinGroups } from './decision-log.js';
import type { DecisionGroup, DecisionNote } from './decision-log.js';
import type { WaitTimes } from './wait-times.js';

/** Most bins of a series; even, so that pairs of bins can become one. */
const MOST_BINS = 600;
/** Bins up to the end of the workload; the others are for what is unfinished then. */
const PLANNED_BINS = 400;

/** What a series shows of the engine. */
export interface ObservedEngine {
  readonly slots: { readonly size: number; readonly inUse: number };
  readonly pending: number;
  readonly target: number;
  readonly permits: number | null;
}

/** Watches a replication from outside; costs nothing where there is none. */
export interface RunObserver {
  /** What counts the requests. */
  tally(waits: WaitTimes, waitObjectiveMs: number, fromMs: number): Tally;
  /** The engine was as it is from `fromMs` to `toMs`. */
  held(fromMs: number, toMs: number, engine: ObservedEngine): void;
  /** The target changed. */
  decided(decision: ScaleDecision): void;
}

/** How a run went over time, in bins of equal length; every list has one entry per bin. */
export interface RunSeries {
  readonly binMs: number;
  readonly lengthMs: number;
  /** Callers that arrived, per second. */
  readonly arrivals: readonly number[];
  /** Mean over the bin, as the next four. */
  readonly size: readonly number[];
  readonly inUse: readonly number[];
  readonly target: readonly number[];
  readonly waiting: readonly number[];
  /** Null where there was no cap. */
  readonly permits: readonly (number | null)[];
  /** Most callers that waited at once. */
  readonly mostWaiting: readonly number[];
  /** Median wait of those who arrived in the bin, right to 2 %; null if nobody did. Refused callers have no wait. */
  readonly waitP50Ms: readonly (number | null)[];
  /** 99th percentile of the same waits. */
  readonly waitP99Ms: readonly (number | null)[];
  /** The decisions of the bin; null if there were none. */
  readonly decisions: readonly (DecisionGroup | null)[];
  readonly decisionCount: number;
  /** The largest changes of the target, at most two hundred, in order of time. */
  readonly largest: readonly DecisionNote[];
}

/**
 * Collects the series of one replication in at most six hundred bins, whatever its length: bins have a round length that
 * makes a few hundred of the planned time, and when a run takes longer, pairs of bins become one.
 */
export class SeriesRecorder implements RunObserver {
  #binMs: number;
  #lengthMs = 0;
  readonly #held = new Float64Array(MOST_BINS);
  readonly #arrivals = new Float64Array(MOST_BINS);
  readonly #size = new Float64Array(MOST_BINS);
  readonly #inUse = new Float64Array(MOST_BINS);
  readonly #target = new Float64Array(MOST_BINS);
  readonly #waiting = new Float64Array(MOST_BINS);
  readonly #permits = new Float64Array(MOST_BINS);
  readonly #capped = new Float64Array(MOST_BINS);
  readonly #mostWaiting = new Float64Array(MOST_BINS);
  readonly #waits = new BinnedWaits(MOST_BINS);
  readonly #log = new DecisionLog();
  #groups: (DecisionGroup | null)[] = Array.from({ length: MOST_BINS }, () => null);

  /** @param plannedMs How long the run is meant to take: its warm-up and its duration. */
  constructor(plannedMs: number) {
    this.#binMs = roundUp(plannedMs / PLANNED_BINS);
  }

  tally(waits: WaitTimes, waitObjectiveMs: number, fromMs: number): Tally {
    return new ObservedTally(waits, waitObjectiveMs, fromMs, this);
  }

  held(fromMs: number, toMs: number, engine: ObservedEngine): void {
    const last = this.#binOf(toMs);
    const { pending, target, permits } = engine;
    const { size, inUse } = engine.slots;
    this.#lengthMs = toMs;
    for (let bin = this.#binOf(fromMs); bin <= last; bin += 1) {
      const start = Math.max(fromMs, bin * this.#binMs);
      const ms = Math.min(toMs, (bin + 1) * this.#binMs) - start;
      if (ms <= 0) continue;
      add(this.#held, bin, ms);
      add(this.#size, bin, ms * size);
      add(this.#inUse, bin, ms * inUse);
      add(this.#target, bin, ms * target);
      add(this.#waiting, bin, ms * pending);
      if (permits !== null) {
        add(this.#capped, bin, ms);
        add(this.#permits, bin, ms * permits);
      }
      if (pending > (this.#mostWaiting[bin] as number)) this.#mostWaiting[bin] = pending;
    }
  }

  decided(decision: ScaleDecision): void {
    const bin = this.#binOf(decision.at);
    this.#groups[bin] = joinGroups(this.#groups[bin] ?? null, this.#log.add(decision));
  }

  /** A caller arrived and waited that long; null if it was refused. */
  waited(arrivedAt: number, waitMs: number | null): void {
    const bin = this.#binOf(arrivedAt);
    add(this.#arrivals, bin, 1);
    if (waitMs !== null) this.#waits.add(bin, waitMs);
  }

  /** The series so far. */
  read(): RunSeries {
    const length = Math.min(MOST_BINS, Math.max(1, Math.ceil(this.#lengthMs / this.#binMs - 1e-9)));
    const list = <Value>(value: (bin: number) => Value): Value[] =>
      Array.from({ length }, (_none, bin) => value(bin));
    const meanOf = (sums: Float64Array): number[] =>
      list((bin) => ratio(sums[bin] as number, this.#held[bin] as number));
    return {
      binMs: this.#binMs,
      lengthMs: this.#lengthMs,
      arrivals: list((bin) => ((this.#arrivals[bin] as number) * 1_000) / this.#binMs),
      size: meanOf(this.#size),
      inUse: meanOf(this.#inUse),
      target: meanOf(this.#target),
      waiting: meanOf(this.#waiting),
      permits: list((bin) => {
        const ms = this.#capped[bin] as number;
        return ms === 0 ? null : (this.#permits[bin] as number) / ms;
      }),
      mostWaiting: list((bin) => this.#mostWaiting[bin] as number),
      waitP50Ms: list((bin) => this.#waits.quantile(bin, 0.5)),
      waitP99Ms: list((bin) => this.#waits.quantile(bin, 0.99)),
      decisions: list((bin) => this.#groups[bin] ?? null),
      decisionCount: this.#log.count,
      largest: this.#log.largest,
    };
  }

  /** The bin of an instant; bins become longer until there is one. */
  #binOf(atMs: number): number {
    while (atMs > this.#binMs * MOST_BINS) this.#halve();
    return Math.min(MOST_BINS - 1, Math.floor(atMs / this.#binMs));
  }

  #halve(): void {
    this.#binMs *= 2;
    for (const sums of [
      this.#held,
      this.#arrivals,
      this.#size,
      this.#inUse,
      this.#target,
      this.#waiting,
      this.#permits,
      this.#capped,
    ]) {
      halveSums(sums);
    }
    this.#waits.halve();
    const groups = this.#groups;
    this.#groups = groups.map((_group, bin) =>
      joinGroups(groups[2 * bin] ?? null, groups[2 * bin + 1] ?? null),
    );
    for (let bin = 0; bin < MOST_BINS; bin += 1) {
      const [one = 0, other = 0] = this.#mostWaiting.subarray(2 * bin, 2 * bin + 2);
      this.#mostWaiting[bin] = Math.max(one, other);
    }
  }
}

/** Counts as a tally does and tells the recorder. */
class ObservedTally extends Tally {
  readonly #series: SeriesRecorder;

  constructor(waits: WaitTimes, waitObjectiveMs: number, fromMs: number, series: SeriesRecorder) {
    super(waits, waitObjectiveMs, fromMs);
    this.#series = series;
  }

  override granted(arrivedAt: number, now: number): void {
    super.granted(arrivedAt, now);
    this.#series.waited(arrivedAt, now - arrivedAt);
  }

  override timedOut(arrivedAt: number, now: number): void {
    super.timedOut(arrivedAt, now);
    this.#series.waited(arrivedAt, now - arrivedAt);
  }

  override refused(arrivedAt: number): void {
    super.refused(arrivedAt);
    this.#series.waited(arrivedAt, null);
  }

  override stillWaits(arrivedAt: number, now: number): void {
    super.stillWaits(arrivedAt, now);
    this.#series.waited(arrivedAt, now - arrivedAt);
  }
}

function add(values: Float64Array, bin: number, value: number): void {
  values[bin] = (values[bin] as number) + value;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below `value`. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5].find((one) => one * power >= value * (1 - 1e-12)) ?? 10;
  return factor * power;
}
