import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import { redisFactory } from '../../src/redis/index.js';
import { secretsOf } from '../../src/redis/redis-secrets.js';
import type { RedisLike } from '../../src/redis/redis-like.js';
import type { ResourceFactory } from '../../src/runtime/resource-factory.js';
import { startRespServer } from '../../src/testing/index.js';
import { freePort } from '../../src/testing/server-process.js';
import { everyView, Witness } from '../support/witness.js';

/** With characters that URLs encode. */
const SECRET = 'hunter2@#home';
const USER = 'app-user-7';
const LEAKS = /hunter2|home|app-user-7|BEGIN PRIVATE KEY/;

/** A server that answers whatever it is told with an error that repeats it, as old ones do. */
async function startParrot(): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const words = chunk
        .toString()
        .split('\r\n')
        .filter((word) => !/^[*$]\d*$/.test(word));
      const answer = `-ERR unknown command, with args beginning with: ${words.join("', '")}\r\n`;
      // One for each command of the handshake.
      socket.write(answer.repeat(chunk.toString().match(/^\*\d+/gm)?.length ?? 1));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function startRefusing(): Promise<number> {
  const server = await startRespServer({ password: 'another' });
  onTestFinished(() => server.close());
  return server.port;
}

/** Lets a pool fail to open a connection, and returns all that it said about it. */
async function saidBy(factory: ResourceFactory<RedisLike>): Promise<string> {
  const witness = new Witness();
  const pool = new AdaptivePool({
    factory,
    logger: witness.logger,
    min: 1,
    max: 2,
    tickMs: 10,
    acquireTimeoutMs: 50,
  });
  witness.watch(pool);
  const asked = [pool.ready(), pool.acquire()];
  const answers = Promise.allSettled(asked);
  await vi.waitFor(
    () => expect(witness.logged.join()).toContain('cannot open connections'),
    10_000,
  );
  asked.push(pool.acquire());
  const closed = pool.close({ deadlineMs: 0 });
  const outcomes = [...(await answers), ...(await Promise.allSettled(asked.slice(2)))];
  const reasons = outcomes.map((outcome) =>
    outcome.status === 'rejected' ? everyView(outcome.reason) : 'opened',
  );
  // The log speaks at the decision after the failure, callers hear of it before.
  await vi.waitFor(() => expect(witness.logged.join('\n')).toContain('cannot open connections'));
  await closed;
  const heard = witness.heard.map(({ payload }) => everyView(payload));
  const { options, stats, controllerState } = pool;
  const values = [pool, options, stats, controllerState, factory].map(everyView);
  const files = await witness.files();
  return [...reasons, ...heard, ...values, ...files, ...witness.logged].join('\n');
}

/** What a function that makes clients may throw: somebody else's error, with everything in it. */
function tellTale(): Error {
  const url = `redis://${USER}:${encodeURIComponent(SECRET)}@cache`;
  const reply = Object.assign(new Error(`cannot reach ${url}`), {
    command: { name: 'AUTH', args: [USER, SECRET] },
    options: { password: SECRET },
    previousErrors: [new Error(url)],
  });
  const all = new AggregateError([reply, new Error(url)], '', { cause: reply });
  return Object.assign(new Error(`fetched ${url}`, { cause: all }), { request: { url } });
}

/** Clients of a user's, whom he has taught something. */
function ownClients(port: number, teach: (redis: Redis) => void): ResourceFactory<Redis> {
  return redisFactory(() => {
    const redis = new Redis({ port, password: SECRET, username: USER, lazyConnect: true });
    teach(redis);
    return redis;
  });
}

