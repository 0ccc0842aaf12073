import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AdaptivePool, CreateFailedError } from '../../src/index.js';
import { redisFactory, type RedisConnectionOptions } from '../../src/redis/index.js';
import { startRedisServer, type RedisServer } from '../../src/testing/index.js';

const signal = new AbortController().signal;
const context = { signal, onDeath: () => undefined };
const destroyContext = { signal, reason: 'closed' } as const;

const WITH_CLIENT_INFO = ['hello', 'client setname', 'client setinfo', 'client setinfo'];

describe('a connect', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer({ args: ['--requirepass', 'first'] });
  });
  afterAll(() => server.stop());

  // What the guide says is sent.
  it.each([
    ['by default', {}, [['hello', 'client setname']]],
    ['with client info', { disableClientInfo: false }, [WITH_CLIENT_INFO]],
    ['with a tag for client info', { clientInfoTag: 'orders' }, [WITH_CLIENT_INFO]],
    ['to a database', { db: 3 }, [['hello', 'select', 'client setname']]],
    ['with a ready check', { enableReadyCheck: true }, [['hello', 'client setname'], ['info']]],
    ['with RESP2', { protocol: 2 as const }, [['auth', 'client setname']]],
  ])('%s takes as many round trips as packets', async (_what, options, packets) => {
    await using tap = await startTap(server.port);
    const factory = redisFactory({ port: tap.port, password: 'first', ...options });
    const redis = await factory.create(context);
    const sent = tap.packets.map((packet) => commandsIn(packet).toSorted());
    expect(sent).toEqual(packets.map((packet) => packet.toSorted()));
    await factory.destroy(redis, destroyContext);
  });

  it('asks for the credentials of that moment', async () => {
    const admin = redisFactory({ port: server.port, password: 'first' });
    const redis = await admin.create(context);
    await redis.acl('SETUSER', 'rotating', 'on', '>one', '+@all');
    const password = vi.fn<() => string | Promise<string>>();
    password.mockReturnValueOnce('one').mockResolvedValueOnce('two').mockResolvedValueOnce('one');
    const factory = redisFactory({ port: server.port, username: () => 'rotating', password });
    const first = await factory.create(context);
    await redis.acl('SETUSER', 'rotating', '<one', '>two');
    const second = await factory.create(context);
    expect(await second.acl('WHOAMI')).toBe('rotating');
    const refused: unknown = await Promise.resolve(factory.create(context)).catch(
      (e: unknown) => e,
    );
    expect(String(refused)).toMatch(/WRONGPASS/);
    expect(password).toHaveBeenCalledTimes(3);
    for (const one of [redis, first, second]) one.disconnect();
  });

  it('fails, to be tried again, when there are no credentials', async () => {
    const down = new Error('the vault is sealed');
    const thrown = redisFactory({ port: server.port, password: () => Promise.reject(down) });
    await expect(thrown.create(context)).rejects.toThrow('the vault is sealed');
    expect(thrown.classify?.(down)).toBe('transient');
    const nothing = redisFactory({ port: server.port, password: () => 7 as unknown as string });
    await expect(nothing.create(context)).rejects.toThrow(
      'the function password must return text (got number)',
    );
  });

  it('carries the name of the pool, for whoever looks at CLIENT LIST', async () => {
    const nameIn = async (name: string | undefined, options?: RedisConnectionOptions) => {
      const factory = redisFactory({ port: server.port, password: 'first', ...options });
      await using pool = new AdaptivePool({ name, factory });
      return pool.use((redis) => redis.client('GETNAME'));
    };
    expect(await nameIn('sessions')).toBe('sessions');
    expect(await nameIn('the jobs of Zoë')).toBe('the-jobs-of-Zo-');
    expect(await nameIn(undefined)).toBe('pool');
    expect(await nameIn('sessions', { connectionName: 'mine' })).toBe('mine');
  });
});

describe.each(['TLSv1.3', 'TLSv1.2'])('over %s', (protocol) => {
  const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-tls-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  let server: RedisServer;
  let port: number;

  beforeAll(async () => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
    execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    port = await freePort();
    const args = `--tls-port ${port} --tls-cert-file ${cert} --tls-key-file ${key}
      --tls-ca-cert-file ${cert} --tls-auth-clients no --tls-protocols ${protocol}`;
    server = await startRedisServer({ args: args.split(/\s+/) });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  it.each(['options', 'a URL'])('the second connection by %s continues the session', async (by) => {
    const tls = { ca: readFileSync(cert) };
    const factory =
      by === 'options'
        ? redisFactory({ host: 'localhost', port, tls })
        : redisFactory(`rediss://localhost:${port}`, { tls });
    const first = await factory.create(context);
    const second = await factory.create(context);
    const third = await factory.create(context);
    expect([first, second, third].map(isReused)).toEqual([false, true, true]);
    expect(await third.ping()).toBe('PONG');
    expect((third.stream as TLSSocket).authorized).toBe(true);
    for (const redis of [first, second, third]) redis.disconnect();
  });

  it('a certificate that nobody vouches for is refused each time', async () => {
    const factory = redisFactory(`rediss://localhost:${port}`);
    for (let time = 0; time < 2; time += 1) {
      await expect(factory.create(context)).rejects.toThrow('self-signed certificate');
    }
  });

  it.each([
    ['that nobody vouches for', 'localhost', () => ({})],
    ['of another host', '127.0.0.1', () => ({ ca: readFileSync(cert) })],
  ])('a certificate %s fails ready at once, for no retry mends it', async (_, host, tls) => {
    const factory = redisFactory({ host, port, tls: tls() });
    await using pool = new AdaptivePool({ factory, min: 1 });
    await expect(pool.ready()).rejects.toThrow(CreateFailedError);
  });
});

function isReused(redis: Redis): boolean {
  return (redis.stream as TLSSocket).isSessionReused();
}

/** Commands of a packet in lower case, with the subcommands of CLIENT. */
function commandsIn(packet: string): readonly string[] {
  return [...packet.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n(?:\$\d+\r\n(\w+))?/g)].map(
    ([, name = '', next = '']) =>
      (name.toLowerCase() === 'client' ? `client ${next}` : name).toLowerCase(),
  );
}

/** A way to a server that keeps what clients send, packet by packet. */
async function startTap(
  target: number,
): Promise<AsyncDisposable & { readonly port: number; readonly packets: readonly string[] }> {
  const packets: string[] = [];
  const tap = createServer((socket) => {
    const onward = connect({ host: '127.0.0.1', port: target });
    socket.on('data', (chunk) => packets.push(chunk.toString('latin1')));
    socket.pipe(onward).pipe(socket);
    socket.on('error', () => onward.destroy());
  });
  tap.listen(0, '127.0.0.1');
  await once(tap, 'listening');
  return {
    port: (tap.address() as AddressInfo).port,
    packets,
    async [Symbol.asyncDispose]() {
      tap.close();
      await once(tap, 'close');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
