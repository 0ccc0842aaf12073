import type { Redis } from 'ioredis';
import type { Redis as Redis5 } from 'ioredis-5';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  expectTypeOf,
  it,
  vi,
} from 'vitest';
import { AdaptivePool, CommandNeedsLeaseError, InvalidOptionsError } from '../../src/index.js';
import { redisCommands, redisFactory } from '../../src/redis/index.js';
import type { RedisCommands, RedisCommandsOptions } from '../../src/redis/index.js';
import { startRedisServer, startRespServer, type RedisServer } from '../../src/testing/index.js';
import { ioredisVersions } from '../support/ioredis-versions.js';

const needsLease = (command: string): object =>
  expect.objectContaining({ code: 'ERR_POOL_COMMAND_NEEDS_LEASE', command });

describe('the type of shared commands', () => {
  type Shared = RedisCommands<Redis>;

  it('keeps arguments and results', () => {
    const redis = {} as Shared;
    expectTypeOf(redis.get).toEqualTypeOf<Redis['get']>();
    expectTypeOf(redis.hgetall).toEqualTypeOf<Redis['hgetall']>();
    expectTypeOf(redis.getBuffer).toEqualTypeOf<Redis['getBuffer']>();
    expectTypeOf(redis.call).toEqualTypeOf<Redis['call']>();
    const value = (): Promise<string | null> => redis.get('key');
    const chain = (): ReturnType<Redis['pipeline']> => redis.pipeline().get('a').set('b', 1);
    const wrong = (): unknown => {
      // @ts-expect-error -- a key is needed
      void redis.get();
      // @ts-expect-error -- Redis knows no such option
      return redis.set('key', 'value', 'XY');
    };
    expectTypeOf(value).returns.resolves.toEqualTypeOf<string | null>();
    expectTypeOf(chain).toBeFunction();
    expectTypeOf(wrong).toBeFunction();
  });

  it('is that of the client in the pool', () => {
    expectTypeOf<RedisCommands<Redis5>['get']>().toEqualTypeOf<Redis5['get']>();
    const resp3 = {} as RedisCommands<Redis<'resp3'>>;
    expectTypeOf(resp3.hgetall).toEqualTypeOf<Redis<'resp3'>['hgetall']>();
    const pool = new AdaptivePool({ factory: redisFactory() });
    expectTypeOf(redisCommands(pool)).toEqualTypeOf<Shared>();
    // @ts-expect-error -- its connections know no commands
    void redisCommands(new AdaptivePool({ factory: { create: () => 1, destroy: () => {} } }));
  });

  it('has no commands that need a connection of their own, and nothing that is no command', () => {
    type Absent = 'blpop' | 'blpopBuffer' | 'watch' | 'subscribe' | 'select' | 'monitor' | 'wait';
    type NoCommand = 'duplicate' | 'connect' | 'on' | 'quit' | 'disconnect' | 'options' | 'status';
    expectTypeOf<keyof Shared & (Absent | NoCommand)>().toBeNever();
    expectTypeOf<'lpop' | 'xread' | 'multi' | 'pipeline'>().toExtend<keyof Shared>();
  });
});

