import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  AdaptivePool,
  type AdaptivePoolOptions,
  type CreateErrorEvent,
  type DestroyEvent,
  type ScaleDecision,
} from '../../src/index.js';
import { redisFactory } from '../../src/redis/index.js';
import { startRedisServer, startRespServer, type RedisServer } from '../../src/testing/index.js';
import { collectGarbage } from '../support/collect-garbage.js';

type Options = Omit<AdaptivePoolOptions<Redis>, 'factory'>;

describe('a pool on a real redis-server', () => {
  let server: RedisServer;
  let pool: AdaptivePool<Redis>;

  beforeAll(async () => {
    server = await startRedisServer();
  });

  afterEach(async () => {
    await pool.close({ deadlineMs: 0 });
  });

  afterAll(async () => {
    await server.stop();
  });

  function open(options: Options, port = server.port, password?: string): AdaptivePool<Redis> {
    pool = new AdaptivePool({ ...options, factory: redisFactory({ port, password }) });
    return pool;
  }

  it('serves a burst far larger than its size, and every reply is the right one', async () => {
    open({ min: 4, max: 16, acquireTimeoutMs: 10_000 });
    await pool.ready();
    const replies = await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        pool.use(async (redis) => {
          await redis.set(`burst:${index}`, index);
          return redis.get(`burst:${index}`);
        }),
      ),
    );
    expect(replies).toEqual(Array.from({ length: 500 }, (_, index) => String(index)));
    expect(pool.stats).toMatchObject({ acquired: 500, released: 500, pending: 0, inUse: 0 });
    expect(pool.stats.size).toBeLessThanOrEqual(16);
  });

  it('grows under blocking commands, says why, and shrinks to min when it is quiet', async () => {
    const decisions: ScaleDecision[] = [];
    open({ min: 2, max: 20, policy: { name: 'littles-law', idleBeforeCloseMs: 300 } });
    pool.on('scale', (decision) => decisions.push(decision));
    await pool.ready();
    await Promise.all(
      Array.from({ length: 40 }, () => pool.use((redis) => redis.blpop('nothing', 0.1))),
    );
    expect(pool.stats.size).toBeGreaterThan(2);
    while (pool.stats.size + pool.stats.closing > 2) await turn();
    expect(pool.stats).toMatchObject({ size: 2, idle: 2, target: 2 });
    const grown = decisions.find(({ direction, from }) => direction === 'grow' && from >= 2);
    expect(grown?.message).toMatch(/^pool grow \d+→\d+ \(max 20\): \d+ waiting/);
    expect(decisions.at(-1)).toMatchObject({ direction: 'shrink', to: 2, reason: 'idle-surplus' });
  });

  it('notices idle connections that are killed and restores min without traffic', async () => {
    open({ min: 3, max: 10 });
    await pool.ready();
    const destroyed: DestroyEvent[] = [];
    pool.on('destroy', (event) => destroyed.push(event));
    const admin = new Redis({ port: server.port });
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    admin.disconnect();
    while (destroyed.length < 3 || pool.stats.idle < 3) await turn();
    // The first death has the others checked, which may fail before their own end is heard of.
    for (const { reason } of destroyed) expect(['died', 'invalid']).toContain(reason);
    expect(pool.stats).toMatchObject({ acquired: 0, size: 3, idle: 3, destroyed: 3, created: 6 });
  });

  it('fails fast when the server is killed and recovers by itself when it is back', async () => {
    const own = await startRedisServer();
    const failures: CreateErrorEvent[] = [];
    open({ min: 2, max: 5, acquireTimeoutMs: 200 }, own.port);
    pool.on('create-error', (event) => failures.push(event));
    await pool.ready();
    await own.stop('SIGKILL');
    await expect(pool.use((redis) => redis.get('k'))).rejects.toMatchObject({
      code: 'ERR_POOL_ACQUIRE_TIMEOUT',
      cause: expect.objectContaining({ message: expect.stringContaining('ECONNREFUSED') }),
    });
    expect(failures.length).toBeGreaterThan(0);
    await using back = await startRedisServer({ port: own.port });
    while (pool.stats.idle < 2) await turn();
    expect(await pool.use((redis) => redis.ping())).toBe('PONG');
    expect(back.port).toBe(own.port);
    await pool.close();
  });

  it('does not hang on a server that accepts and never answers', async () => {
    await using silent = await startRespServer({ stallHandshake: true });
    open({ min: 1, max: 5, createTimeoutMs: 50, acquireTimeoutMs: 200 }, silent.port);
    await expect(pool.acquire()).rejects.toMatchObject({
      code: 'ERR_POOL_ACQUIRE_TIMEOUT',
      cause: { code: 'ERR_POOL_CREATE_TIMEOUT' },
    });
    silent.configure({ stallHandshake: false });
    await pool.ready();
    expect(await pool.use((redis) => redis.ping())).toBe('PONG');
  });

  it('rejects ready() at once on a wrong password, and no error shows the password', async () => {
    const own = await startRedisServer({ args: ['--requirepass', 'right'] });
    open({ min: 1, max: 5 }, own.port, 'wr0ng-secret');
    const failure: unknown = await pool.ready().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'ERR_POOL_CREATE_FAILED',
      message: expect.stringContaining('WRONGPASS'),
    });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('wr0ng');
    await own.stop();
  });

  it('lives with what the server allows when maxclients is reached', async () => {
    const own = await startRedisServer({ args: ['--maxclients', '6'] });
    const failures: CreateErrorEvent[] = [];
    open({ min: 2, max: 20, acquireTimeoutMs: 5_000 }, own.port);
    pool.on('create-error', (event) => failures.push(event));
    await pool.ready();
    const work = Array.from({ length: 40 }, () =>
      pool.use((redis) => redis.blpop('nothing', 0.05)),
    );
    await Promise.all(work);
    expect(pool.stats).toMatchObject({ acquired: 40, timeouts: 0 });
    expect(pool.stats.size - pool.stats.creating).toBeLessThanOrEqual(6);
    // What Redis says is sometimes lost with the socket it closes; then the refusal looks transient.
    expect(failures.length).toBeGreaterThan(0);
    expect(['server-limit', 'transient']).toContain(failures[0]?.class);
    await pool.close();
    await own.stop();
  });

  it('keeps no client that died in the hands of its borrower, though every lease is sampled', async () => {
    open({ min: 0, max: 4, leakSampling: 1 });
    const clients: WeakRef<Redis>[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      await pool.use(async (redis) => {
        clients.push(new WeakRef(redis));
        await redis.call('CLIENT', 'KILL', 'ID', String(await redis.client('ID')), 'SKIPME', 'no');
        if (redis.status === 'ready') await once(redis, 'close');
      });
    }
    const alive = (): number => clients.filter((client) => client.deref() !== undefined).length;
    await collectGarbage(() => alive() === 0);
    expect(alive()).toBe(0);
  });

  it('leaves no connection on the server after close', async () => {
    open({ min: 5, max: 10 });
    await pool.ready();
    await pool.close();
    const admin = new Redis({ port: server.port });
    const clients = String(await admin.client('LIST'));
    admin.disconnect();
    expect(clients).not.toContain('name=adaptive-pool');
  });
});

/** One turn of the event loop with time to pass: for conditions on another process. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
}
