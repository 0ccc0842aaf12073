import { createClientPool } from '@redis/client';
import { AdaptivePool } from 'adaptive-pool';
import { redisFactory } from 'adaptive-pool/redis';
import genericPool from 'generic-pool';
import type { Redis } from 'ioredis';
import { createPool as createLightningPool } from 'lightning-pool';
import PgPool from 'pg-pool';
import { Pool as SequelizePool } from 'sequelize-pool';
import { Pool as TarnPool } from 'tarn';
import { PgLikeClient } from './down-pg-client.js';
import {
  ACQUIRE_TIMEOUT_MS,
  CLOSE_TIMEOUT_MS,
  closeRedis,
  COMMAND_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  isSound,
  openRedis,
  ping,
  redisOptions,
  scaled,
  SIZE,
} from './down-redis.js';
import { createDatabasesPool } from './peers/databases.js';

/** Borrows a connection, increments `key` with it and gives it back. */
export type Call = (key: string) => Promise<unknown>;

/** One pool of the comparison, with its own documented means of staying healthy. */
export interface Contender {
  readonly name: string;
  /** What is set besides the size and the timeouts that all have. */
  readonly health: string;
  /** Opens a pool of {@link SIZE} connections. */
  open(port: number): Promise<Call> | Call;
}

export const CONTENDERS: readonly Contender[] = [
  {
    name: 'adaptive-pool',
    health: 'its defaults; the pauses of its back-off cannot be scaled',
    async open(port) {
      const pool = new AdaptivePool({
        factory: redisFactory(redisOptions(port)),
        min: SIZE,
        max: SIZE,
        acquireTimeoutMs: ACQUIRE_TIMEOUT_MS,
        createTimeoutMs: CONNECT_TIMEOUT_MS,
        validateTimeoutMs: scaled(1_000),
        validateAfterIdleMs: scaled(30_000),
        keepaliveMs: scaled(20_000),
        destroyTimeoutMs: CLOSE_TIMEOUT_MS,
      });
      await pool.ready();
      return (key) => pool.use((redis) => redis.incr(key));
    },
  },
  {
    name: 'generic-pool',
    health: 'testOnBorrow with PING, destroy after a failed command',
    open(port) {
      const options = {
        min: SIZE,
        max: SIZE,
        testOnBorrow: true,
        acquireTimeoutMillis: ACQUIRE_TIMEOUT_MS,
        // Its types do not know this one.
        destroyTimeoutMillis: CLOSE_TIMEOUT_MS,
      };
      const pool = genericPool.createPool<Redis>(
        {
          create: () => openRedis(port),
          destroy: async (redis) => closeRedis(redis),
          validate: ping,
        },
        options,
      );
      for (const event of ['factoryCreateError', 'factoryDestroyError']) pool.on(event, ignore);
      return borrowing(
        () => pool.acquire(),
        (redis) => pool.release(redis),
        (redis) => pool.destroy(redis),
      );
    },
  },
  {
    name: 'tarn',
    health: 'validate (synchronous: ready and no reply outstanding)',
    open(port) {
      const pool = new TarnPool<Redis>({
        create: () => openRedis(port),
        destroy: closeRedis,
        validate: isSound,
        min: SIZE,
        max: SIZE,
        acquireTimeoutMillis: ACQUIRE_TIMEOUT_MS,
        createTimeoutMillis: CONNECT_TIMEOUT_MS,
        destroyTimeoutMillis: CLOSE_TIMEOUT_MS,
      });
      const release = (redis: Redis): unknown => pool.release(redis);
      // It has no other way to give a connection back: `validate` has to find out.
      return borrowing(() => pool.acquire().promise, release, release);
    },
  },
  {
    name: 'lightning-pool',
    health: 'validation with PING, destroy after a failed command',
    open(port) {
      const pool = createLightningPool<Redis>(
        {
          create: () => openRedis(port),
          destroy: closeRedis,
          validate: async (redis) => {
            if (!(await ping(redis))) throw new Error('no answer to PING');
          },
        },
        {
          min: SIZE,
          max: SIZE,
          validation: true,
          acquireTimeoutMillis: ACQUIRE_TIMEOUT_MS,
        },
      );
      pool.on('error', ignore);
      pool.start();
      return borrowing(
        () => pool.acquire(),
        (redis) => pool.releaseAsync(redis),
        (redis) => pool.destroyAsync(redis),
      );
    },
  },
  {
    name: 'sequelize-pool',
    health: 'validate (synchronous), destroy after a failed command',
    open(port) {
      const pool = new SequelizePool<Redis>({
        create: () => openRedis(port),
        destroy: closeRedis,
        validate: isSound,
        min: SIZE,
        max: SIZE,
        acquireTimeoutMillis: ACQUIRE_TIMEOUT_MS,
      });
      return borrowing(
        () => pool.acquire(),
        (redis) => pool.release(redis),
        (redis) => pool.destroy(redis),
      );
    },
  },
  {
    name: 'pg-pool',
    health: 'error event of idle clients, release(error) after a failed command',
    open(port) {
      const pool = new PgPool({
        Client: PgLikeClient,
        port,
        min: SIZE,
        max: SIZE,
        connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
      });
      pool.on('error', ignore);
      return async (key) => {
        const client = await pool.connect();
        try {
          const answer = await client.redis.incr(key);
          client.release();
          return answer;
        } catch (error) {
          client.release(error);
          throw error;
        }
      };
    },
  },
  {
    name: '@databases/connection-pool',
    health: 'removeFromPool on close, dispose after a failed command',
    open(port) {
      const pool = createDatabasesPool<Redis>({
        async openConnection(removeFromPool) {
          const redis = await openRedis(port);
          redis.once('close', removeFromPool);
          return redis;
        },
        closeConnection: async (redis) => closeRedis(redis),
        maxSize: SIZE,
        queueTimeoutMilliseconds: ACQUIRE_TIMEOUT_MS,
        openConnectionTimeoutMilliseconds: CONNECT_TIMEOUT_MS,
        closeConnectionTimeoutMilliseconds: CLOSE_TIMEOUT_MS,
        onTimeoutClosingConnection: ignore,
        onErrorClosingConnection: ignore,
      });
      return async (key) => {
        const lease = await pool.getConnection();
        try {
          const answer = await lease.connection.incr(key);
          lease.release();
          return answer;
        } catch (error) {
          lease.dispose();
          throw error;
        }
      };
    },
  },
  {
    name: "node-redis' pool",
    health: 'its own client: pingInterval 5 s, socketTimeout 10 s, reconnectStrategy without end',
    async open(port) {
      const { host, connectionName } = redisOptions(port);
      const pool = createClientPool(
        {
          socket: {
            host,
            port,
            connectTimeout: CONNECT_TIMEOUT_MS,
            socketTimeout: scaled(10_000),
            // Its default gives up for good after a socket timeout.
            reconnectStrategy: (retries) =>
              scaled(Math.min(2 ** retries * 50, 2_000) + 200 * Math.random()),
          },
          name: connectionName,
          pingInterval: scaled(5_000),
          commandOptions: { timeout: COMMAND_TIMEOUT_MS },
        },
        { minimum: SIZE, maximum: SIZE, acquireTimeout: ACQUIRE_TIMEOUT_MS },
      );
      pool.on('error', ignore);
      await pool.connect();
      return (key) => pool.execute((client) => client.incr(key));
    },
  },
];

/** What a careful user writes around a pool that only has acquire, release and destroy. */
function borrowing(
  acquire: () => PromiseLike<Redis>,
  release: (redis: Redis) => unknown,
  destroy: (redis: Redis) => unknown,
): Call {
  return async (key) => {
    const redis = await acquire();
    try {
      const answer = await redis.incr(key);
      await release(redis);
      return answer;
    } catch (error) {
      await destroy(redis);
      throw error;
    }
  };
}

function ignore(): void {
  // The caller's own error is what counts.
}
