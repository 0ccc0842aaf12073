import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdaptivePool, type AdviceEvent } from '../../src/index.js';
import { redisFactory } from '../../src/redis/index.js';
import { startRedisServer, type RedisServer } from '../../src/testing/index.js';

describe('a pool whose leases are used for', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  async function adviceAfter(
    work: (pool: AdaptivePool<Redis>, index: number) => Promise<unknown>,
  ): Promise<readonly AdviceEvent[]> {
    const heard: AdviceEvent[] = [];
    const logged: unknown[] = [];
    const quiet = (): void => undefined;
    const info = (fields: object, message: string): void => {
      if ('event' in fields && fields.event === 'pool.advice') logged.push([message, fields]);
    };
    await using pool = new AdaptivePool({
      name: 'jobs',
      factory: redisFactory({ port: server.port }),
      max: 8,
      acquireTimeoutMs: 10_000,
      logger: { debug: quiet, info, warn: quiet, error: quiet },
    });
    pool.on('advice', (event) => heard.push(event));
    for (let round = 0; round < 25; round += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => work(pool, index)));
    }
    expect(logged).toHaveLength(heard.length);
    if (heard.length > 0)
      expect(logged[0]).toEqual([`jobs: ${heard[0]?.message}`, expect.anything()]);
    return heard;
  }

  it('one plain command each is told once what would do better', async () => {
    const heard = await adviceAfter((pool, index) =>
      // Some do more; nearly all do not.
      pool.use<unknown>((redis) =>
        index === 0 ? redis.multi().get('a').exec() : redis.get('key'),
      ),
    );
    expect(heard).toEqual([
      { pool: 'jobs', message: expect.any(String), figures: { leases: 1_000, oneCommand: 990 } },
    ]);
    expect(heard[0]?.message).toContain('990 of the last 1000 leases sent one plain command each');
  });

  it.each<[string, (pool: AdaptivePool<Redis>, index: number) => Promise<unknown>]>([
    ['several commands', (pool) => pool.use((redis) => redis.get('a').then(() => redis.get('b')))],
    [
      'blocking commands',
      (pool) => pool.use((redis) => redis.blmove('ring', 'ring', 'LEFT', 'RIGHT', 0)),
    ],
    ['large replies', (pool) => pool.use((redis) => redis.getrange('large', 0, -1))],
    [
      'one command in ten, and others',
      (pool, index) => pool.use((redis) => (index % 10 === 0 ? redis.get('a') : redis.watch('a'))),
    ],
    ['shared work', (pool) => pool.run((redis) => redis.get('key'))],
    [
      'shared work as well',
      (pool, index) =>
        index === 0 ? pool.run((redis) => redis.get('a')) : pool.use((redis) => redis.get('a')),
    ],
  ])('%s is told nothing', async (_what, work) => {
    const prepare = redisFactory({ port: server.port });
    const signal = new AbortController().signal;
    const redis = await prepare.create({ signal, onDeath: () => undefined });
    await redis.setrange('large', 40_000, 'x');
    await redis.lpush('ring', 1);
    await prepare.destroy(redis, { signal, reason: 'closed' });
    expect(await adviceAfter(work)).toEqual([]);
  });
});
