import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AdaptivePool } from '../../../src/index.js';
import { redisFactory, type RedisConnectionOptions } from '../../../src/redis/index.js';
import { startRedisServer, type RedisServer } from '../../../src/testing/index.js';
import { freePort } from '../../../src/testing/server-process.js';
import { makeCertificate } from '../../support/certificate.js';

function poolOf(options: RedisConnectionOptions | string): AdaptivePool<Redis> {
  const factory = typeof options === 'string' ? redisFactory(options) : redisFactory(options);
  return new AdaptivePool({ min: 1, max: 4, factory });
}

describe('where a server listens', () => {
  it('may be a Unix socket, which a pool uses, and leaves when it dies', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'adaptive-pool-socket-'));
    try {
      const path = join(directory, 'redis.sock');
      await using server = await startRedisServer({ args: ['--unixsocket', path] });
      await using pool = poolOf({ path, db: 3 });
      const info = await pool.use((redis) => redis.client('INFO'));
      expect(info).toContain(` laddr=${path}:0 `);
      expect(info).toContain(' db=3 ');
      await server.stop('SIGKILL');
      await expect.poll(() => pool.stats.idle).toBe(0);
      await expect(pool.acquire({ timeoutMs: 50 })).rejects.toMatchObject({
        cause: { code: expect.stringMatching(/ENOENT|ECONNREFUSED/) as unknown },
      });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('may speak TLS, and a certificate that nobody vouches for is refused', async () => {
    await using certificate = await makeCertificate();
    const port = await freePort();
    await using server = await startRedisServer({ port, args: certificate.serverArgs(port) });
    const url = `rediss://${server.host}:${server.port}/2`;
    const factory = redisFactory(url, { tls: { ca: certificate.ca } });
    await using pool = new AdaptivePool<Redis>({ min: 1, max: 4, factory });
    expect(await pool.use((redis) => redis.client('INFO'))).toContain(' db=2 ');

    await using stranger = poolOf(url);
    await expect(stranger.acquire({ timeoutMs: 300 })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('self-signed') as unknown },
    });
  });
});

describe('one server', () => {
  let server: RedisServer;
  let admin: Redis;
  beforeAll(async () => {
    server = await startRedisServer();
    admin = new Redis({ port: server.port });
  });
  afterEach(() => admin.flushall());
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });

  it("has several databases, and two pools never see each other's", async () => {
    const { host, port } = server;
    await using first = poolOf({ host, port, db: 1 });
    await using second = poolOf(`redis://${host}:${port}/2`);
    await Promise.all(
      Array.from({ length: 40 }, (_, nth) =>
        Promise.all([
          first.use(async (redis) => {
            await redis.set('who', 'first');
            // Somebody goes elsewhere, and the next one is at home again.
            if (nth % 5 === 0) await redis.select(2);
          }),
          second.use((redis) => redis.set(`second:${nth}`, nth)),
        ]),
      ),
    );
    expect(await first.use((redis) => redis.keys('*'))).toEqual(['who']);
    expect(await second.use((redis) => redis.dbsize())).toBe(40);
    expect(await admin.dbsize()).toBe(0);
  });

  describe('with users who may do little', () => {
    const password = 'of-the-user';
    const as = (username: string, options: RedisConnectionOptions = {}): AdaptivePool<Redis> =>
      poolOf({ host: server.host, port: server.port, username, password, ...options });
    const user = (name: string, ...rules: string[]): Promise<unknown> =>
      admin.call('ACL', 'SETUSER', name, 'reset', 'on', `>${password}`, ...rules);

    it.each([2, 3] as const)('needs no right of its own, by RESP%i', async (protocol) => {
      await user('reader', '~app:*', '+get');
      const pool = new AdaptivePool({
        min: 1,
        max: 1,
        validateAfterIdleMs: 0,
        factory: redisFactory({ port: server.port, username: 'reader', password, protocol }),
      });
      for (let round = 0; round < 3; round += 1) {
        expect(await pool.use((redis) => redis.get('app:key'))).toBeNull();
      }
      await expect(pool.use((redis) => redis.get('other'))).rejects.toThrow('NOPERM');
      await expect(pool.use((redis) => redis.set('app:key', 1))).rejects.toThrow('NOPERM');
      expect(pool.stats).toMatchObject({ created: 1, destroyed: 0 });
      await pool.close();
    });

    it('shows its name to operators where CLIENT SETNAME is allowed', async () => {
      await user('named', '~*', '+get', '+client|setname');
      await using pool = as('named', { connectionName: 'sessions' });
      await pool.ready();
      const list = (await admin.client('LIST')) as string;
      expect(list.split('\n').filter((line) => line.includes(' name=sessions '))).toEqual([
        expect.stringContaining(' user=named '),
      ]);
    });

    it('needs SELECT for a database other than 0, and says so at once', async () => {
      await user('homebody', '~*', '+get');
      await using pool = as('homebody', { db: 2 });
      await expect(pool.ready()).rejects.toMatchObject({
        cause: { message: expect.stringMatching(/^NOPERM.*'select'/) as unknown },
      });
      await user('homebody', '~*', '+get', '+select');
      await using mended = as('homebody', { db: 2 });
      expect(await mended.use((redis) => redis.get('key'))).toBeNull();
    });

    it('loses its connections when its user is deleted, and says why no other opens', async () => {
      await user('leaver', '~*', '+get');
      await using pool = as('leaver');
      await pool.ready();
      await admin.call('ACL', 'DELUSER', 'leaver');
      await expect.poll(() => pool.stats.idle).toBe(0);
      await expect(pool.acquire({ timeoutMs: 100 })).rejects.toMatchObject({
        cause: { message: expect.stringMatching(/^WRONGPASS/) as unknown },
      });
    });
  });
});
