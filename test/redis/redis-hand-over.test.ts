import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  expectTypeOf,
  it,
  vi,
} from 'vitest';
import { redisFactory } from '../../src/redis/index.js';
import type { ResourceFactory } from '../../src/runtime/resource-factory.js';
import { startRedisServer, startRespServer } from '../../src/testing/index.js';
import type { RedisServer, RespServer } from '../../src/testing/index.js';
import { freePort } from '../../src/testing/server-process.js';
import { ioredisVersions } from '../support/ioredis-versions.js';

const signal = new AbortController().signal;
const context = { signal, onDeath: () => undefined };
const destroyContext = { signal, reason: 'closed' } as const;

describe('types', () => {
  it('are those of the client that the function makes', () => {
    expectTypeOf(redisFactory()).toEqualTypeOf<ResourceFactory<Redis>>();
    expectTypeOf(redisFactory('redis://localhost')).toEqualTypeOf<ResourceFactory<Redis>>();
    expectTypeOf(redisFactory(() => new Redis5())).toEqualTypeOf<ResourceFactory<Redis5>>();
    expectTypeOf(redisFactory(async () => new Redis())).toEqualTypeOf<ResourceFactory<Redis>>();
    expectTypeOf(redisFactory(() => new Redis({ replyMapping: 'resp3' }))).toEqualTypeOf<
      ResourceFactory<Redis<'resp3'>>
    >();
  });
});

