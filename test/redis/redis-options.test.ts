import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../src/errors.js';
import { redisFactory } from '../../src/redis/index.js';
import type { RedisConnectionOptions } from '../../src/redis/index.js';
import { resolveConnection } from '../../src/redis/redis-options.js';

function problemsOf(make: () => unknown): readonly string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.problems;
    throw error;
  }
  return [];
}

describe('options of a pooled Redis connection', () => {
  it('get the defaults of a pool', () => {
    expect(resolveConnection(undefined, { port: 7_000 }).options).toEqual({
      port: 7_000,
      enableReadyCheck: false,
      disableClientInfo: true,
      keepAlive: 30_000,
      lazyConnect: true,
    });
  });

  it('let a tag for the client info be sent, wherever it stands', () => {
    const tagged = resolveConnection('redis://localhost?clientInfoTag=orders', {}).options;
    expect(tagged.disableClientInfo).toBe(false);
    expect(resolveConnection('redis://localhost', {}).options.disableClientInfo).toBe(true);
  });

  it('keep what the user decides', () => {
    const options = { connectionName: 'mine', enableReadyCheck: true, keepAlive: 0, db: 3 };
    expect(resolveConnection(undefined, options).options).toMatchObject(options);
  });

  it('check the role of the node with sentinels and leave retrying to the pool', () => {
    const sentinels = [{ host: '127.0.0.1', port: 26_379 }];
    const { options } = resolveConnection(undefined, { sentinels, name: 'main' });
    expect(options).toMatchObject({ enableReadyCheck: true, sentinelCommandTimeout: 1_000 });
    expect(options.sentinelRetryStrategy?.(1)).toBeNull();
  });

  it('are never changed', () => {
    const options = Object.freeze({
      host: '127.0.0.1',
      tls: Object.freeze({}),
      sentinels: Object.freeze([Object.freeze({ port: 1 })]) as { port: number }[],
      name: 'main',
    });
    expect(() => redisFactory(options)).not.toThrow();
    expect(() => redisFactory('redis://localhost', options)).not.toThrow();
  });

  it.each<[string, object, RegExp]>([
    ['retryStrategy', { retryStrategy: () => 1 }, /must be null: .* \(got a function\)$/],
    ['enableOfflineQueue', { enableOfflineQueue: true }, /must be false: .* \(got true\)$/],
    ['autoResubscribe', { autoResubscribe: true }, /must be false: .* \(got true\)$/],
    [
      'autoResendUnfulfilledCommands',
      { autoResendUnfulfilledCommands: true },
      /must be false: .* \(got true\)$/,
    ],
    ['monitor', { monitor: true }, /must be false/],
    ['failoverDetector', { failoverDetector: true }, /must be false: the pool listens/],
    ['role', { role: 'replica' }, /must be 'master' or 'slave' \(a replica\) \(got "replica"\)/],
    ['replyMapping', { replyMapping: 'resp3' }, /must be 'legacy': .* \(got "resp3"\)$/],
    ['db', { db: -1 }, /integer of at least 0 \(got -1\)$/],
    ['db', { db: 1.5 }, /integer of at least 0 \(got 1.5\)$/],
    ['port', { port: 65_536 }, /1\.\.65535 \(got 65536\)$/],
    ['connectionName', { connectionName: 'two words' }, /without spaces.* \(got "two words"\)$/],
    ['sentinels', { sentinels: [], name: 'main' }, /must not be empty/],
    ['name', { sentinels: [{ port: 1 }] }, /which master/],
    [
      'enableReadyCheck',
      { sentinels: [{ port: 1 }], name: 'main', enableReadyCheck: false },
      /must be true with sentinels/,
    ],
  ])('name a %s that cannot work, and why', (field, options, problem) => {
    const problems = problemsOf(() => redisFactory(options as RedisConnectionOptions));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(problems[0]?.startsWith(`${field} `)).toBe(true);
  });

  it('are reported all at once', () => {
    const options = { retryStrategy: () => 1, enableOfflineQueue: true, db: -1 };
    expect(problemsOf(() => redisFactory(options as object))).toHaveLength(3);
  });

  it('may say what the pool does anyway, or nothing', () => {
    redisFactory({
      lazyConnect: false,
      maxRetriesPerRequest: 3,
      retryStrategy: null,
      enableOfflineQueue: false,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      monitor: false,
      replyMapping: 'legacy',
      db: undefined,
    });
  });

  it.each([
    ['nonsense with-secret'],
    ['http://user:with-secret@host'],
    ['redis://user:with-secret@host:port'],
    ['redis://user:with-secret@host/db'],
    ['redis://user:with-secret@host/1?retryStrategy=1'],
    ['redis://:50%off-secret@host'],
    ['redis://50%off-secret@host'],
  ])('refuse the URL %s without repeating it', (url) => {
    const problems = problemsOf(() => redisFactory(url));
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain('secret');
  });

  it('are no client and no cluster', () => {
    const client = { status: 'wait', on: () => undefined, disconnect: () => undefined };
    expect(problemsOf(() => redisFactory(client as object))).toEqual([
      expect.stringContaining('one client is one connection'),
    ]);
    expect(problemsOf(() => redisFactory([{ port: 1 }] as object))).toEqual([
      expect.stringContaining('Cluster'),
    ]);
  });
});
