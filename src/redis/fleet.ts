import type { RedisConnection } from './redis-connection.js';

/** Who writes to a replica by mistake, again and again, must not make the pool reconnect all the time. */
const SHORTEST_PAUSE_MS = 5_000;

/** All open connections of one factory, which lead to the same server and share its fate. */
export class Fleet {
  readonly #connections = new Set<RedisConnection>();
  #retiredAt = Number.NEGATIVE_INFINITY;

  add(connection: RedisConnection): void {
    this.#connections.add(connection);
  }

  delete(connection: RedisConnection): void {
    this.#connections.delete(connection);
  }

  /** One of them turned out to lead to a server that is not a master any more: nobody gets those that are open now. */
  retire(): void {
    const now = performance.now();
    if (now - this.#retiredAt < SHORTEST_PAUSE_MS) return;
    this.#retiredAt = now;
    for (const connection of this.#connections) connection.retire();
  }
}
