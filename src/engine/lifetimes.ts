import type { Slot } from './slot.js';

/** By how much chance shortens a lifetime at most, so that a pool opened at once does not end at once. */
const JITTER = 0.25;
/** After a long sleep of the machine many lifetimes are over at once; at most this share of them ends in one window. */
const MOST_AT_ONCE = 0.1;
const WINDOW_MS = 1_000;

/** When connections are due for replacement. */
export class Lifetimes<T> {
  readonly #random: () => number;
  #next: number = Number.POSITIVE_INFINITY;
  #windowEndsAt: number = Number.NEGATIVE_INFINITY;
  #retiredInWindow = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The earliest instant at which `sweep` may find something, or Infinity. */
  get next(): number {
    return this.#next;
  }

  /** Gives a new connection its end. */
  begin(slot: Slot<T>, lifetimeMs: number, now: number): void {
    if (lifetimeMs === Number.POSITIVE_INFINITY) return;
    slot.expiresAt = now + lifetimeMs * (1 - JITTER * this.#random());
    this.#next = Math.min(this.#next, slot.expiresAt);
  }

  /** Whether a slot that nobody holds should end now; `size` is the number of slots. A yes is counted. */
  retires(slot: Slot<T>, size: number, now: number): boolean {
    if (slot.expiresAt > now) return false;
    if (now >= this.#windowEndsAt) {
      this.#windowEndsAt = now + WINDOW_MS;
      this.#retiredInWindow = 0;
    }
    if (this.#retiredInWindow >= Math.max(1, MOST_AT_ONCE * size)) {
      this.#next = Math.min(this.#next, this.#windowEndsAt);
      return false;
    }
    this.#retiredInWindow += 1;
    return true;
  }

  /** Calls `retire` for each slot whose time is over that is idle or in use; others are noticed when they are ready. */
  sweep(
    slots: Iterable<Slot<T>>,
    size: number,
    now: number,
    retire: (slot: Slot<T>) => void,
  ): void {
    if (now < this.#next) return;
    this.#next = Number.POSITIVE_INFINITY;
    for (const slot of slots) {
      if (slot.expiresAt > now) this.#next = Math.min(this.#next, slot.expiresAt);
      else if (isRetirable(slot) && this.retires(slot, size, now)) retire(slot);
    }
  }
}

function isRetirable({ state, doomed }: Slot<unknown>): boolean {
  return state === 'idle' || (state === 'in-use' && doomed === null);
}