describe.each(ioredisVersions)('a client of $version made by the user', ({ makeRedis }) => {
  let server: RespServer;
  beforeEach(async () => {
    server = await startRespServer();
  });
  afterEach(() => server.close());

  it('may be ready already', async () => {
    const redis = makeRedis({ host: server.host, port: server.port });
    await once(redis, 'ready');
    const deaths: unknown[] = [];
    const factory = redisFactory(() => redis);
    expect(await factory.create({ signal, onDeath: (cause) => deaths.push(cause) })).toBe(redis);
    expect(factory.isUsable?.(redis)).toBe(true);
    server.kill();
    await vi.waitFor(() => expect(deaths).toHaveLength(1));
    await vi.waitFor(() => expect(redis.status).toBe('end'));
  });

  it('never reconnects once it is handed over', async () => {
    const factory = redisFactory(() => makeRedis({ host: server.host, port: server.port }));
    const redis = await factory.create(context);
    server.kill();
    await once(redis, 'end');
    await expect(redis.get('key')).rejects.toThrow('Connection is closed');
    expect(server.opened).toBe(1);
  });

  it('is refused when it is closed, and when it is in a pool already', async () => {
    const redis = makeRedis({ host: server.host, port: server.port, lazyConnect: true });
    const factory = redisFactory(() => redis);
    await factory.create(context);
    const error: unknown = await Promise.resolve(factory.create(context)).catch((e: unknown) => e);
    expect(error).toMatchObject({ message: expect.stringContaining('in a pool already') });
    expect(factory.classify?.(error)).toBe('permanent');
    expect(factory.isUsable?.(redis)).toBe(true);
    await factory.destroy(redis, destroyContext);

    const closed = makeRedis({ host: server.host, port: server.port, lazyConnect: true });
    closed.disconnect();
    await expect(redisFactory(() => closed).create(context)).rejects.toThrow('closed (end)');
  });

  it('is closed when it comes after nobody waits any more', async () => {
    const abort = new AbortController();
    const late = makeRedis({ host: server.host, port: server.port });
    const makeLate = async (): Promise<Redis> => {
      await once(late, 'ready');
      return late;
    };
    const creating = redisFactory(makeLate).create({ ...context, signal: abort.signal });
    abort.abort(new Error('too late'));
    await expect(creating).rejects.toThrow('too late');
    await once(late, 'end');
    expect(server.opened).toBe(1);
  });

  it('never connects when it was about to try again', async () => {
    const port = await freePort();
    const makeLost = async (): Promise<Redis> => {
      const redis = makeRedis({ port, retryStrategy: () => 200 });
      redis.on('error', () => undefined);
      await vi.waitFor(() => expect(redis.status).toBe('reconnecting'), { interval: 5 });
      return redis;
    };
    const redis = await makeLost();
    await expect(redisFactory(() => redis).create(context)).rejects.toThrow('(reconnecting)');
    const triesAgain = vi.fn<() => void>();
    redis.on('connecting', triesAgain);
    // One that was lost later tries again later.
    const other = await makeLost();
    await once(other, 'connecting');
    expect(triesAgain).not.toHaveBeenCalled();
    other.disconnect();
  });

  it('never connects when nobody waits for its second attempt any more', async () => {
    let attempts = 0;
    const isGivenUp = vi.fn<() => void>();
    class Connector {
      readonly disconnect = isGivenUp;
      readonly check = (): boolean => true;
      connect(): Promise<Socket> {
        attempts += 1;
        // The first one fails, the second one takes its time.
        if (attempts > 1) return new Promise(() => undefined);
        return Promise.resolve(connect({ host: server.host, port: server.port }).destroy());
      }
    }
    const redis = makeRedis({ Connector, retryStrategy: () => 1 } as unknown as RedisOptions);
    redis.on('error', () => undefined);
    await vi.waitFor(() => expect(attempts).toBe(2));
    expect(redis.status).toBe('connecting');
    const abort = new AbortController();
    const creating = redisFactory(() => redis).create({ ...context, signal: abort.signal });
    setImmediate(() => abort.abort(new Error('too late')));
    await expect(creating).rejects.toThrow('too late');
    expect(isGivenUp).toHaveBeenCalled();
  });

  it('passes on what the function throws', async () => {
    const error = new Error('no token');
    const broken = redisFactory(() => Promise.reject<Redis>(error));
    await expect(broken.create(context)).rejects.toEqual(error);
  });

  it('is no death when the server closes while it says goodbye', async () => {
    const deaths: unknown[] = [];
    const factory = redisFactory(() => makeRedis({ host: server.host, port: server.port }));
    const redis = await factory.create({ signal, onDeath: (cause) => deaths.push(cause) });
    server.configure({ latencyMs: Number.POSITIVE_INFINITY });
    const before = server.commands;
    const destroyed = factory.destroy(redis, destroyContext);
    await vi.waitFor(() => expect(server.commands).toBe(before + 1));
    server.kill();
    await destroyed;
    await vi.waitFor(() => expect(redis.status).toBe('end'));
    expect(deaths).toEqual([]);
  });

  it('leaves nothing behind when its opening is aborted at any moment', async () => {
    server.configure({ acceptDelayMs: 1, latencyMs: 1 });
    for (let turns = 0; turns < 12; turns += 1) {
      const abort = new AbortController();
      const factory = redisFactory(() =>
        makeRedis({ host: server.host, port: server.port, lazyConnect: turns % 2 === 0 }),
      );
      const creating = Promise.resolve(factory.create({ ...context, signal: abort.signal }));
      const settled = creating.then(
        (redis) => factory.destroy(redis, destroyContext),
        () => undefined,
      );
      for (let count = 0; count < turns; count += 1) await turn();
      abort.abort();
      await settled;
    }
    await vi.waitFor(() => expect(server.open).toBe(0));
  });
});

