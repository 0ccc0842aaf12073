import type { Resource } from './connections.js';
import { borrowing, type Peer } from './peer.js';

/** An array of connections and a queue of resolvers: what no pool can be faster than. It opens nothing later on. */
export class BarePool {
  readonly #idle: Resource[] = [];
  #waiting: (((resource: Resource) => void) | undefined)[] = [];
  #first = 0;

  constructor(size: number) {
    for (let id = 0; id < size; id += 1) this.#idle.push({ id });
  }

  acquire(): Promise<Resource> {
    const resource = this.#idle.pop();
    if (resource !== undefined) return Promise.resolve(resource);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  release(resource: Resource): void {
    const next = this.#waiting[this.#first];
    if (next === undefined) {
      this.#idle.push(resource);
      return;
    }
    this.#waiting[this.#first] = undefined;
    this.#first += 1;
    if (2 * this.#first > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    next(resource);
  }
}

export const peer: Peer = {
  name: 'bare array and queue',
  timeouts: 'never',
  open({ min, connections }) {
    const pool = new BarePool(min);
    for (let left = min; left > 0; left -= 1) connections.began();
    return borrowing(
      () => pool.acquire(),
      (resource) => pool.release(resource),
    );
  },
};