describe.each(ioredisVersions)('shared commands with $version', ({ makeRedis }) => {
  let server: RedisServer;
  let pool: AdaptivePool<Redis>;
  let redis: RedisCommands<Redis>;

  beforeAll(async () => {
    server = await startRedisServer();
  });
  beforeEach(() => {
    const scripts = { plus: { lua: 'return ARGV[1] + 1', numberOfKeys: 0 } };
    const factory = redisFactory(() => makeRedis({ port: server.port, scripts }));
    pool = new AdaptivePool({ factory, max: 4 });
    redis = redisCommands(pool);
  });
  afterEach(async () => {
    await pool.use((own) => own.flushall());
    await pool.close({ deadlineMs: 0 });
  });
  afterAll(() => server.stop());

  it('answer as the client does', async () => {
    expect(await redis.set('key', 'value')).toBe('OK');
    expect(await redis.get('key')).toBe('value');
    expect(await redis.getBuffer('key')).toEqual(Buffer.from('value'));
    expect(await redis.call('GET', 'key')).toBe('value');
    expect(await redis.callBuffer('GET', 'key')).toEqual(Buffer.from('value'));
    await expect(redis.incr('key')).rejects.toThrow('not an integer');
    expect(pool.stats).toMatchObject({ acquired: 6, released: 6, inUse: 0 });
  });

  it('tell a callback', async () => {
    const heard = vi.fn<(error: unknown, value?: unknown) => void>();
    await redis.set('key', 'value', heard);
    await redis.incr('key', heard).catch(() => undefined);
    await new Promise(setImmediate);
    expect(heard.mock.calls).toEqual([
      [null, 'OK'],
      [expect.objectContaining({ message: expect.stringContaining('not an integer') })],
    ]);
  });

  it('send a pipeline together on one connection', async () => {
    const before = pool.stats.acquired;
    const pipeline = redis.pipeline().set('a', 1).incr('a').lpush('a', 'x').get('a');
    expect(pipeline.length).toBe(4);
    const wrongType = expect.objectContaining({ message: expect.stringContaining('WRONGTYPE') });
    const replies = [[null, 'OK'], [null, 2], [wrongType], [null, '2']];
    expect(await pipeline.exec()).toEqual(replies);
    expect(await pipeline.exec()).toEqual(replies);
    expect(await redis.pipeline([['get', 'a']]).exec()).toEqual([[null, '2']]);
    expect(await redis.pipeline().exec()).toEqual([]);
    expect(pool.stats.acquired - before).toBe(3);
  });

  it('send a transaction together on one connection', async () => {
    const replies = [
      [null, 'OK'],
      [null, 2],
    ];
    expect(await redis.multi().set('a', 1).incr('a').exec()).toEqual(replies);
    expect(
      await redis
        .multi([
          ['set', 'a', 1],
          ['incr', 'a'],
        ])
        .exec(),
    ).toEqual(replies);
    const inside = [['get', 'a'], ['multi'], ['incr', 'a'], ['exec'], ['get', 'a']];
    const all = [
      [null, '2'],
      [null, 'OK'],
      [null, 'QUEUED'],
      [null, [3]],
      [null, '3'],
    ];
    expect(await redis.pipeline(inside).exec()).toEqual(all);
    expect(pool.stats.inUse).toBe(0);
  });

  it.each([
    ['BLPOP', (own: Redis) => own.blpop('list', 1)],
    ['BLPOP', (own: Redis) => own.blpopBuffer('list', 1)],
    ['BLMOVE', (own: Redis) => own.blmove('a', 'b', 'LEFT', 'RIGHT', 1)],
    ['BZPOPMIN', (own: Redis) => own.bzpopmin('list', 1)],
    ['WAIT', (own: Redis) => own.wait(1, 10)],
    ['XREAD', (own: Redis) => own.xread('COUNT', 1, 'BLOCK', 5, 'STREAMS', 'stream', '$')],
    ['XREAD', (own: Redis) => own.call('xread', ['block', 5, 'streams', 'stream', '$'])],
    [
      'XREADGROUP',
      (own: Redis) => own.xreadgroup('GROUP', 'g', 'c', 'BLOCK', 1, 'STREAMS', 's', '>'),
    ],
    [
      'XREADGROUP',
      (own: Redis) => own.call('XREADGROUP', 'BLOCK', 1, 'GROUP', 'g', 'c', 'STREAMS', 's', '>'),
    ],
    [
      'XREADGROUP',
      (own: Redis) =>
        own.call('xreadgroup', 'count', 1, 'block', 1, 'group', 'g', 'c', 'streams', 's', '>'),
    ],
    ['WATCH', (own: Redis) => own.watch('key')],
    ['UNWATCH', (own: Redis) => own.unwatch()],
    ['MULTI', (own: Redis) => own.multi({ pipeline: false })],
    ['MULTI', (own: Redis) => own.call('Multi')],
    ['EXEC', (own: Redis) => own.exec()],
    ['DISCARD', (own: Redis) => own.discard()],
    ['SUBSCRIBE', (own: Redis) => own.subscribe('news')],
    ['PSUBSCRIBE', (own: Redis) => own.psubscribe('news')],
    ['SSUBSCRIBE', (own: Redis) => own.ssubscribe('news')],
    ['MONITOR', (own: Redis) => own.monitor()],
    ['SELECT', (own: Redis) => own.select(1)],
    ['SELECT', (own: Redis) => own.call('SELECT', '1')],
    ['CLIENT', (own: Redis) => own.client('REPLY', 'OFF')],
    ['CLIENT', (own: Redis) => own.client('SETNAME', 'x')],
    ['CLIENT', (own: Redis) => own.call('client', ['tracking', 'on'])],
    ['AUTH', (own: Redis) => own.auth('secret')],
    ['HELLO', (own: Redis) => own.hello(3)],
    ['RESET', (own: Redis) => own.reset()],
    ['QUIT', (own: Redis) => own.quit()],
    ['READONLY', (own: Redis) => own.readonly()],
    ['SCRIPT', (own: Redis) => own.script('DEBUG', 'YES')],
    ['BLPOP', (own: Redis) => own.pipeline().set('sent', 1).blpop('list', 0).exec()],
    ['WATCH', (own: Redis) => own.pipeline([['call', 'watch', 'key']]).exec()],
    ['SELECT', (own: Redis) => own.multi().set('sent', 1).select(2).exec()],
    ['EXEC', (own: Redis) => own.pipeline().call('exec').exec()],
  ])('refuse %s, and send nothing', async (command, send) => {
    const failure = await Promise.resolve(send(redis as unknown as Redis)).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(CommandNeedsLeaseError);
    expect(failure).toEqual(needsLease(command));
    expect((failure as Error).message).toContain('pool.use()');
    expect(pool.stats.acquired).toBe(0);
    expect(await redis.exists('sent')).toBe(0);
  });

  it('let pass what only sounds like it', async () => {
    expect(await redis.client('GETNAME')).toBeNull();
    expect(await redis.client('ID')).toBeGreaterThan(0);
    await redis.xadd('block', '*', 'field', 'value');
    expect(await redis.xread('STREAMS', 'block', '0')).toHaveLength(1);
    await redis.xgroup('CREATE', 'block', 'block', '0');
    const group = ['GROUP', 'block', 'block', 'COUNT', 1, 'STREAMS', 'block', '>'] as const;
    expect(await redis.call('xreadgroup', ...group)).toHaveLength(1);
    await redis.xadd('block', '*', 'field', 'value');
    const last = ['COUNT', 1, 'GROUP', 'block', 'block', 'STREAMS', 'block', '>'] as const;
    expect(await redis.call('xreadgroup', ...last)).toHaveLength(1);
  });

  it('know the commands that the clients define', async () => {
    const own = redisCommands(pool, { scripts: ['plus'] }) as unknown as {
      plus(value: number): Promise<number>;
      pipeline(): { plus(value: number): { exec(): Promise<unknown> } };
    };
    expect(await own.plus(1)).toBe(2);
    expect(await own.pipeline().plus(2).exec()).toEqual([[null, 3]]);
    const missing = redisCommands(pool, { scripts: ['minus'] }) as unknown as {
      minus(): Promise<unknown>;
    };
    await expect(missing.minus()).rejects.toThrow('the client has no command minus');
  });
});