describe('nothing that a pool of Redis connections says shows a credential', () => {
  it.each<[string, RegExp, () => Promise<ResourceFactory<RedisLike>>]>([
    [
      'a password that the server refuses',
      /WRONGPASS/,
      async () => redisFactory({ port: await startRefusing(), username: USER, password: SECRET }),
    ],
    [
      'a URL that the server refuses',
      /WRONGPASS/,
      async () => {
        const password = encodeURIComponent(SECRET);
        return redisFactory(`redis://${USER}:${password}@127.0.0.1:${await startRefusing()}`);
      },
    ],
    [
      'a server that repeats the arguments of AUTH',
      /unknown command/,
      async () => redisFactory({ port: await startParrot(), username: USER, password: SECRET }),
    ],
    [
      'a server that repeats the arguments of AUTH, RESP2',
      /unknown command/,
      async () =>
        redisFactory({
          port: await startParrot(),
          username: USER,
          password: SECRET,
          protocol: 2,
          enableReadyCheck: true,
        }),
    ],
    [
      'a URL and a server that repeats the arguments of AUTH',
      /unknown command/,
      async () => {
        const password = encodeURIComponent(SECRET);
        return redisFactory(`redis://${USER}:${password}@127.0.0.1:${await startParrot()}`);
      },
    ],
    [
      'a sentinel that repeats the arguments of AUTH',
      /unknown command|sentinels/,
      async () =>
        redisFactory({
          sentinels: [{ host: '127.0.0.1', port: await startParrot() }],
          name: 'main',
          sentinelUsername: USER,
          sentinelPassword: SECRET,
          password: SECRET,
        }),
    ],
    [
      'keys of TLS that are none',
      /PEM|key|SSL/i,
      async () =>
        redisFactory({
          port: await startRefusing(),
          tls: {
            key: `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----\n`,
            passphrase: SECRET,
          },
        }),
    ],
    [
      'a function that throws',
      /redis:\/\/\*\*\*@cache/,
      async () =>
        redisFactory(() => {
          throw tellTale();
        }),
    ],
    [
      'a function that rejects',
      /redis:\/\/\*\*\*@cache/,
      async () => redisFactory(() => Promise.reject<Redis>(tellTale())),
    ],
    [
      'a client of yours that fails with more than it should',
      /cannot connect/,
      async () => {
        return ownClients(await startRefusing(), (redis) => {
          redis.connect = () =>
            Promise.reject(
              new Error(`cannot connect as ${USER} with ${SECRET}`, { cause: tellTale() }),
            );
        });
      },
    ],
    [
      'a password that is replaced when it has been sent',
      /unknown command/,
      async () => {
        return ownClients(await startParrot(), (redis) => {
          redis.once('connect', () => {
            redis.options.username = undefined;
            redis.options.password = 'the-next-one';
          });
        });
      },
    ],
    [
      'a password with half a character in it, which no URL can have',
      /ECONNREFUSED/,
      async () => {
        const port = await freePort();
        return redisFactory({ port, username: USER, password: () => `${SECRET}\ud800` });
      },
    ],
  ])('%s', async (_what, expected, make) => {
    const said = await saidBy(await make());
    expect(said).toMatch(expected);
    expect(said).not.toMatch(LEAKS);
  });

  it('what a connection died of', async () => {
    await using server = await startRespServer();
    const deaths: unknown[] = [];
    const factory = redisFactory(
      () => new Redis({ port: server.port, password: SECRET, lazyConnect: true }),
    );
    const { signal } = new AbortController();
    const redis = await factory.create({ signal, onDeath: (cause) => deaths.push(cause) });
    redis.emit('error', Object.assign(new Error(`with ${SECRET}`), { cause: tellTale() }));
    const closed = once(redis, 'end');
    server.kill();
    await closed;
    expect(deaths).toMatchObject([{ message: 'with ***' }]);
    expect(everyView(deaths[0]).replaceAll(USER, '')).not.toMatch(LEAKS);
  });
});

it('a password that is a word of the message does not change what the error means', async () => {
  const server = await startRespServer({ password: 'another' });
  onTestFinished(() => server.close());
  const factory = redisFactory({ port: server.port, password: 'WRONGPASS' });
  const { signal } = new AbortController();
  const error: unknown = await Promise.resolve(
    factory.create({ signal, onDeath: () => undefined }),
  ).catch((reason: unknown) => reason);
  expect(String(error)).toContain('*** invalid username-password pair');
  expect(factory.classify?.(error)).toBe('permanent');
});

describe('options', () => {
  it.each(['username', 'password', 'sentinelUsername', 'sentinelPassword'])(
    'refuse a %s that is no text without repeating it',
    (field) => {
      expect(() => redisFactory({ [field]: 77_777 })).toThrow(
        new RegExp(
          `^invalid Redis connection: ${field} must be text( or a function)? \\(got number\\)$`,
        ),
      );
      expect(() => redisFactory({ [field]: [SECRET] as never })).toThrow('(got a list)');
    },
  );

  it('do not repeat a URL in the wrong place', () => {
    const db = `redis://:${SECRET}@host` as never;
    expect(() => redisFactory({ db })).toThrow('(got text, not repeated here)');
  });

  it('know every secret in them, the longest first', () => {
    const found = secretsOf({
      username: 'default',
      password: 'p w',
      sentinelPassword: 'sentinel-pw',
      tls: {
        key: [{ pem: 'pem-key', passphrase: 'key-phrase' }, Buffer.from('bytes')],
        pfx: 'archive',
        ca: 'public',
      },
    });
    expect(found).toEqual([
      'sentinel-pw',
      'key-phrase',
      'pem-key',
      'archive',
      'p%20w',
      'bytes',
      'p w',
    ]);
    expect(secretsOf({ password: '' })).toEqual([]);
    expect(secretsOf({ password: 'old' }, { password: 'newest\ud800' })).toEqual([
      'newest\ud800',
      'old',
    ]);
    expect(secretsOf(undefined)).toEqual([]);
  });
});
