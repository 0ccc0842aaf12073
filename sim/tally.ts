import type { WaitTimes } from './analysis/wait-times.js';

/** Sums of floats are not exact: a wait this much above the objective is none, in milliseconds. */
const ROUNDING_MS = 1e-6;

/** The numbers of a tally; plain data, so that they can be sent to another thread. */
export type Counts = {
  readonly [Field in keyof Tally as Tally[Field] extends number ? Field : never]: number;
};

/** What became of the requests of one replication. */
export class Tally {
  requests = 0;
  violations = 0;
  timeouts = 0;
  rejected = 0;
  stillWaiting = 0;
  /** Requests that came too early to count. */
  discarded = 0;
  brokenUses = 0;
  /** Requests of callers who came back. */
  retries = 0;
  /** Sum of all waits in milliseconds. */
  waitSumMs = 0;
  readonly #waits: WaitTimes;
  readonly #waitObjectiveMs: number;
  readonly #fromMs: number;

  /**
   * @param waits Where every wait goes as well.
   * @param waitObjectiveMs A longer wait is a violation.
   * @param fromMs Requests that arrived earlier do not count.
   */
  constructor(waits: WaitTimes, waitObjectiveMs: number, fromMs: number) {
    this.#waits = waits;
    this.#waitObjectiveMs = waitObjectiveMs;
    this.#fromMs = fromMs;
  }

  /** A request got its connection. */
  granted(arrivedAt: number, now: number): void {
    if (!this.#counts(arrivedAt)) return;
    const waitMs = now - arrivedAt;
    this.requests += 1;
    if (waitMs > this.#waitObjectiveMs + ROUNDING_MS) this.violations += 1;
    this.#waited(waitMs);
  }

  /** The connection of a request broke while it was used. */
  failed(arrivedAt: number): void {
    if (arrivedAt >= this.#fromMs) this.brokenUses += 1;
  }

  /** A request waited in vain. */
  timedOut(arrivedAt: number, now: number): void {
    if (!this.#counts(arrivedAt)) return;
    this.requests += 1;
    this.violations += 1;
    this.timeouts += 1;
    this.#waited(now - arrivedAt);
  }

  /** A request was refused; it has no wait. */
  refused(arrivedAt: number): void {
    if (!this.#counts(arrivedAt)) return;
    this.requests += 1;
    this.violations += 1;
    this.rejected += 1;
  }

  /** A request waits although the run is over. */
  stillWaits(arrivedAt: number, now: number): void {
    if (!this.#counts(arrivedAt)) return;
    this.requests += 1;
    this.violations += 1;
    this.stillWaiting += 1;
    this.#waited(now - arrivedAt);
  }

  #counts(arrivedAt: number): boolean {
    if (arrivedAt >= this.#fromMs) return true;
    this.discarded += 1;
    return false;
  }

  #waited(waitMs: number): void {
    this.waitSumMs += waitMs;
    this.#waits.add(waitMs);
  }
}