describe('options of shared commands', () => {
  it.each([
    ['timeoutMs', { timeoutMs: -3 }, 'must be a number from 0 to Infinity, got -3'],
    ['priority', { priority: 'urgent' }, 'must be one of high, normal, low, got "urgent"'],
    ['signal', { signal: {} }, 'must be an AbortSignal'],
    ['scripts', { scripts: 'plus' }, 'must be an array of names, got "plus"'],
    ['timeout', { timeout: 3 }, 'is not an option; known: '],
  ])('name a %s that cannot be, at once', (field, options, problem) => {
    const pool = new AdaptivePool({ factory: redisFactory() });
    const make = (): unknown => redisCommands(pool, options as RedisCommandsOptions);
    expect(make).toThrow(InvalidOptionsError);
    expect(make).toThrow(`${field} ${problem}`);
  });
});

describe('shared commands that get no connection', () => {
  it('are refused before one is opened', async () => {
    await using server = await startRespServer();
    await using pool = new AdaptivePool({ factory: redisFactory({ port: server.port }) });
    const redis = redisCommands(pool);
    await expect(redis.call('BLPOP', 'list', '0')).rejects.toEqual(needsLease('BLPOP'));
    await expect(redis.multi().call('watch', 'key').exec()).rejects.toEqual(needsLease('WATCH'));
    expect(server.opened).toBe(0);
  });

  it('wait as long as they are told, and are aborted', async () => {
    await using server = await startRespServer({ stallHandshake: true });
    await using pool = new AdaptivePool({
      factory: redisFactory({ port: server.port }),
      max: 1,
      destroyTimeoutMs: 10,
    });
    const hasty = redisCommands(pool, { timeoutMs: 0 });
    await expect(hasty.get('key')).rejects.toMatchObject({ code: 'ERR_POOL_ACQUIRE_TIMEOUT' });
    const abort = new AbortController();
    const reply = redisCommands(pool, { signal: abort.signal }).pipeline().get('key').exec();
    const reason = new Error('not wanted any more');
    abort.abort(reason);
    await expect(reply).rejects.toBe(reason);
  });
});
