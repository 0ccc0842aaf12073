import { Cluster, type Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdaptivePool } from '../../../src/index.js';
import { redisFactory } from '../../../src/redis/index.js';
import { ClusterWorld } from '../../support/cluster-world.js';

/** Its slot, 12182, is the third node's. */
const KEY = 'foo';

describe('a cluster of three nodes', () => {
  let world: ClusterWorld;
  beforeAll(async () => {
    world = await ClusterWorld.start();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  function poolAt(address: string): AdaptivePool<Redis> {
    const [host = '', port = ''] = address.split(':');
    const factory = redisFactory({ host, port: Number(port) });
    return new AdaptivePool({ name: address, min: 1, max: 4, factory });
  }

  it('is refused as one pool, with what to do instead', async () => {
    const nodes = world.nodes.map(({ host, port }) => ({ host, port }));
    const advice =
      /share the Cluster without a pool, or give each node a pool of its own: redisFactory\(\{ host, port \}\)/;
    expect(() => redisFactory(nodes as object)).toThrow(advice);
    const cluster = new Cluster(nodes, { lazyConnect: true });
    expect(() => redisFactory(cluster as object)).toThrow(advice);
    const pool = new AdaptivePool({ max: 1, factory: redisFactory(() => cluster as never) });
    await expect(pool.ready()).rejects.toThrow(advice);
    await pool.close();
    expect(cluster.status).toBe('end');
  });

  it('answers a pool of one node with MOVED and ASK as they are, and no connection is closed', async () => {
    await using pool = poolAt(world.address(0));
    await pool.ready();
    const slot = Number(await world.client(0).call('CLUSTER', 'KEYSLOT', KEY));
    const get = (): Promise<string | null> => pool.use((redis) => redis.get(KEY));
    await expect(get()).rejects.toThrow(`MOVED ${slot} ${world.address(2)}`);
    await expect(pool.use((redis) => redis.watch(KEY))).rejects.toThrow(`MOVED ${slot} `);
    await expect(pool.use((redis) => redis.multi().set(KEY, 1).exec())).rejects.toThrow(
      'EXECABORT',
    );

    const own = 'bar';
    const ownSlot = Number(await world.client(0).call('CLUSTER', 'KEYSLOT', own));
    await world.beginMove(ownSlot, 0, 1);
    await expect(pool.use((redis) => redis.get(own))).rejects.toThrow(
      `ASK ${ownSlot} ${world.address(1)}`,
    );
    await world.endMove(ownSlot, 0, 1);
    await expect(pool.use((redis) => redis.get(own))).rejects.toThrow(
      `MOVED ${ownSlot} ${world.address(1)}`,
    );
    expect(pool.stats).toMatchObject({ destroyed: 0, inUse: 0 });
  });

  it('is served by a pool per node that follows MOVED', async () => {
    const pools = new Map(
      world.nodes.map((_, nth) => [world.address(nth), poolAt(world.address(nth))]),
    );
    async function useAt<Result>(
      address: string,
      work: (redis: Redis) => Promise<Result>,
    ): Promise<Result> {
      const pool = pools.get(address);
      if (pool === undefined) throw new Error(`no pool for ${address}`);
      try {
        return await pool.use(work);
      } catch (error) {
        const moved = error instanceof Error ? /^MOVED \d+ (\S+)$/.exec(error.message) : null;
        if (moved?.[1] === undefined) throw error;
        return useAt(moved[1], work);
      }
    }

    const popped = useAt(world.address(0), (redis) => redis.blpop('queue', 5));
    await useAt(world.address(1), (redis) => redis.rpush('queue', 'job'));
    expect(await popped).toEqual(['queue', 'job']);
    const counters = Array.from({ length: 50 }, (_, nth) => `counter:${nth}`);
    await Promise.all(counters.map((key) => useAt(world.address(0), (redis) => redis.incr(key))));
    const values = counters.map((key) => useAt(world.address(1), (redis) => redis.get(key)));
    expect(await Promise.all(values)).toEqual(counters.map(() => '1'));
    expect([...pools.values()].map(({ stats }) => stats.destroyed)).toEqual([0, 0, 0]);
    await Promise.all([...pools.values()].map((pool) => pool.close()));
  });
});
