import { afterEach, describe, expect, it, vi } from 'vitest';
import { redisFactory } from '../../src/redis/index.js';
import { startRedisServer } from '../../src/testing/redis-server.js';

describe('a real Redis for tests', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('says how to install it when it is missing', async () => {
    vi.stubEnv('PATH', '/nowhere');
    await expect(startRedisServer()).rejects.toThrow(
      /^redis-server is not installed: sudo apt-get install -y redis-server$/,
    );
  });

  it('tells what the server said when it does not start', async () => {
    await expect(startRedisServer({ args: ['--no-such-option', '1'] })).rejects.toThrow(
      'redis-server did not start',
    );
  });

  it('is reached by its URL, as the one in this process is', async () => {
    await using server = await startRedisServer();
    const factory = redisFactory(server.url);
    const signal = new AbortController().signal;
    const redis = await factory.create({ signal, onDeath: () => undefined });
    expect(await redis.config('GET', 'port')).toEqual(['port', String(server.port)]);
    await factory.destroy(redis, { signal, reason: 'closed' });
  });

  it('crashes on request, is noticed, and comes back on its port', async () => {
    await using server = await startRedisServer();
    const { host, port } = server;
    const factory = redisFactory({ host, port });
    const signal = new AbortController().signal;
    const deaths: unknown[] = [];
    const onDeath = (cause: unknown): void => void deaths.push(cause);
    await factory.create({ signal, onDeath });
    await server.stop('SIGKILL');
    await vi.waitFor(() => expect(deaths).toEqual([expect.any(Error)]));
    await expect(factory.create({ signal, onDeath })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await using again = await startRedisServer({ port });
    expect(again.pid).not.toBe(server.pid);
    const redis = await factory.create({ signal, onDeath });
    expect(await redis.ping()).toBe('PONG');
    await factory.destroy(redis, { signal, reason: 'closed' });
  });
});
