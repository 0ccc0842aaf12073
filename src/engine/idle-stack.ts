import type { Slot } from './slot.js';

/**
 * Idle slots, the last returned on top. The warmest is lent first, so that the coldest stay unused and can be closed.
 * Push, pop and removal of any member take constant time.
 */
export class IdleStack<T> {
  #top: Slot<T> | null = null;
  #bottom: Slot<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get top(): Slot<T> | null {
    return this.#top;
  }

  get coldest(): Slot<T> | null {
    return this.#bottom;
  }

  push(slot: Slot<T>): void {
    const top = this.#top;
    slot.colder = top;
    if (top === null) this.#bottom = slot;
    else top.warmer = slot;
    this.#top = slot;
    this.#size += 1;
  }

  /** Puts a slot back that nobody used meanwhile: it is no warmer than those that stayed. */
  pushCold(slot: Slot<T>): void {
    const bottom = this.#bottom;
    slot.warmer = bottom;
    if (bottom === null) this.#top = slot;
    else bottom.colder = slot;
    this.#bottom = slot;
    this.#size += 1;
  }

  remove(slot: Slot<T>): void {
    const { warmer, colder } = slot;
    if (warmer === null) this.#top = colder;
    else warmer.colder = colder;
    if (colder === null) this.#bottom = warmer;
    else colder.warmer = warmer;
    slot.warmer = null;
    slot.colder = null;
    this.#size -= 1;
  }
}
