import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RedisInternals, RedisLike } from '../../src/redis/redis-like.js';
import { SentinelWatch } from '../../src/redis/sentinel-watch.js';
import { startRedisServer, type RedisServer } from '../../src/testing/index.js';

const HOST = '127.0.0.1';

/** What the watch looks at in a client: whom it asked, and where that led. */
function clientOf(sentinel: RedisServer, port: number, options = {}): RedisLike & RedisInternals {
  const { host } = sentinel;
  return {
    options: { sentinels: [{ host, port: sentinel.port }], name: 'main', ...options },
    stream: { remoteAddress: HOST, remotePort: port },
  } as unknown as RedisLike & RedisInternals;
}

/** A server that publishes like a sentinel says what real ones cannot be made to say. */
describe('a watch on the sentinels', () => {
  let sentinel: RedisServer;
  let publisher: Redis;
  let watch: SentinelWatch;
  let members: (RedisLike & RedisInternals)[];
  let cut: string[];

  beforeEach(async () => {
    sentinel = await startRedisServer();
    publisher = new Redis({ port: sentinel.port });
    watch = new SentinelWatch();
    members = [];
    cut = [];
  });

  afterEach(async () => {
    for (const member of members) watch.delete(member);
    publisher.disconnect();
    await sentinel.stop('SIGKILL');
  });

  function add(port: number, options = {}): void {
    const member = clientOf(sentinel, port, options);
    members.push(member);
    watch.add(member, ({ message }) => cut.push(`${port}: ${message}`));
  }

  async function listeners(): Promise<number> {
    const counts = await publisher.pubsub('NUMSUB', '+switch-master');
    return Number(counts[1]);
  }

  it('cuts off connections to the old master, and none that was opened to the new one', async () => {
    add(6_001);
    add(6_002);
    await expect.poll(listeners).toBe(1);
    await publisher.publish('+switch-master', `other ${HOST} 6001 ${HOST} 6003`);
    await publisher.publish('+switch-master', `main ${HOST} 6001 ${HOST} 6002`);
    const cause = `the master is ${HOST}:6002 now, says a sentinel`;
    await expect.poll(() => cut).toEqual([`6001: ${cause}`]);
  });

  it('cuts off all of them where it cannot tell which lead to the old master', async () => {
    add(6_001);
    add(6_002);
    await expect.poll(listeners).toBe(1);
    await publisher.publish('+switch-master', 'main db-1.example 6379 db-2.example 6379');
    const cause = 'the master is db-2.example:6379 now, says a sentinel';
    await expect.poll(() => cut).toEqual([`6001: ${cause}`, `6002: ${cause}`]);
  });

  it('goes on listening when a sentinel was away', async () => {
    add(6_001);
    await expect.poll(listeners).toBe(1);
    const { port } = sentinel;
    await sentinel.stop('SIGKILL');
    sentinel = await startRedisServer({ port });
    await expect.poll(listeners, { timeout: 10_000 }).toBe(1);
    await publisher.publish('+switch-master', `main ${HOST} 6001 ${HOST} 6002`);
    await expect.poll(() => cut).toHaveLength(1);
  });

  it('listens for masters alone, and only while there are connections', async () => {
    add(6_001, { role: 'slave' });
    add(6_002, { sentinels: undefined });
    add(6_003);
    add(6_004);
    await expect.poll(listeners).toBe(1);
    for (const member of members.splice(2, 1)) watch.delete(member);
    expect(await listeners()).toBe(1);
    for (const member of members.splice(2, 1)) watch.delete(member);
    await expect.poll(listeners).toBe(0);
  });
});
