import type { Redis } from 'ioredis';
import { InvalidOptionsError } from '../errors.js';
import type { CreateContext, ResourceFactory } from '../runtime/resource-factory.js';
import { abortable } from './abortable.js';
import { Demotion } from './demotion.js';
import { LeaseHabits } from './lease-habits.js';
import { OwnClients } from './own-clients.js';
import { RedisConnection } from './redis-connection.js';
import { classifyRedisError, cleanRedisError, isAnswer, isDemotion } from './redis-errors.js';
import { CLUSTER_REFUSAL } from './redis-like.js';
import type { RedisInternals, RedisLike } from './redis-like.js';
import { resolveConnection } from './redis-options.js';
import type { RedisConnectionOptions } from './redis-options.js';
import { secretsOf } from './redis-secrets.js';
import { SentinelWatch } from './sentinel-watch.js';

/** Every client that a factory has taken over, of whatever factory: no client belongs to two pools. */
const connections = new WeakMap<RedisLike, RedisConnection>();

/**
 * Tells a pool how to open, check, mend and close connections to Redis.
 *
 * Takes what `new Redis()` of ioredis takes, or a function that returns a new client each time: one made with another
 * copy or version of ioredis, or with credentials fetched at that moment. Clients from a function may be unconnected,
 * connecting or ready. A client given to the pool is the pool's: it is switched to never reconnect, queue or resend.
 *
 * ```ts
 * redisFactory({ host: '127.0.0.1', port: 6379 })
 * redisFactory('rediss://user:secret@cache.example:6380/2', { connectionName: 'sessions' })
 * redisFactory(() => new Redis({ replyMapping: 'resp3' }))
 * ```
 *
 * A connection is open when the server has answered and accepted credentials and database. On release, what a borrower
 * left behind is undone: an open `MULTI`, a `WATCH`, another database, `CLIENT TRACKING`, another name, listeners. Where
 * that is not certain the connection is closed: an outstanding reply, a subscription, another user, `CLIENT REPLY`,
 * `READONLY`, commands that the borrower defined. Known from what was sent, so it costs nothing where nothing was left.
 *
 * Known limits: properties and options of the client that a borrower sets stay as he set them.
 *
 * @param options options of ioredis
 * @throws {@link InvalidOptionsError} listing every option that cannot work in a pool
 */
export function redisFactory(options?: RedisConnectionOptions): ResourceFactory<Redis>;
/**
 * @param url `redis://` or `rediss://`, with `user:password@` and `/db` if needed
 * @param options further options of ioredis; where both say something, the URL decides
 */
export function redisFactory(url: string, options?: RedisConnectionOptions): ResourceFactory<Redis>;
/** @param makeClient returns a new client at each call */
export function redisFactory<Client extends RedisLike>(
  makeClient: () => Client | Promise<Client>,
): ResourceFactory<Client>;
export function redisFactory(
  source: RedisConnectionOptions | string | (() => RedisLike | Promise<RedisLike>) = {},
  options: RedisConnectionOptions = {},
): ResourceFactory<RedisLike> {
  if (typeof source === 'function') return factoryOf(source);
  if (typeof source !== 'string') rejectForeign(source);
  const isUrl = typeof source === 'string';
  const given = isUrl ? options : source;
  const clients = new OwnClients(resolveConnection(isUrl ? source : undefined, given));
  return factoryOf((context) => clients.make(context.pool), secretsOf(given));
}

type MakeClient<Client> = (context: CreateContext) => Client | Promise<Client>;

/** @param secrets what errors of `makeClient` must not show; those of a client are known once there is one */
function factoryOf<Client extends RedisLike>(
  makeClient: MakeClient<Client>,
  secrets: readonly string[] = [],
): ResourceFactory<Client> {
  const watch = new SentinelWatch();
  const demotion = new Demotion();
  const habits = new LeaseHabits();
  return {
    async create(context) {
      const { signal } = context;
      signal.throwIfAborted();
      const client = await madeClient(makeClient, context).catch((error: unknown) => {
        throw cleanRedisError(error, secrets);
      });
      const connection = takeOver(client);
      await connection.open(signal, {
        died: (cause) => context.onDeath(cause),
        demoted: () => demotion.note(),
      });
      habits.advise = context.onAdvice;
      demotion.add(client, context.onMoved);
      watch.add(client, (cause) => connection.cutOff(cause));
      return client;
    },
    isUsable: (client) => connectionOf(client).isUsable,
    validate: (client, { signal }) => connectionOf(client).isAlive(signal),
    needsReset(client) {
      const connection = connectionOf(client);
      habits.note(connection.endOfUse());
      return connection.isAstray;
    },
    reset: (client, { signal }) => connectionOf(client).goHome(signal),
    destroy(client, { signal }) {
      watch.delete(client);
      demotion.delete(client);
      return connectionOf(client).close(signal);
    },
    isAnswer,
    classify: (error) =>
      isDemotion(error) && demotion.wasNoted ? 'transient' : classifyRedisError(error),
  };
}

async function madeClient<Client extends RedisLike>(
  makeClient: MakeClient<Client>,
  context: CreateContext,
): Promise<Client> {
  const making = Promise.resolve(makeClient(context));
  try {
    return await abortable(making, context.signal);
  } catch (error) {
    // Nobody waits for it any more, but it may come yet.
    void making.then(discard, () => undefined);
    throw error;
  }
}

function takeOver(client: RedisLike): RedisConnection {
  if (!isClient(client)) {
    throw new InvalidOptionsError('Redis client', ['the function must return a client of ioredis']);
  }
  if (connections.has(client)) {
    throw new InvalidOptionsError('Redis client', [
      'the function returned a client that is in a pool already; it must make a new one each time',
    ]);
  }
  try {
    const connection = new RedisConnection(client);
    connections.set(client, connection);
    return connection;
  } catch (error) {
    discard(client);
    throw error;
  }
}

function discard(client: RedisLike): void {
  if (!isClient(client) || connections.has(client)) return;
  client.on('error', () => undefined);
  client.disconnect();
  (client as RedisInternals).stream?.destroy();
}

function connectionOf(client: RedisLike): RedisConnection {
  const connection = connections.get(client);
  if (connection === undefined) throw new Error('this client was not opened by a redisFactory');
  return connection;
}

function isClient(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    'disconnect' in value &&
    typeof value.disconnect === 'function' &&
    'on' in value
  );
}

function rejectForeign(source: object): void {
  if (Array.isArray(source) || (source as RedisInternals).isCluster === true) {
    throw new InvalidOptionsError('Redis connection', [CLUSTER_REFUSAL]);
  }
  if (isClient(source)) {
    throw new InvalidOptionsError('Redis connection', [
      'one client is one connection; give a function that makes a new client each time',
    ]);
  }
}
