import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startRespServer } from '../../src/testing/index.js';
import { ioredisVersions } from '../support/ioredis-versions.js';
import { startRedisServer } from '../../src/testing/redis-server.js';

describe.each(ioredisVersions)('RESP server with $version', ({ makeRedis }) => {
  // Whatever a client sees from the server in this process it must see from a real one.
  it.each([
    ['in this process', () => startRespServer({ password: 'secret' })],
    ['a real Redis', () => startRedisServer({ args: ['--requirepass', 'secret'] })],
  ])('serves a whole session: %s', async (_where, start) => {
    await using server = await start();
    const redis = makeRedis({
      host: server.host,
      port: server.port,
      password: 'secret',
      db: 3,
      connectionName: 'me',
    });
    const other = redis.duplicate();
    expect(await redis.client('GETNAME')).toBe('me');
    expect(await redis.client('INFO')).toContain(' db=3 ');
    expect(await redis.set('k', 'grün')).toBe('OK');
    expect(await redis.get('k')).toBe('grün');
    expect(await redis.get('none')).toBeNull();
    expect(await redis.del('none', 'k')).toBe(1);

    const popping = other.blpop('list', 0);
    await redis.lpush('list', 'a', 'b');
    expect(await popping).toEqual(['list', 'b']);

    expect(await redis.multi().set('n', '1').get('n').exec()).toEqual([
      [null, 'OK'],
      [null, '1'],
    ]);
    await redis.watch('n');
    await other.set('n', '2');
    expect(await redis.multi().set('n', '3').exec()).toBeNull();
    await expect(redis.lpush('n', 'x')).rejects.toThrow('WRONGTYPE');

    const message = once(other, 'message');
    await other.subscribe('news');
    expect(await redis.publish('news', 'hi')).toBe(1);
    expect(await message).toEqual(['news', 'hi']);
    await other.unsubscribe('news');
    expect(await other.ping()).toBe('PONG');

    const ended = once(redis, 'end');
    expect(await redis.quit()).toBe('OK');
    await ended;
    other.disconnect();
  });
});
