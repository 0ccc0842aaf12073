import { InputError } from '../input-error.js';
import { DurationHistogram } from './duration-histogram.js';
import type {
  DurationCounts,
  RecordedLosses,
  RecordedSettings,
  RecordingEntry,
  RecordingHeader,
} from './entries.js';
import { GrowingNumbers } from './growing-numbers.js';

/** Most arrivals, and most uses, that are kept in memory. */
const MOST_REQUESTS = 20_000_000;
/** Most changes of the options. */
const MOST_CHANGES = 10_000;

/** Options and how long they were in force. */
export interface RecordedPhase {
  /** Monotonic milliseconds of their beginning; -Infinity for those that the run began with. */
  readonly at: number;
  /** The policy is the very same value as before unless it was replaced. */
  readonly settings: RecordedSettings;
}

/**
 * What one run of a pool came to, as far as a recording tells. A file may hold several runs, one after each start of a
 * process; this keeps the newest.
 */
export class RecordedRun {
  /** Runs before this one. */
  earlierRuns = 0;
  header: RecordingHeader | null = null;
  /** Options over time; those of the beginning are the first. */
  readonly phases: RecordedPhase[] = [];
  decisions = 0;
  /** Monotonic milliseconds of the first and the last thing recorded. */
  firstAt: number = Number.POSITIVE_INFINITY;
  lastAt: number = Number.NEGATIVE_INFINITY;
  /** Size at the first decision. */
  firstSize = 0;
  /** Open connections at the first and the last decision, without those being created. */
  firstOpen = 0;
  lastOpen = 0;
  peakSize = 0;
  arrivals = 0;
  rejected = 0;
  creates = 0;
  createFailures = 0;
  /** Median create time as the policy knew it at the last decision, for runs in which nothing was created. */
  knownCreateMs: number | null = null;
  readonly waits: DurationHistogram = new DurationHistogram();
  /** Waits that ended with a timeout. */
  readonly timeoutWaits: DurationHistogram = new DurationHistogram();
  /** Wait plus use of the requests that ended. */
  readonly totals: DurationHistogram = new DurationHistogram();
  readonly useTimes: DurationHistogram = new DurationHistogram();
  readonly createTimes: DurationHistogram = new DurationHistogram();
  /** Monotonic milliseconds of arrivals, and how many: negative when at one instant. */
  readonly arrivalMs: GrowingNumbers = new GrowingNumbers();
  readonly arrivalCounts: GrowingNumbers = new GrowingNumbers();
  /** Monotonic milliseconds in which those had arrived who gave up by themselves, and how many. */
  readonly leftMs: GrowingNumbers = new GrowingNumbers();
  readonly leftCounts: GrowingNumbers = new GrowingNumbers();
  /** Every use time in milliseconds, in the order in which they were recorded. */
  readonly uses: GrowingNumbers = new GrowingNumbers();
  /** Every create time in milliseconds, likewise. */
  readonly createdIn: GrowingNumbers = new GrowingNumbers();
  /**
   * Between two decisions, three numbers each time: where its arrivals end in `arrivalCounts`, where its uses end in
   * `uses`, and how many requests timed out or were rejected.
   */
  readonly intervals: GrowingNumbers = new GrowingNumbers();
  /** Arrival, wait, use of each request that has a row of its own. */
  readonly rows: GrowingNumbers = new GrowingNumbers();
  /** Timeouts and rejections since the last decision. */
  #lost = 0;
  #sizeMs = 0;
  #decidedAt = Number.NaN;
  #seq: number | null = null;
  /** Changed options, until the next decision says when. */
  #changed: RecordedSettings | null = null;

  /** Options at the end. */
  get settings(): RecordedSettings | null {
    return this.phases.at(-1)?.settings ?? null;
  }

  /** How often options changed. */
  get changes(): number {
    return Math.max(0, this.phases.length - 1);
  }

  get timeouts(): number {
    return this.timeoutWaits.count;
  }

  /** Integral of the size over time, in connection-milliseconds. */
  get sizeMs(): number {
    return this.#sizeMs;
  }

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
        this.#change(entry.settings, entry.isNewPolicy);
        return this;
      case 'requests':
        for (const value of entry.values) this.rows.push(value);
        checkMost(this.rows.length / 3);
        return this;
      case 'losses':
        this.#lose(entry.losses);
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
    if (run.phases.length === 0) {
      run.phases.push({ at: Number.NEGATIVE_INFINITY, settings: header.settings });
    }
    return run;
  }

  #change(settings: RecordedSettings, isNewPolicy: boolean): void {
    const before = this.#changed ?? this.settings;
    this.#changed =
      isNewPolicy || before === null ? settings : { ...settings, policy: before.policy };
  }

  #decide({ decision }: Extract<RecordingEntry, { kind: 'decision' }>): void {
    const { signals } = decision;
    if (this.#changed !== null) {
      if (this.phases.length > MOST_CHANGES) {
        throw new InputError(`options changed more than ${MOST_CHANGES} times in one run`);
      }
      this.phases.push({ at: signals.now, settings: this.#changed });
      this.#changed = null;
    }
    this.lastOpen = signals.size - signals.creating;
    if (this.decisions === 0) {
      this.firstSize = signals.size;
      this.firstOpen = this.lastOpen;
    } else this.#sizeMs += signals.size * Math.max(0, signals.now - this.#decidedAt);
    this.decisions += 1;
    this.#seq = decision.seq;
    this.#decidedAt = signals.now;
    this.#spans(signals.now);
    this.peakSize = Math.max(this.peakSize, signals.size);
    this.creates += signals.created;
    this.knownCreateMs = signals.create.p50Ms ?? this.knownCreateMs;
    for (const count of Object.values(signals.createFailures)) this.createFailures += count;
    const { values } = this.intervals;
    const [arrivalsEnd, usesEnd] = [values.at(-3) ?? 0, values.at(-2) ?? 0];
    const { length } = this.arrivalCounts;
    if (this.#lost === 0 && arrivalsEnd === length && usesEnd === this.uses.length) return;
    this.intervals.push(length);
    this.intervals.push(this.uses.length);
    this.intervals.push(this.#lost);
    this.#lost = 0;
    checkMost(this.intervals.length / 3);
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
    checkMost(Math.max(this.arrivals, this.useTimes.count, this.createTimes.count));
    pushAll(this.uses, load.uses);
    pushAll(this.createdIn, load.creates);
  }

  #lose({ left, timeouts, rejected }: RecordedLosses): void {
    for (const [ms, count] of left) {
      this.leftMs.push(ms);
      this.leftCounts.push(count);
    }
    checkMost(this.leftMs.length);
    const before = this.timeouts;
    this.timeoutWaits.add(timeouts);
    this.rejected += rejected;
    this.#lost += this.timeouts - before + rejected;
  }

  #spans(at: number): void {
    if (at < this.firstAt) this.firstAt = at;
    if (at > this.lastAt) this.lastAt = at;
  }
}

function checkMost(requests: number): void {
  if (requests <= MOST_REQUESTS) return;
  throw new InputError(`more than ${MOST_REQUESTS} requests in one run; replay a shorter part`);
}

/** Every duration as often as it was, in milliseconds. */
function pushAll(to: GrowingNumbers, pairs: DurationCounts): void {
  for (let index = 0; index < pairs.length; index += 2) {
    const [us, count] = [pairs[index] as number, pairs[index + 1] as number];
    for (let times = 0; times < count; times += 1) to.push(us / 1_000);
  }
}
