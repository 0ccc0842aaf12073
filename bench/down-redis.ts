import { Redis } from 'ioredis';

/** Connections of every pool, fewest and most, as in the experiment of HikariCP. */
export const SIZE = 5;

/** How many times faster than the original everything goes. */
export const SCALE: number = Number(process.env['SCALE'] ?? 10);

/** A time of the original, scaled. */
export function scaled(ms: number): number {
  return Math.round(ms / SCALE);
}

export const ACQUIRE_TIMEOUT_MS: number = scaled(5_000);
export const CONNECT_TIMEOUT_MS: number = scaled(5_000);
export const COMMAND_TIMEOUT_MS: number = scaled(2_000);
export const CLOSE_TIMEOUT_MS: number = scaled(2_000);

/** Name of the connections on the server. */
export const CLIENT_NAME = 'contender';

/** What every pool's connections are made with. */
export function redisOptions(port: number): {
  readonly host: string;
  readonly port: number;
  readonly connectionName: string;
  readonly connectTimeout: number;
  readonly commandTimeout: number;
} {
  return {
    host: '127.0.0.1',
    port,
    connectionName: CLIENT_NAME,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
  };
}

/** A connection that is ready, and neither reconnects nor queues: the pool is to do that. */
export async function openRedis(port: number): Promise<Redis> {
  const redis = new Redis({
    ...redisOptions(port),
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    closeRedis(redis);
    throw error;
  }
}

export function closeRedis(redis: Redis): void {
  redis.disconnect();
}

/** What can be seen without asking the server. */
export function isSound(redis: Redis): boolean {
  const { commandQueue } = redis as unknown as {
    readonly commandQueue: { readonly length: number };
  };
  return redis.status === 'ready' && commandQueue.length === 0;
}

export async function ping(redis: Redis): Promise<boolean> {
  try {
    await redis.ping();
    return isSound(redis);
  } catch {
    return false;
  }
}
