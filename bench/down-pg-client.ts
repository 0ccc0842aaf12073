import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { closeRedis, openRedis } from './down-redis.js';

/** As much of the client of `pg` as pg-pool looks at, around a connection of ioredis. */
export class PgLikeClient extends EventEmitter {
  /** False once a command may be answered no more. */
  _queryable = true;
  _ending = false;
  readonly #port: number;
  #redis: Redis | undefined;

  constructor({ port }: { readonly port: number }) {
    super();
    this.#port = port;
  }

  /** There from `connect` on. */
  get redis(): Redis {
    if (this.#redis === undefined) throw new Error('not connected');
    return this.#redis;
  }

  isConnected(): boolean {
    return this.#redis !== undefined;
  }

  connect(done: (error?: Error) => void): void {
    openRedis(this.#port).then(
      (redis) => {
        this.#redis = redis;
        redis.once('close', () => this.#closed());
        if (this._ending) closeRedis(redis);
        done();
      },
      (error: Error) => done(error),
    );
  }

  end(done?: () => void): void {
    this._ending = true;
    this._queryable = false;
    if (this.#redis !== undefined) closeRedis(this.#redis);
    done?.();
  }

  #closed(): void {
    this._queryable = false;
    if (!this._ending && this.listenerCount('error') > 0) {
      this.emit('error', new Error('Connection terminated unexpectedly'));
    }
  }
}
