import type { CreateContext } from '../runtime/resource-factory.js';

/** Who writes to a replica by mistake, again and again, must not make the pool reconnect all the time. */
const SHORTEST_PAUSE_MS = 5_000;

/** What a factory does when its server turns out to be no master any more: no connection that is open is of use then. */
export class Demotion {
  #notedAt = Number.NEGATIVE_INFINITY;

  note(onMoved: CreateContext['onMoved']): void {
    const now = performance.now();
    if (now - this.#notedAt < SHORTEST_PAUSE_MS) return;
    this.#notedAt = now;
    onMoved?.();
  }
}
