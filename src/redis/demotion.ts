import type { CreateContext } from '../runtime/resource-factory.js';

/** Who writes to a replica by mistake, again and again, must not make the pool reconnect all the time. */
const SHORTEST_PAUSE_MS = 5_000;

type OnMoved = CreateContext['onMoved'];

/**
 * What a factory does when its server turns out to be no master any more: no connection that is open is of use then, in
 * any of its pools.
 */
export class Demotion {
  /** The pool of each open client. */
  readonly #pools = new Map<object, OnMoved>();
  #notedAt = Number.NEGATIVE_INFINITY;

  add(client: object, onMoved: OnMoved): void {
    this.#pools.set(client, onMoved);
  }

  delete(client: object): void {
    this.#pools.delete(client);
  }

  /** All connections were replaced a moment ago; that the new ones lead to a replica again is no reason to replace them. */
  get wasNoted(): boolean {
    return performance.now() - this.#notedAt < SHORTEST_PAUSE_MS;
  }

  note(): void {
    if (this.wasNoted) return;
    this.#notedAt = performance.now();
    for (const onMoved of new Set(this.#pools.values())) onMoved?.();
  }
}
