import { createClientPool } from '@redis/client';
import { AdaptivePool } from 'adaptive-pool';
import { redisCommands, redisFactory } from 'adaptive-pool/redis';
import genericPool from 'generic-pool';
import { Redis } from 'ioredis';

/** No name, so that the same address is tried by all of them. */
const HOST = '127.0.0.1';
/** Connections of every pool, at most. */
export const MAX = 16;

/** What one caller does with Redis. `null` where it cannot be done safely. */
export interface Access {
  get(key: string): Promise<unknown>;
  /** Reads {@link BIG}. */
  getBig(): Promise<unknown>;
  /** Waits 50 ms for a list that stays empty. */
  block(): Promise<unknown>;
  /** Reads a number under WATCH and writes the next one in a transaction. */
  transact: ((key: string) => Promise<unknown>) | null;
  close(): Promise<unknown>;
}

export interface Contender {
  /** For `--peers`. */
  readonly id: string;
  readonly name: string;
  /** Opens it, with `min` connections of at most `max`; with none before the first call if `min` is 0. */
  open(port: number, min: number, max: number): Promise<Access>;
}

export const BIG = 'big';
const EMPTY = 'empty';
const BLOCK_S = 0.05;
/** Nothing may give up: a slow cell is to be slow. */
const TIMEOUT_MS = 60_000;

export const CONTENDERS: readonly Contender[] = [
  { id: 'one', name: 'one ioredis connection', open: (port, min) => openSingle(port, min, false) },
  {
    id: 'autopipelining',
    name: '… enableAutoPipelining',
    open: (port, min) => openSingle(port, min, true),
  },
  {
    id: 'shared',
    name: 'this pool, shared',
    async open(port, min, max) {
      const pool = openPool(port, min, max);
      const redis = redisCommands(pool);
      if (min > 0) await pool.ready();
      return {
        get: (key) => redis.get(key),
        // What the guide says: work that keeps a connection busy has one of its own.
        getBig: () => pool.use((own) => own.getBuffer(BIG)),
        block: () => pool.use((own) => own.blpop(EMPTY, BLOCK_S)),
        transact: (key) => pool.use((own) => transact(own, key)),
        close: () => pool.close(),
      };
    },
  },
  {
    id: 'exclusive',
    name: 'this pool, exclusive',
    async open(port, min, max) {
      const pool = openPool(port, min, max);
      if (min > 0) await pool.ready();
      return {
        get: (key) => pool.use((redis) => redis.get(key)),
        getBig: () => pool.use((redis) => redis.getBuffer(BIG)),
        block: () => pool.use((redis) => redis.blpop(EMPTY, BLOCK_S)),
        transact: (key) => pool.use((redis) => transact(redis, key)),
        close: () => pool.close(),
      };
    },
  },
  {
    id: 'generic',
    name: 'generic-pool, ioredis',
    async open(port, min, max) {
      const create = async (): Promise<Redis> => {
        const redis = connection(port);
        await redis.connect();
        return redis;
      };
      const pool = genericPool.createPool({ create, destroy }, { min, max });
      await pool.ready();
      return {
        get: (key) => pool.use((redis) => redis.get(key)),
        getBig: () => pool.use((redis) => redis.getBuffer(BIG)),
        block: () => pool.use((redis) => redis.blpop(EMPTY, BLOCK_S)),
        transact: (key) => pool.use((redis) => transact(redis, key)),
        close: async () => {
          await pool.drain();
          await pool.clear();
        },
      };
    },
  },
  {
    id: 'node-redis',
    name: "node-redis' pool",
    async open(port, min, max) {
      const pool = createClientPool(
        { socket: { host: HOST, port } },
        // It is never without a connection.
        { minimum: Math.max(1, min), maximum: max, acquireTimeout: TIMEOUT_MS },
      );
      pool.on('error', () => undefined);
      await pool.connect();
      return {
        get: (key) => pool.execute((client) => client.get(key)),
        getBig: () => pool.execute((client) => client.get(BIG)),
        block: () => pool.execute((client) => client.blPop(EMPTY, BLOCK_S)),
        transact: (key) =>
          pool.execute(async (client) => {
            await client.watch(key);
            const value = Number(await client.get(key));
            return client
              .multi()
              .set(key, value + 1)
              .exec();
          }),
        close: () => pool.close(),
      };
    },
  },
];

function destroy(redis: Redis): Promise<void> {
  redis.disconnect();
  return Promise.resolve();
}

/** Not connected before the first call if `min` is 0. */
async function openSingle(
  port: number,
  min: number,
  enableAutoPipelining: boolean,
): Promise<Access> {
  const redis = connection(port, enableAutoPipelining);
  if (min > 0) await redis.connect();
  return {
    get: (key) => redis.get(key),
    getBig: () => redis.getBuffer(BIG),
    block: () => redis.blpop(EMPTY, BLOCK_S),
    // Its watch would be everybody's, and end with anybody's EXEC.
    transact: null,
    close: () => redis.quit(),
  };
}

function openPool(port: number, min: number, max: number): AdaptivePool<Redis> {
  const factory = redisFactory({ host: HOST, port });
  return new AdaptivePool({ factory, min, max, acquireTimeoutMs: TIMEOUT_MS });
}

function connection(port: number, enableAutoPipelining = false): Redis {
  return new Redis({
    host: HOST,
    port,
    enableAutoPipelining,
    lazyConnect: true,
    enableReadyCheck: false,
  });
}

async function transact(redis: Redis, key: string): Promise<unknown> {
  await redis.watch(key);
  const value = Number(await redis.get(key));
  return redis
    .multi()
    .set(key, value + 1)
    .exec();
}
