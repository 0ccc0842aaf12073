import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { AdaptivePool } from '../../src/index.js';
import { redisCommands, redisFactory } from '../../src/redis/index.js';
import { startRedisServer, type RedisServer } from '../../src/testing/index.js';

interface World extends AsyncDisposable {
  readonly server: RedisServer;
  readonly admin: Redis;
  readonly pool: AdaptivePool<Redis>;
}

type Pool = AdaptivePool<Redis>;

/** A server with a pool of three open connections, and one for whoever changes its state. */
async function open(args: readonly string[] = []): Promise<World> {
  const server = await startRedisServer({ args });
  const admin = new Redis({ port: server.port });
  const pool = new AdaptivePool({ factory: redisFactory({ port: server.port }), min: 3, max: 3 });
  await pool.ready();
  return {
    server,
    admin,
    pool,
    async [Symbol.asyncDispose]() {
      admin.disconnect();
      await pool.close({ deadlineMs: 0 });
      await server.stop('SIGKILL');
    },
  };
}

describe('a server that says', () => {
  it.each(['use', 'run'] as const)(
    'READONLY, to a write by %s, is left by every connection that is open',
    async (how) => {
      await using world = await open();
      const { pool, admin } = world;
      const busy = await pool.acquire();
      await admin.replicaof('127.0.0.1', 1);
      await expect(pool[how]((redis) => redis.set('key', 1))).rejects.toThrow(/^READONLY/);
      await admin.replicaof('NO', 'ONE');
      // Whoever has one may finish what he does.
      expect(await busy.resource.ping()).toBe('PONG');
      busy.release();
      await writeOnAll(pool);
      expect(pool.stats).toMatchObject({ size: 3, created: 6 });
    },
  );

  it.each([
    ['a lease', (pool: Pool) => pool.use((own) => own.pipeline().set('key', 1).get('key').exec())],
    [
      'redisCommands',
      (pool: Pool) =>
        redisCommands(pool)
          .pipeline([['set', 'key', 1]])
          .exec(),
    ],
  ])('READONLY, inside a pipeline of %s, likewise', async (_, write) => {
    await using world = await open();
    const { pool, admin } = world;
    await admin.replicaof('127.0.0.1', 1);
    const replies = await write(pool);
    expect(String(replies?.[0]?.[0])).toContain('READONLY');
    await admin.replicaof('NO', 'ONE');
    await writeOnAll(pool);
    expect(pool.stats).toMatchObject({ size: 3, created: 6 });
  });

  it('READONLY, is left by a connection that others always use at the same time', async () => {
    await using world = await open();
    const { pool, admin } = world;
    const redis = redisCommands(pool);
    const ids = new Set<number>();
    const over = new AbortController();
    const busy = [1, 2, 3].map(async () => {
      while (!over.signal.aborted) ids.add(await redis.client('ID'));
    });
    await admin.replicaof('127.0.0.1', 1);
    await redis.pipeline().set('key', 1).exec();
    const before = new Set(ids);
    await expect.poll(() => [...ids].some((id) => !before.has(id))).toBe(true);
    ids.clear();
    await redis.ping();
    over.abort();
    await Promise.all(busy);
    expect([...ids].filter((id) => before.has(id))).toEqual([]);
  });

  it('READONLY again and again, for it is a replica, does not make the pool reconnect each time', async () => {
    await using world = await open();
    const { pool, admin } = world;
    await admin.replicaof('127.0.0.1', 1);
    for (let time = 0; time < 20; time += 1) {
      await expect(pool.use((redis) => redis.set('key', 1))).rejects.toThrow(/^READONLY/);
      await Promise.all([1, 2, 3].map(() => pool.use((redis) => redis.get('key'))));
    }
    expect(pool.stats.created).toBe(3 + 3);
  });

  it('READONLY is left by the connections of every pool that the factory opened', async () => {
    await using world = await open();
    const { server, admin } = world;
    const factory = redisFactory({ port: server.port });
    await using first = new AdaptivePool({ factory, min: 3, max: 3 });
    await using second = new AdaptivePool({ factory, min: 3, max: 3 });
    await Promise.all([first.ready(), second.ready()]);
    await admin.replicaof('127.0.0.1', 1);
    await expect(first.use((redis) => redis.set('key', 1))).rejects.toThrow(/^READONLY/);
    await admin.replicaof('NO', 'ONE');
    await writeOnAll(second);
    expect(second.stats).toMatchObject({ size: 3, created: 6 });
  });

  it('UNBLOCKED, because somebody asked for it, is left to the caller', async () => {
    await using world = await open();
    const { pool, admin } = world;
    const id = await pool.use(async (redis) => {
      const own = await redis.client('ID');
      const blocked = expect(redis.blpop('list', 0)).rejects.toThrow(/^UNBLOCKED client/);
      while ((await admin.client('UNBLOCK', own, 'ERROR')) === 0) await admin.ping();
      await blocked;
      return own;
    });
    expect(await pool.use((redis) => redis.client('ID'))).toBe(id);
    expect(pool.stats.created).toBe(3);
  });

  it('UNBLOCKED, because it became a replica, is left as well', async () => {
    await using world = await open();
    const { pool, admin } = world;
    const blocked = expect(pool.use((redis) => redis.blpop('list', 0))).rejects.toThrow(
      /^UNBLOCKED/,
    );
    while ((await admin.info('clients')).includes('blocked_clients:0')) await admin.ping();
    await admin.replicaof('127.0.0.1', 1);
    await blocked;
    await admin.replicaof('NO', 'ONE');
    await writeOnAll(pool);
    expect(pool.stats.created).toBe(6);
  });

  it.each([
    ['MASTERDOWN', ['get', 'key'], masterDown],
    ['OOM', ['set', 'key', '1'], (admin: Redis) => admin.config('SET', 'maxmemory', 1)],
    ['NOPERM', ['set', 'key', '1'], (admin: Redis) => admin.acl('SETUSER', 'default', '-set')],
    ['WRONGTYPE', ['get', 'key'], (admin: Redis) => admin.lpush('key', 1)],
  ] as const)('%s keeps its connections', async (word, [command, ...args], become) => {
    await using world = await open();
    const { pool, admin } = world;
    await become(admin);
    const shared = redisCommands(pool).call(command, ...args);
    const answer = new RegExp(`^${word}`);
    await expect(shared).rejects.toThrow(answer);
    await expect(pool.use((own) => own.call(command, ...args))).rejects.toThrow(answer);
    expect(pool.stats).toMatchObject({ size: 3, created: 3 });
    expect(await redisCommands(pool).client('ID')).toBeGreaterThan(0);
  });

  it('max number of clients is not asked again at once, and the pool stays as large as it may', async () => {
    await using server = await startRedisServer({ args: ['--maxclients', '6'] });
    await using pool = new AdaptivePool({
      factory: redisFactory({ port: server.port }),
      min: 2,
      max: 40,
      acquireTimeoutMs: 5_000,
    });
    const kinds: string[] = [];
    pool.on('create-error', (event) => kinds.push(event.class));
    await Promise.all(
      Array.from({ length: 40 }, () => pool.use((redis) => redis.blpop('no', 0.1))),
    );
    expect(new Set(kinds)).toEqual(new Set(['server-limit']));
    expect(kinds.length).toBeLessThan(12);
    expect(pool.stats.size).toBeLessThanOrEqual(6);
  });
});

async function masterDown(admin: Redis): Promise<void> {
  await admin.config('SET', 'replica-serve-stale-data', 'no');
  await admin.replicaof('127.0.0.1', 1);
}

/** With all three connections at the same time. */
async function writeOnAll(pool: AdaptivePool<Redis>): Promise<void> {
  const leases = await Promise.all([1, 2, 3].map(() => pool.acquire()));
  for (const lease of leases) {
    expect(await lease.resource.set('key', 1)).toBe('OK');
    lease.release();
  }
}
