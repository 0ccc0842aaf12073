import type { CreateFailureKind } from './ports.js';

/** One attempt a second costs a server nothing and finds it soon after it is back. */
const BACKOFF = { startMs: 50, capMs: 1_000 } as const;
/** Retrying a wrong password or a full server more often than this helps nobody. */
const STUBBORN_BACKOFF = { startMs: 1_000, capMs: 5_000 } as const;
/** A connection that dies unused this soon was not really opened. */
const STILLBORN_MS = 1_000;
/** Two deaths within this time are no accident: whoever died together is rebuilt slowly at first. */
const MASS_DEATH_MS = 1_000;
const REBUILD_START = 8;

interface Death {
  readonly openedAt: number;
  readonly readyAt: number;
  readonly uses: number;
}

/** What the gate lets through, as `Signals` carries it. */
export interface GateReading {
  readonly state: 'open' | 'backing-off' | 'half-open';
  readonly limit: number;
  readonly reopensInMs: number;
  readonly failuresInARow: number;
}

/**
 * How fast connections may be opened, whatever the target is. The number of creates in flight rises by one after each
 * clean round and halves when a create fails or creates become twice as slow as usual (AIMD). After a failure there is
 * a jittered exponential pause, then one create at a time until one succeeds.
 */
export class CreateGate {
  readonly #random: () => number;
  #ceiling: number;
  #limit: number;
  #failuresInARow = 0;
  #lastFailure: CreateFailureKind = 'transient';
  #lastDeathAt = Number.NEGATIVE_INFINITY;
  /** Below this the limit doubles after a clean round, as a new connection's window does. */
  #slowStartBelow = 0;
  #lastFailureAt = Number.NEGATIVE_INFINITY;
  #reopensAt = Number.NEGATIVE_INFINITY;
  #successesInRound = 0;
  /** Create time, smoothed over some five and some fifty creates. */
  #recentMs = 0;
  #usualMs = 0;

  constructor(ceiling: number, random: () => number) {
    this.#ceiling = ceiling;
    this.#limit = ceiling;
    this.#random = random;
  }

  /** When creates may start again after a failure; in the past while nothing is wrong. */
  get reopensAt(): number {
    return this.#reopensAt;
  }

  /** True from a failure until the next success. */
  get isFailing(): boolean {
    return this.#failuresInARow > 0;
  }

  /** Most creates in flight at `now`. */
  limitAt(now: number): number {
    if (!this.isFailing) return this.#limit;
    return now < this.#reopensAt ? 0 : 1;
  }

  /** What the gate has learnt stays, unless the new ceiling is lower. */
  setCeiling(ceiling: number): void {
    this.#limit = this.#limit === this.#ceiling ? ceiling : Math.min(this.#limit, ceiling);
    this.#ceiling = ceiling;
  }

  /** Ends a pause: whoever opens the next one may have more luck. */
  tryNow(): void {
    this.#reopensAt = Number.NEGATIVE_INFINITY;
    // Its failure is a new one even if it comes at this instant.
    this.#lastFailureAt = Number.NEGATIVE_INFINITY;
  }

  succeeded(tookMs: number): void {
    this.#failuresInARow = 0;
    this.#lastFailureAt = Number.NEGATIVE_INFINITY;
    if (this.#usualMs === 0) {
      this.#usualMs = tookMs;
      this.#recentMs = tookMs;
    }
    this.#recentMs += 0.2 * (tookMs - this.#recentMs);
    this.#usualMs += 0.02 * (tookMs - this.#usualMs);
    this.#successesInRound += 1;
    if (this.#successesInRound < this.#limit) return;
    this.#successesInRound = 0;
    if (this.#recentMs > 2 * this.#usualMs) this.#limit = Math.max(1, this.#limit >> 1);
    else this.#limit = Math.min(this.#ceiling, this.#raised());
  }

  failed(kind: CreateFailureKind, openedAt: number, now: number): void {
    // Creates that were under way when an earlier one failed tell nothing new: they are the same failure.
    if (openedAt <= this.#lastFailureAt) return;
    this.#lastFailureAt = now;
    this.#lastFailure = kind;
    this.#failuresInARow += 1;
    this.#successesInRound = 0;
    this.#limit = Math.max(1, this.#limit >> 1);
    this.#slowStartBelow = 0;
    const stubborn = kind === 'permanent' || kind === 'server-limit';
    const { startMs, capMs } = stubborn ? STUBBORN_BACKOFF : BACKOFF;
    const pauseMs = Math.min(capMs, startMs * 2 ** Math.min(20, this.#failuresInARow - 1));
    this.#reopensAt = now + pauseMs * (0.5 + 0.5 * this.#random());
  }

  /**
   * An open connection died. A server that accepts and then closes must not be asked again without a pause; one that lost
   * all its connections at once gets them back a few at a time, twice as many after each clean round.
   */
  died({ openedAt, readyAt, uses }: Death, now: number): void {
    const isMassDeath = now - this.#lastDeathAt < MASS_DEATH_MS;
    this.#lastDeathAt = now;
    if (uses === 0 && now - readyAt < STILLBORN_MS) this.failed('transient', openedAt, now);
    else if (isMassDeath && this.#limit > REBUILD_START) {
      this.#slowStartBelow = this.#limit;
      this.#limit = REBUILD_START;
      this.#successesInRound = 0;
    }
  }

  /** True once `failures` creates in a row failed, or the last in a way that no retry cures. */
  hasGivenUp(failures: number): boolean {
    return (
      this.#failuresInARow >= failures || (this.isFailing && this.#lastFailure === 'permanent')
    );
  }

  #raised(): number {
    const next = this.#limit + 1;
    return this.#limit < this.#slowStartBelow
      ? Math.min(2 * this.#limit, this.#slowStartBelow)
      : next;
  }

  read(now: number): GateReading {
    const pausing = this.isFailing && now < this.#reopensAt;
    return {
      state: pausing ? 'backing-off' : this.isFailing ? 'half-open' : 'open',
      limit: this.limitAt(now),
      reopensInMs: pausing ? this.#reopensAt - now : 0,
      failuresInARow: this.#failuresInARow,
    };
  }
}
