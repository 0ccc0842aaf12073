import type { EngineConfig } from './config.js';
import type { CreateGate } from './create-gate.js';
import type { Fleet } from './fleet.js';

type Levels = Pick<Fleet<unknown>, 'size' | 'creating' | 'inUse' | 'closing'>;

/** How many slots there should be, how many of those missing may be opened now, and when to try again. */
export class Sizing {
  /** How many slots the policy wants; set by `steer`. */
  target = 0;
  /** A slot was opened that the policy did not ask for, and it has said nothing since. */
  #isUnasked = false;
  /** Only those who wait are served any more. */
  isDraining = false;
  config: EngineConfig;
  readonly #levels: Levels;
  readonly #gate: CreateGate;

  constructor(levels: Levels, gate: CreateGate, config: EngineConfig) {
    this.#levels = levels;
    this.#gate = gate;
    this.config = config;
  }

  /**
   * How many slots there should be. Waiters and no slot opens one, whatever the policy says; draining needs no more
   * than there are callers.
   */
  desired(pending: number): number {
    if (pending === 0) return this.isDraining ? 0 : this.target;
    const wanted = Math.max(1, this.target);
    return this.isDraining ? Math.min(wanted, this.#levels.inUse + pending) : wanted;
  }

  /**
   * How many slots may stay. One that was opened whatever the policy says, once it is open, stays until the policy says
   * something: where creates take no time, nobody waits any more when it looks, and every caller would have one opened
   * and closed.
   */
  keepable(pending: number): number {
    const desired = this.desired(pending);
    const isOpen = this.#levels.size > this.#levels.creating;
    return this.#isUnasked && isOpen && !this.isDraining ? Math.max(1, desired) : desired;
  }

  /** The policy wants so many slots. */
  steer(target: number): void {
    this.target = Math.max(0, Math.min(target, this.config.max));
    this.#isUnasked = false;
  }

  /** Slots are being opened. */
  opened(): void {
    if (this.target === 0) this.#isUnasked = true;
  }

  /** How many of the `missing` slots may be opened at `now`. */
  openable(missing: number, now: number): number {
    const allowed = this.#gate.limitAt(now) - this.#levels.creating;
    return Math.max(0, Math.min(missing, this.#room(), allowed));
  }

  /** When a missing slot may be opened that only waits for the gate; Infinity if there is none. */
  opensAt(pending: number): number {
    // With an open gate whatever is missing was begun at once.
    if (!this.#gate.isFailing) return Number.POSITIVE_INFINITY;
    const { size, creating } = this.#levels;
    const waitsForGate = creating === 0 && size < this.desired(pending) && this.#room() > 0;
    return waitsForGate ? this.#gate.reopensAt : Number.POSITIVE_INFINITY;
  }

  /** How many slots there may be besides those that there are and those that close. */
  #room(): number {
    const { max, closeAllowance } = this.config;
    return max + closeAllowance - this.#levels.size - this.#levels.closing;
  }
}
