import { InputError } from '../input-error.js';
import { DurationHistogram } from './duration-histogram.js';
import type {
  DurationCounts,
  RecordedSettings,
  RecordingEntry,
  RecordingHeader,
} from './entries.js';
import { GrowingNumbers } from './growing-numbers.js';

/** Most arrivals, and most uses, that are kept in memory. */
const MOST_REQUESTS = 20_000_000;

/** Uses that ended between two decisions. */
export interface UseInterval {
  /** How many arrivals there had been at the end. */
  readonly arrivals: number;
  /** Where the interval's uses end in `uses`, and how many requests never got a connection. */
  readonly usesEnd: number;
  readonly lost: number;
}

/**
 * What one run of a pool came to, as far as a recording tells. A file may hold several runs, one after each start of a
 * process; this keeps the newest.
 */
export class RecordedRun {
  /** Runs before this one. */
  earlierRuns = 0;
  header: RecordingHeader | null = null;
  /** Options at the end. */
  settings: RecordedSettings | null = null;
  /** How often options changed. */
  changes = 0;
  decisions = 0;
  /** Monotonic milliseconds of the first and the last thing recorded. */
  firstAt: number = Number.POSITIVE_INFINITY;
  lastAt: number = Number.NEGATIVE_INFINITY;
  /** Size at the first decision. */
  firstSize = 0;
  peakSize = 0;
  arrivals = 0;
  timeouts = 0;
  rejected = 0;
  creates = 0;
  /** Median create time as the policy knew it at the last decision, for runs in which nothing was created. */
  knownCreateMs: number | null = null;
  readonly waits: DurationHistogram = new DurationHistogram();
  /** Wait plus use of the requests that ended. */
  readonly totals: DurationHistogram = new DurationHistogram();
  readonly useTimes: DurationHistogram = new DurationHistogram();
  readonly createTimes: DurationHistogram = new DurationHistogram();
  /** Monotonic milliseconds of arrivals, and how many: negative when at one instant. */
  readonly arrivalMs: GrowingNumbers = new GrowingNumbers();
  readonly arrivalCounts: GrowingNumbers = new GrowingNumbers();
  /** Every use time in milliseconds, in the order in which they were recorded. */
  readonly uses: GrowingNumbers = new GrowingNumbers();
  /** Every create time in milliseconds, likewise. */
  readonly createdIn: GrowingNumbers = new GrowingNumbers();
  readonly intervals: UseInterval[] = [];
  /** Arrival, wait, use of each request that has a row of its own. */
  readonly rows: GrowingNumbers = new GrowingNumbers();
  #sizeMs = 0;
  #decidedAt = Number.NaN;
  #seq: number | null = null;

  /** Length in milliseconds. */
  get lengthMs(): number {
    return Math.max(0, this.lastAt - this.firstAt);
  }

  /** Mean size over time: growth happens at decisions, so the size seen at a decision held since the one before. */
  get meanSize(): number {
    const spanMs = this.#decidedAt - this.firstAt;
    return spanMs > 0 ? this.#sizeMs / spanMs : this.firstSize;
  }

  /** Takes the next entry; the run to go on with is returned, a new one where a process began. */
  take(entry: RecordingEntry): RecordedRun {
    switch (entry.kind) {
      case 'header':
        return this.#begin(entry.header);
      case 'change':
        this.settings = entry.settings;
        this.changes += 1;
        return this;
      case 'requests':
        for (const value of entry.values) this.rows.push(value);
        return this;
      case 'decision':
        this.#decide(entry);
        return this;
      default:
        this.#load(entry);
        return this;
    }
  }

  #begin(header: RecordingHeader): RecordedRun {
    const known = this.header;
    const goesOn =
      known === null ||
      (header.continues !== null &&
        header.continues === this.#seq &&
        header.epochAtZero === known.epochAtZero &&
        header.pool === known.pool);
    const run = goesOn ? this : new RecordedRun();
    if (!goesOn) run.earlierRuns = this.earlierRuns + 1;
    run.header = header;
    run.settings = header.settings;
    return run;
  }

  #decide({ decision }: Extract<RecordingEntry, { kind: 'decision' }>): void {
    const { signals } = decision;
    if (this.decisions === 0) this.firstSize = signals.size;
    else this.#sizeMs += signals.size * Math.max(0, signals.now - this.#decidedAt);
    this.decisions += 1;
    this.#seq = decision.seq;
    this.#decidedAt = signals.now;
    this.#spans(signals.now);
    this.peakSize = Math.max(this.peakSize, signals.size);
    this.timeouts += signals.timeouts;
    this.rejected += signals.rejections;
    this.creates += signals.created;
    this.knownCreateMs = signals.create.p50Ms ?? this.knownCreateMs;
    const lost = signals.timeouts + signals.rejections;
    this.intervals.push({ arrivals: this.arrivals, usesEnd: this.uses.length, lost });
  }

  #load({ load }: Extract<RecordingEntry, { kind: 'load' }>): void {
    this.waits.add(load.waits);
    this.totals.add(load.totals);
    this.useTimes.add(load.uses);
    this.createTimes.add(load.creates);
    for (const [ms, count] of load.arrivals) {
      this.#spans(ms);
      this.arrivalMs.push(ms);
      this.arrivalCounts.push(count);
      this.arrivals += Math.abs(count);
    }
    const most = Math.max(this.arrivals, this.useTimes.count, this.createTimes.count);
    if (most > MOST_REQUESTS) {
      throw new InputError(`more than ${MOST_REQUESTS} requests in one run; replay a shorter part`);
    }
    pushAll(this.uses, load.uses);
    pushAll(this.createdIn, load.creates);
  }

  #spans(at: number): void {
    if (at < this.firstAt) this.firstAt = at;
    if (at > this.lastAt) this.lastAt = at;
  }
}

/** Every duration as often as it was, in milliseconds. */
function pushAll(to: GrowingNumbers, pairs: DurationCounts): void {
  for (let index = 0; index < pairs.length; index += 2) {
    const [us, count] = [pairs[index] as number, pairs[index + 1] as number];
    for (let times = 0; times < count; times += 1) to.push(us / 1_000);
  }
}
