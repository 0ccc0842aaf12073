import type { Carrier } from './engine/sharing.js';
import type { Reports } from './reports.js';
import type { Clock } from './runtime/clock.js';

/** Looks per threshold: work is reported when it is out for so long and at most this part longer. */
const LOOKS = 4;

/** Work on one shared connection that began in the same stretch of time, and what follows the end of each piece. */
export class Stretch {
  /** Pieces that have not settled. */
  out = 0;
  /** When the next stretch began on this connection; Infinity before. */
  endedAt: number = Number.POSITIVE_INFINITY;
  isReported = false;
  readonly done: <R>(result: R) => R;
  readonly failed: (error: unknown) => never;

  constructor(done: (stretch: Stretch) => void, failed: (error: unknown) => void) {
    this.done = (result) => {
      this.out -= 1;
      done(this);
      return result;
    };
    this.failed = (error) => {
      this.out -= 1;
      failed(error);
      done(this);
      throw error;
    };
  }
}

/** A stretch that others have followed, and where it was. */
interface Past {
  readonly id: number;
  readonly stretch: Stretch;
}

/**
 * Finds work given to `run` that never settles. A piece of work is worth no note of its own: those that begin on one
 * connection within a part of the threshold are counted together, and what is left of such a stretch when all of it is
 * too old is reported.
 */
export class WorkWatch<T, C> {
  readonly #clock: Clock;
  readonly #carriers: readonly Carrier<T, C>[];
  readonly #reports: Reports;
  readonly #changed: () => void;
  #thresholdMs: number;
  #past: Past[] = [];
  /** When stretches are looked at next; Infinity while nothing is shared or no age is suspicious. */
  wakeAt: number = Number.POSITIVE_INFINITY;

  /** `changed` is called when `wakeAt` is earlier than it was. */
  constructor(
    thresholdMs: number,
    clock: Clock,
    carriers: readonly Carrier<T, C>[],
    reports: Reports,
    changed: () => void,
  ) {
    this.#thresholdMs = thresholdMs;
    this.#clock = clock;
    this.#carriers = carriers;
    this.#reports = reports;
    this.#changed = changed;
  }

  configure(thresholdMs: number, now: number): void {
    this.#thresholdMs = thresholdMs;
    // Not later than it was to be: who reconfigures often must not put it off for ever.
    const next = this.#nextLook(now);
    this.wakeAt = next === Number.POSITIVE_INFINITY ? next : Math.min(this.wakeAt, next);
  }

  /** A stretch begins on a connection. */
  begin(): void {
    if (this.wakeAt < Number.POSITIVE_INFINITY || this.#thresholdMs === Number.POSITIVE_INFINITY)
      return;
    this.wakeAt = this.#nextLook(this.#clock.now());
    this.#changed();
  }

  /** Ends stretches, and reports what is left of those that are too old. Early calls do no harm. */
  advance(now: number): void {
    if (now < this.wakeAt) return;
    for (const carrier of this.#carriers) {
      const stretch = carrier.context;
      if (!(stretch instanceof Stretch) || stretch.out === 0) continue;
      stretch.endedAt = now;
      carrier.context = null;
      this.#past.push({ id: carrier.slot.id, stretch });
    }
    this.#past = this.#past.filter(({ stretch }) => stretch.out > 0);
    this.wakeAt = this.#nextLook(now);
    for (const { id, stretch } of this.#past) {
      const ageMs = now - stretch.endedAt;
      if (stretch.isReported || ageMs < this.#thresholdMs) continue;
      stretch.isReported = true;
      this.#reports.workLeaked(id, stretch.out, ageMs);
    }
  }

  /** A piece of work of a stretch that was reported has settled. */
  settled(id: number, { out, endedAt }: Stretch): void {
    if (out === 0) this.#reports.leakEnded(id, this.#clock.now() - endedAt, 'settled');
  }

  #nextLook(now: number): number {
    return this.#carriers.length === 0 ? Number.POSITIVE_INFINITY : now + this.#thresholdMs / LOOKS;
  }
}
