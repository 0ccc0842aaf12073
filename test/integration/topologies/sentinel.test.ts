import type { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdaptivePool } from '../../../src/index.js';
import { redisFactory } from '../../../src/redis/index.js';
import { MASTER_NAME, SentinelWorld } from '../../support/sentinel-world.js';
import { lateCalls } from '../faults/sound.js';
import { CLIENT_NAME, failOverUnderLoad, OPTIONS, until, type Failover } from './failover.js';

const RECOVERY_MS = 1_000;
/** Until a sentinel has made the old master a replica, and the pool's longest pause. */
const PATIENCE_MS = 40_000;

/** What must hold however the master was lost. */
function expectSound(outcome: Failover): void {
  const { calls, lag, announcedAt, firstAnswerAt, backOffMs, stats } = outcome;
  expect(lateCalls(calls, OPTIONS.acquireTimeoutMs, lag)).toEqual([]);
  expect(firstAnswerAt, 'an answer after the failover').not.toBeNull();
  const dueAt = announcedAt + RECOVERY_MS + backOffMs;
  const allowedMs = lag.allowanceMs(announcedAt, firstAnswerAt ?? Number.POSITIVE_INFINITY);
  expect(firstAnswerAt, 'time of the first answer').toBeLessThanOrEqual(dueAt + allowedMs);
  expect(stats).toMatchObject({ creating: 0, checking: 0, inUse: 0, closing: 0, pending: 0 });
  expect(stats.size).toBeGreaterThanOrEqual(OPTIONS.min);
  expect(outcome.onNewMaster).toBe(stats.size);
  // What a replica confirmed cannot be lost: it is the new master.
  expect(calls.filter(({ answer }) => answer === 1).length).toBeGreaterThan(10);
  expect(outcome.lost.filter(({ answer }) => answer !== 0)).toEqual([]);
}

describe('a pool behind three sentinels', () => {
  let world: SentinelWorld;
  beforeEach(async () => {
    world = await SentinelWorld.start();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  /** Connections of the pool's own to each sentinel. */
  const listeners = (): Promise<number[]> =>
    Promise.all(world.sentinels.map((sentinel) => world.connections(sentinel, CLIENT_NAME)));

  it(
    'leaves a master that was replaced as soon as a sentinel says so, and a pool of replicas follows',
    { timeout: PATIENCE_MS },
    async () => {
      const sentinels = [...world.addresses];
      const connection = { sentinels, name: MASTER_NAME, connectionName: CLIENT_NAME };
      await using replicas = new AdaptivePool({
        min: 2,
        max: 4,
        factory: redisFactory({ ...connection, role: 'slave', connectionName: 'readers' }),
      });
      await replicas.ready();
      expect(await world.connections(world.second, 'readers')).toBe(2);

      await using pool = new AdaptivePool({ ...OPTIONS, factory: redisFactory(connection) });
      const outcome = await failOverUnderLoad(world, pool, () => world.failOver());
      expectSound(outcome);
      // The old master still takes writes: that nobody is there is the pool's own doing.
      expect(await world.connections(world.first, CLIENT_NAME)).toBe(0);
      expect(outcome.causes).toContain(
        `Error: the master is ${world.second.host}:${world.second.port} now, says a sentinel`,
      );
      // Redis itself loses what the old master took after the new one was promoted; but no more once it has a name.
      const { lag, lost, announcedAt } = outcome;
      const lateLosses = lost.filter(({ answeredAt }) => {
        const atMs = answeredAt ?? Number.POSITIVE_INFINITY;
        return atMs > announcedAt + lag.allowanceMs(announcedAt, atMs);
      });
      expect(lateLosses).toEqual([]);

      await until(async () => (await world.connections(world.first, 'readers')) === 2);
      expect(await world.connections(world.first, 'readers')).toBe(2);
      expect(await world.connections(world.second, 'readers')).toBe(0);
      const role: readonly unknown[] = await replicas.use((redis) => redis.role());
      expect(role.slice(0, 3)).toEqual(['slave', world.second.host, world.second.port]);
    },
  );

  it('leads to servers without TLS as long as only `tls` is given', async () => {
    const connection = { sentinels: [...world.addresses], name: MASTER_NAME, tls: {} };
    await using pool = new AdaptivePool({ ...OPTIONS, factory: redisFactory(connection) });
    expect(await pool.use((redis) => redis.ping())).toBe('PONG');
  });

  it('listens once to every sentinel while connections are open, however many die', async () => {
    const sentinels = [...world.addresses];
    const connection = { sentinels, name: MASTER_NAME, connectionName: CLIENT_NAME };
    const pool = new AdaptivePool({ ...OPTIONS, factory: redisFactory(connection) });
    await pool.ready();
    await expect.poll(listeners).toEqual([1, 1, 1]);
    await world.client(world.first).call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await expect.poll(() => pool.stats.created).toBe(2 * OPTIONS.min);
    expect(await world.connections(world.first, CLIENT_NAME)).toBe(OPTIONS.min);
    await expect.poll(listeners).toEqual([1, 1, 1]);
    await pool.close();
    await expect.poll(listeners).toEqual([0, 0, 0]);
  });

  it('follows the sentinels when the master is killed', { timeout: PATIENCE_MS }, async () => {
    const factory = redisFactory(
      () =>
        new Redis5({
          sentinels: [...world.addresses],
          name: MASTER_NAME,
          connectionName: CLIENT_NAME,
          lazyConnect: true,
          sentinelRetryStrategy: () => null,
          failoverDetector: true,
        }) as unknown as Redis,
    );
    await using pool = new AdaptivePool({ ...OPTIONS, factory });
    expectSound(await failOverUnderLoad(world, pool, () => world.first.stop('SIGKILL')));
  });
});
