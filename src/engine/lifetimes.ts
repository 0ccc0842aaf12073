import type { Slot } from './slot.js';

/** When connections are due for replacement. */
export class Lifetimes<T> {
  readonly #random: () => number;
  #next: number = Number.POSITIVE_INFINITY;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The earliest instant at which `sweep` may find something, or Infinity. */
  get next(): number {
    return this.#next;
  }

  /** Gives a new connection its end: up to a tenth early, so that a pool opened at once does not end at once. */
  begin(slot: Slot<T>, lifetimeMs: number, now: number): void {
    if (lifetimeMs === Number.POSITIVE_INFINITY) return;
    slot.expiresAt = now + lifetimeMs * (1 - 0.1 * this.#random());
    this.#next = Math.min(this.#next, slot.expiresAt);
  }

  /** Calls `retire` for each idle slot whose time is over; others are noticed when they come back. */
  sweep(slots: Iterable<Slot<T>>, now: number, retire: (slot: Slot<T>) => void): void {
    if (now < this.#next) return;
    this.#next = Number.POSITIVE_INFINITY;
    for (const slot of slots) {
      if (slot.expiresAt > now) this.#next = Math.min(this.#next, slot.expiresAt);
      else if (slot.state === 'idle') retire(slot);
    }
  }
}
