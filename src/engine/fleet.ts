import { IdleStack } from './idle-stack.js';
import { Slot, type SlotState } from './slot.js';

/** Every slot that is not gone, accounted by state. `lend`, `takeBack` and `move` are the only ways from one account to another. */
export class Fleet<T> {
  readonly #idle = new IdleStack<T>();
  readonly #all = new Set<Slot<T>>();
  /** Slots whose create is in flight, oldest first. */
  readonly #creating = new Set<Slot<T>>();
  #checking = 0;
  #probing = 0;
  #inUse = 0;
  #closing = 0;
  #size = 0;
  #lastId = 0;

  /** creating + checking + idle + inUse. */
  get size(): number {
    return this.#size;
  }

  get creating(): number {
    return this.#creating.size;
  }

  get checking(): number {
    return this.#checking;
  }

  /** Slots under a check in the background; part of `checking`. */
  get probing(): number {
    return this.#probing;
  }

  get idle(): number {
    return this.#idle.size;
  }

  get inUse(): number {
    return this.#inUse;
  }

  /** Slots that say goodbye; not part of `size`. */
  get closing(): number {
    return this.#closing;
  }

  /** The idle slot that came back last, or null. */
  get warmest(): Slot<T> | null {
    return this.#idle.top;
  }

  /** The idle slot that has been unused longest, or null. */
  get coldest(): Slot<T> | null {
    return this.#idle.coldest;
  }

  /** When the oldest create in flight began, or null. */
  get oldestCreateAt(): number | null {
    for (const slot of this.#creating) return slot.openedAt;
    return null;
  }

  /** Every slot that is not gone; slots may be moved while iterating. */
  all(): Iterable<Slot<T>> {
    return this.#all;
  }

  /** Up to `count` slots to do without: creates in flight, the youngest first, then idle slots, the coldest first. */
  expendable(count: number): Slot<T>[] {
    const chosen = [...this.#creating].toReversed().slice(0, count);
    for (
      let cold = this.#idle.coldest;
      cold !== null && chosen.length < count;
      cold = cold.warmer
    ) {
      chosen.push(cold);
    }
    return chosen;
  }

  /** Adds a slot in state `creating`. */
  open(now: number, generation: number): Slot<T> {
    this.#lastId += 1;
    this.#size += 1;
    const slot = new Slot<T>(this.#lastId, now, generation);
    this.#all.add(slot);
    this.#creating.add(slot);
    return slot;
  }

  /** From idle to in use; here and in `takeBack` alone, because every acquire and release comes by. */
  lend(slot: Slot<T>): void {
    this.#idle.remove(slot);
    slot.state = 'in-use';
    this.#inUse += 1;
  }

  /** From in use to idle. */
  takeBack(slot: Slot<T>): void {
    this.#inUse -= 1;
    slot.state = 'idle';
    this.#idle.push(slot);
  }

  move(slot: Slot<T>, to: SlotState): void {
    const { check } = slot;
    switch (slot.state) {
      case 'idle':
        this.#idle.remove(slot);
        break;
      case 'in-use':
        this.#inUse -= 1;
        break;
      case 'creating':
        this.#creating.delete(slot);
        break;
      case 'checking':
        this.#checking -= 1;
        if (check === 'probe') this.#probing -= 1;
        slot.check = null;
        break;
      case 'closing':
        this.#closing -= 1;
        this.#size += 1;
        break;
      case 'gone':
        throw new Error('bug: a slot came back after it was gone');
    }
    slot.state = to;
    switch (to) {
      case 'idle':
        if (check === 'probe') this.#idle.pushCold(slot);
        else this.#idle.push(slot);
        break;
      case 'checking':
        this.#checking += 1;
        if (check === 'probe') this.#probing += 1;
        break;
      case 'closing':
        this.#closing += 1;
        this.#size -= 1;
        break;
      case 'gone':
        slot.resource = undefined;
        this.#size -= 1;
        this.#all.delete(slot);
        break;
      case 'in-use':
      case 'creating':
        throw new Error('bug: only lend() and open() do that');
    }
  }
}