describe.each(ioredisVersions)('a client of $version that does something when it is ready', (v) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  function factoryOf(options: RedisOptions, whenReady: (redis: Redis) => Promise<unknown>) {
    return redisFactory(() => {
      const redis = v.makeRedis({ port: server.port, ...options });
      redis.on('ready', () => void whenReady(redis));
      return redis;
    });
  }

  it.each([
    ['unconnected', { lazyConnect: true }],
    ['unconnected, without a ready check', { lazyConnect: true, enableReadyCheck: false }],
    ['connecting', {}],
    ['connecting, without a ready check', { enableReadyCheck: false }],
    ['that pipelines by itself', { enableAutoPipelining: true, lazyConnect: true }],
  ])('is open when that is done: one %s', async (_kind, options) => {
    for (const steps of [1, 2, 5]) {
      let done = 0;
      // As deep in functions of somebody's as a reply may have to go.
      const ask = async (redis: Redis, depth: number): Promise<void> => {
        if (depth === 0) await redis.config('GET', 'port');
        else await ask(redis, depth - 1);
      };
      const factory = factoryOf(options, async (redis) => {
        for (; done < steps; done += 1) await ask(redis, 20);
      });
      const redis = await factory.create(context);
      expect(done).toBe(steps);
      expect(factory.isUsable?.(redis)).toBe(true);
      await factory.destroy(redis, destroyContext);
    }
  });

  it('is refused for good when it subscribes', async () => {
    const factory = factoryOf({}, (redis) => redis.subscribe('news'));
    const error: unknown = await Promise.resolve(factory.create(context)).catch((e: unknown) => e);
    expect(error).toMatchObject({ message: expect.stringContaining('subscribed') });
    expect(factory.classify?.(error)).toBe('permanent');
  });
});

describe('what is no single connection', () => {
  it('is refused for good: a Cluster', async () => {
    const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true });
    const factory = redisFactory(() => cluster as unknown as Redis);
    const error: unknown = await Promise.resolve(factory.create(context)).catch((e: unknown) => e);
    expect(error).toMatchObject({ message: expect.stringContaining('a Cluster holds') });
    expect(factory.classify?.(error)).toBe('permanent');
  });

  it('is refused for good: a monitoring client, and nothing at all', async () => {
    const monitor = redisFactory(() => new Redis({ monitor: true, lazyConnect: true }));
    await expect(monitor.create(context)).rejects.toThrow('runs no commands');
    const nothing = redisFactory(() => undefined as unknown as Redis);
    await expect(nothing.create(context)).rejects.toThrow('must return a client');
  });
});

describe('from options', () => {
  it('names its connections and takes what the URL says', async () => {
    await using server = await startRespServer({ password: 'pass word' });
    const url = `redis://default:pass%20word@${server.host}:${server.port}/5`;
    const named = redisFactory(url, { connectionName: 'sessions' });
    const redis = await named.create(context);
    expect(await redis.client('INFO')).toMatch(/ name=sessions db=5 /);
    await named.destroy(redis, destroyContext);

    const factory = redisFactory({ host: server.host, port: server.port, password: 'pass word' });
    const unnamed = await factory.create(context);
    expect(await unnamed.client('GETNAME')).toBe('adaptive-pool');
    await factory.destroy(unnamed, destroyContext);
  });

  it('asks the server for one round trip', async () => {
    await using server = await startRespServer();
    const factory = redisFactory({ host: server.host, port: server.port });
    const redis = await factory.create(context);
    // HELLO and CLIENT SETNAME in one packet; no INFO and no PING.
    expect(server.commands).toBe(2);
    await factory.destroy(redis, destroyContext);
  });

  it('reports what sentinels say and does not wait for a silent one', async () => {
    await using locked = await startRespServer({ password: 'secret' });
    await using silent = await startRespServer({ stallHandshake: true });
    const sentinels = [silent, locked].map(({ host, port }) => ({ host, port }));
    const factory = redisFactory({ sentinels, name: 'main', sentinelCommandTimeout: 20 });
    const error: unknown = await Promise.resolve(factory.create(context)).catch((e: unknown) => e);
    expect(error).toMatchObject({ message: expect.stringContaining('NOAUTH') });
    expect(factory.classify?.(error)).toBe('permanent');
  });

  it('opens a thousand connections at once', async () => {
    await using server = await startRespServer();
    const factory = redisFactory({ host: server.host, port: server.port });
    const clients = await Promise.all(
      Array.from({ length: 1_000 }, async () => factory.create(context)),
    );
    expect(server.open).toBe(1_000);
    expect(clients.every((redis) => factory.isUsable?.(redis))).toBe(true);
    await Promise.all(clients.map(async (redis) => factory.destroy(redis, destroyContext)));
    await vi.waitFor(() => expect(server.open).toBe(0));
  });
});
