import type { EngineProbe, RefusalReason } from '../engine/ports.js';
import { bucketOf } from './recording-buckets.js';
import type { LoadHint } from './recording-codec.js';

/** Entries after which a line ends, however long the next decision takes. */
const MOST_ENTRIES = 10_000;
const MOST_ROWS = 1_000;

/** Collects who came and how long it took, between two lines of a recording. */
export class LoadCollector implements EngineProbe {
  readonly #keepsRows: boolean;
  readonly #full: () => void;
  #milliseconds: number[] = [];
  #counts: number[] = [];
  /** Whether all arrivals of the newest millisecond came at one instant. */
  #isOneInstant = false;
  #newestAt = Number.NaN;
  #waits = new Map<number, number>();
  /** Of requests that had not waited. */
  #uses = new Map<number, number>();
  /** Of requests that had. */
  #laterUses = new Map<number, number>();
  #totals = new Map<number, number>();
  #creates = new Map<number, number>();
  #completions = 0;
  #created = 0;
  /** Milliseconds in which those had arrived who left. */
  #left = new Map<number, number>();
  /** Waits that ended with a timeout. */
  #timeouts = new Map<number, number>();
  #rejected = 0;
  #rows: number[] = [];

  /**
   * @param keepsRows Whether every request gets a row of its own.
   * @param full Called when there is so much that it should be taken now.
   */
  constructor(keepsRows: boolean, full: () => void) {
    this.#keepsRows = keepsRows;
    this.#full = full;
  }

  arrived(now: number): void {
    const ms = Math.floor(now);
    const newest = this.#counts.length - 1;
    if (newest >= 0 && this.#milliseconds[newest] === ms) {
      const count = Math.abs(this.#counts[newest] ?? 0) + 1;
      this.#isOneInstant &&= now === this.#newestAt;
      this.#counts[newest] = this.#isOneInstant ? -count : count;
      return;
    }
    if (newest + 1 >= MOST_ENTRIES) this.#full();
    this.#milliseconds.push(ms);
    this.#counts.push(1);
    this.#isOneInstant = true;
    this.#newestAt = now;
  }

  granted(waitMs: number): void {
    increment(this.#waits, bucketOf(waitMs));
  }

  released(useMs: number, arrivedAt: number, waitMs: number): void {
    if (waitMs > 0) {
      increment(this.#laterUses, bucketOf(useMs));
      increment(this.#totals, bucketOf(waitMs + useMs));
    } else increment(this.#uses, bucketOf(useMs));
    this.#completions += 1;
    if (!this.#keepsRows) return;
    this.#rows.push(arrivedAt, waitMs, useMs);
    if (this.#rows.length >= 3 * MOST_ROWS) this.#full();
  }

  created(createMs: number): void {
    increment(this.#creates, bucketOf(createMs));
    this.#created += 1;
  }

  left(arrivedAt: number): void {
    if (this.#left.size >= MOST_ENTRIES) this.#full();
    increment(this.#left, Math.floor(arrivedAt));
  }

  refused(why: RefusalReason, waitMs: number): void {
    if (why === 'timeout') increment(this.#timeouts, bucketOf(waitMs));
    else this.#rejected += 1;
  }

  get isEmpty(): boolean {
    return this.#hasNoLoad && this.#hasServedAll;
  }

  get #hasNoLoad(): boolean {
    const { length } = this.#counts;
    return length + this.#waits.size + this.#completions + this.#created === 0;
  }

  get #hasServedAll(): boolean {
    return this.#left.size + this.#timeouts.size + this.#rejected === 0;
  }

  /** The lines for what has happened, and what they tell the codec; collecting begins anew. */
  take(): { readonly lines: readonly unknown[][]; readonly hint: LoadHint } {
    const arrivals: number[] = [];
    const pairs: (readonly [number, number])[] = [];
    let before = this.#milliseconds[0] ?? null;
    const since = before;
    for (const [index, ms] of this.#milliseconds.entries()) {
      const count = this.#counts[index] ?? 0;
      arrivals.push(ms - (before ?? ms), count);
      pairs.push([ms, Math.abs(count)]);
      before = ms;
    }
    const durations = [this.#waits, this.#uses, this.#laterUses, this.#totals, this.#creates];
    const lines: unknown[][] = [];
    if (!this.#hasNoLoad) {
      lines.push(['l', since, arrivals, ...durations.map((counts) => flat(counts))]);
    }
    if (!this.#hasServedAll) {
      lines.push(['n', flat(this.#left), flat(this.#timeouts), this.#rejected]);
    }
    if (this.#rows.length > 0) lines.push(['q', ...this.#rows]);
    const hint = { arrivals: pairs, completions: this.#completions, created: this.#created };
    this.#milliseconds = [];
    this.#counts = [];
    this.#waits = new Map();
    this.#uses = new Map();
    this.#totals = new Map();
    this.#creates = new Map();
    this.#completions = 0;
    this.#created = 0;
    this.#laterUses = new Map();
    this.#left = new Map();
    this.#timeouts = new Map();
    this.#rejected = 0;
    this.#rows = [];
    return { lines, hint };
  }
}

function increment(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Key, count, then how much larger the next key is, count, and so on. */
function flat(counts: ReadonlyMap<number, number>): number[] {
  const pairs: number[] = [];
  let before = 0;
  for (const key of [...counts.keys()].toSorted((one, other) => one - other)) {
    pairs.push(key - before, counts.get(key) ?? 0);
    before = key;
  }
  return pairs;
}
