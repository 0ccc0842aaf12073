import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { inspect } from 'node:util';
import { AbstractConnector, type Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RedisConnectionOptions } from '../../src/redis/index.js';
import type { ResourceFactory } from '../../src/runtime/resource-factory.js';
import { backends, type Backend } from './redis-backends.js';

/** Options that clients of ioredis take, too. */
type Options = Omit<RedisConnectionOptions, 'username' | 'password'> & {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
};

/** Makes the factory under test for a server and further options. */
export type FactoryFor = (options: Options) => ResourceFactory<Redis>;

const neverAborted = new AbortController().signal;
const destroyContext = { signal: neverAborted, reason: 'closed' } as const;

/** Opens one connection and keeps what the pool would see of it. */
async function open(factory: ResourceFactory<Redis>, signal: AbortSignal = neverAborted) {
  const deaths: unknown[] = [];
  const redis = await factory.create({ signal, onDeath: (cause) => deaths.push(cause) });
  return { redis, deaths };
}

async function failureOf(factory: ResourceFactory<Redis>): Promise<Error> {
  const opened = await open(factory).catch((error: unknown) => error);
  if (!(opened instanceof Error)) throw new Error('it opened');
  return opened;
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Everything that must hold of a factory, whichever version of ioredis and way of making clients it uses. */
export function describeRedisFactory(title: string, factoryFor: FactoryFor): void {
  describe(title, () => {
    beforeEach(() => {
      // ioredis prints errors that nobody handles.
      vi.spyOn(console, 'error');
    });
    afterEach(() => {
      expect(console.error).not.toHaveBeenCalled();
      vi.restoreAllMocks();
    });

    it('rejects with the reason why it could not connect', async () => {
      const port = await closedPort();
      const error = await failureOf(factoryFor({ host: '127.0.0.1', port }));
      expect(error).toMatchObject({
        code: 'ECONNREFUSED',
        message: expect.stringContaining(String(port)),
      });
      const byName = await failureOf(factoryFor({ host: 'localhost', port }));
      expect(byName.message).toContain('ECONNREFUSED');
    });

    describe.each(backends)('on $backend', ({ start }) => {
      it('opens, uses, checks and closes a connection', async () => {
        await using server = await start({ password: 'geheim' });
        const factory = factoryFor({ ...at(server), password: 'geheim', db: 2 });
        const { redis, deaths } = await open(factory);
        expect(await redis.set('key', 'value')).toBe('OK');
        expect(await redis.get('key')).toBe('value');
        expect(await redis.client('INFO')).toMatch(/ db=2 /);
        expect(factory.isUsable?.(redis)).toBe(true);
        expect(factory.needsReset?.(redis)).toBe(false);
        expect(await factory.validate?.(redis, { signal: neverAborted })).toBe(true);
        await factory.destroy(redis, destroyContext);
        await vi.waitFor(() => expect(redis.status).toBe('end'));
        expect(factory.isUsable?.(redis)).toBe(false);
        expect(deaths).toEqual([]);
      });

      it.each([
        ['a wrong password', { password: 'wrong-secret' }, /^WRONGPASS/],
        ['a wrong user', { username: 'nobody', password: 'wrong-secret' }, /^WRONGPASS/],
        ['no password', {}, /^NOAUTH/],
      ])('rejects %s for good and repeats no credentials', async (_what, options, message) => {
        await using server = await start({ password: 'right-secret' });
        const factory = factoryFor({ ...at(server), ...options });
        const error = await failureOf(factory);
        expect(error.message).toMatch(message);
        expect(factory.classify?.(error)).toBe('permanent');
        expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret');
      });

      it.each([null, false])('takes the option tls: %s for none', async (tls) => {
        await using server = await start();
        const factory = factoryFor({ ...at(server), tls } as unknown as Options);
        const { redis } = await open(factory);
        expect(await redis.ping()).toBe('PONG');
        await factory.destroy(redis, destroyContext);
      });

      it('takes a plain stream of a Connector, whatever the option tls says', async () => {
        await using server = await start();
        const factory = factoryFor({ ...at(server), Connector: PlainConnector, tls: {} });
        const { redis } = await open(factory);
        expect(await redis.ping()).toBe('PONG');
        await factory.destroy(redis, destroyContext);
      });

      it('rejects a database that does not exist', async () => {
        await using server = await start();
        const factory = factoryFor({ ...at(server), db: 99 });
        const error = await failureOf(factory);
        expect(error.message).toContain('DB index is out of range');
        expect(factory.classify?.(error)).toBe('permanent');
      });

      it('gives up on a server that accepts and never answers when it is told to', async () => {
        await using server = await start();
        server.freeze();
        const abort = new AbortController();
        const opening = open(factoryFor(at(server)), abort.signal);
        const reason = new Error('the deadline passed');
        setImmediate(() => abort.abort(reason));
        await expect(opening).rejects.toBe(reason);
        await expect(open(factoryFor(at(server)), abort.signal)).rejects.toBe(reason);
      });

      it('reports a death once and at once', async () => {
        await using server = await start();
        const factory = factoryFor(at(server));
        const { redis, deaths } = await open(factory);
        await server.killAll();
        await vi.waitFor(() => expect(deaths).toHaveLength(1));
        expect(deaths[0]).toBeInstanceOf(Error);
        expect(factory.isUsable?.(redis)).toBe(false);
        expect(await factory.validate?.(redis, { signal: neverAborted })).toBe(false);
        await factory.destroy(redis, { signal: neverAborted, reason: 'died' });
        await new Promise(setImmediate);
        expect(deaths).toHaveLength(1);
        expect(redis.status).toBe('end');
      });

      it('reports a death when a borrower quits or takes the listeners off', async () => {
        await using server = await start();
        const quitter = await open(factoryFor(at(server)));
        await quitter.redis.quit();
        await vi.waitFor(() => expect(quitter.deaths).toHaveLength(1));
        const deaf = await open(factoryFor(at(server)));
        deaf.redis.removeAllListeners();
        await server.killAll();
        await vi.waitFor(() => expect(deaf.deaths).toHaveLength(1));
      });

      it('does not pass on a connection with a reply outstanding', async () => {
        await using server = await start();
        const factory = factoryFor({ ...at(server), commandTimeout: 250 });
        const { redis, deaths } = await open(factory);
        await expect(redis.blpop('empty', 0)).rejects.toThrow('Command timed out');
        expect(factory.isUsable?.(redis)).toBe(false);
        await factory.destroy(redis, destroyContext);
        expect(deaths).toEqual([]);
      });

      it('does not pass on a connection with a subscription', async () => {
        await using server = await start();
        const factory = factoryFor(at(server));
        const { redis } = await open(factory);
        await redis.subscribe('news');
        expect(factory.isUsable?.(redis)).toBe(false);
        expect(await factory.validate?.(redis, { signal: neverAborted })).toBe(false);
        await redis.unsubscribe('news');
        expect(factory.isUsable?.(redis)).toBe(true);
        await factory.destroy(redis, destroyContext);
      });

      it('brings a connection back to its database', async () => {
        await using server = await start();
        const factory = factoryFor({ ...at(server), db: 1 });
        const { redis } = await open(factory);
        await redis.set('home', 'yes');
        await redis.select(2);
        expect(factory.needsReset?.(redis)).toBe(true);
        await factory.reset?.(redis, { signal: neverAborted });
        expect(factory.needsReset?.(redis)).toBe(false);
        expect(await redis.get('home')).toBe('yes');
        await factory.destroy(redis, destroyContext);
      });

      it('closes a connection that blocks', async () => {
        await using server = await start();
        const factory = factoryFor(at(server));
        const { redis, deaths } = await open(factory);
        const popped = expect(redis.blpop('empty', 0)).rejects.toThrow('Connection is closed');
        await factory.destroy(redis, destroyContext);
        await popped;
        expect(deaths).toEqual([]);
      });

      it('stops waiting for a server that froze when it is told to', async () => {
        await using server = await start();
        const factory = factoryFor(at(server));
        const { redis, deaths } = await open(factory);
        server.freeze();
        const deadline = AbortSignal.timeout(5);
        expect(await factory.validate?.(redis, { signal: deadline })).toBe(false);
        await factory.destroy(redis, { signal: AbortSignal.timeout(5), reason: 'surplus' });
        await vi.waitFor(() => expect(redis.status).toBe('end'));
        expect(deaths).toEqual([]);
      });

      it('says when the server takes no more clients', async () => {
        await using server = await start({ maxclients: 1 });
        const factory = factoryFor(at(server));
        const { redis } = await open(factory);
        // Mostly a real Redis has closed the connection before it could be asked why.
        const errors = await Promise.all(Array.from({ length: 12 }, () => failureOf(factory)));
        for (const error of errors) {
          expect(error.message).toMatch(/max number of clients/);
          expect(factory.classify?.(error)).toBe('server-limit');
        }
        await factory.destroy(redis, destroyContext);
      });
    });
  });
}

function at({ host, port }: { host: string; port: number }): Options {
  return { host, port };
}

/** Connects without TLS before the client learns of it, as through a tunnel that somebody else made. */
class PlainConnector extends AbstractConnector {
  readonly #address: Backend;

  constructor(options: unknown) {
    super(0);
    this.#address = options as Backend;
  }

  override async connect(): Promise<Socket> {
    const { host, port } = this.#address;
    const socket = connect({ host, port });
    this.stream = socket;
    await once(socket, 'connect');
    return socket;
  }
}
