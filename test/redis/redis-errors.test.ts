import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../src/errors.js';
import { redisFactory } from '../../src/redis/index.js';
import { cleanRedisError } from '../../src/redis/redis-errors.js';

function replyError(message: string, command: string): Error {
  return Object.assign(new Error(message), { command: { name: command, args: ['secret'] } });
}

describe('sorting of Redis errors', () => {
  it.each([
    ['permanent', new Error('WRONGPASS invalid username-password pair or user is disabled.')],
    ['permanent', new Error('NOAUTH Authentication required.')],
    ['permanent', new Error("NOPERM this user has no permissions to run the 'select' command")],
    ['permanent', new Error('ERR invalid password')],
    ['permanent', replyError('ERR DB index is out of range', 'select')],
    ['permanent', new Error('DENIED Redis is running in protected mode')],
    ['permanent', new InvalidOptionsError('Redis client', ['a Cluster'])],
    [
      'permanent',
      new Error(
        'All sentinels are unreachable and retry is disabled. Last error: WRONGPASS invalid',
      ),
    ],
    [
      'permanent',
      new Error(
        'All sentinels are unreachable and retry is disabled. Last error: ERR No such master with that name',
      ),
    ],
    ['permanent', replyError('NOAUTH Authentication required.', 'get')],
    ['server-limit', new Error('ERR max number of clients reached')],
    ['server-limit', new Error('ERR max number of clients + cluster connections reached')],
    ['transient', replyError("NOPERM this user has no permissions to run 'flushall'", 'flushall')],
    ['transient', Object.assign(new Error('getaddrinfo ENOTFOUND x'), { code: 'ENOTFOUND' })],
    ['transient', new Error('LOADING Redis is loading the dataset in memory')],
    ['transient', new Error('my own WRONGPASS')],
    ['transient', 'WRONGPASS'],
    ['transient', undefined],
  ])('says %s of %s', (kind, error) => {
    expect(redisFactory().classify?.(error)).toBe(kind);
  });
});

describe('cleaning of Redis errors', () => {
  it('takes out the arguments of commands and every secret, wherever they are', () => {
    const inner = replyError("ERR unknown command 'HELLO', beginning with: 'secret'", 'hello');
    const error = new AggregateError([new Error('first secret'), new Error('second')], '', {
      cause: inner,
    });
    const clean = cleanRedisError(error, ['secret']);
    expect(clean).toBeInstanceOf(AggregateError);
    expect(clean.message).toBe('first ***; second');
    expect(inspect(clean, { depth: 10, showHidden: true })).not.toContain('secret');
    expect(clean.cause).toMatchObject({ message: expect.stringContaining("'***'") as unknown });
  });

  it('says it plainly when all sentinels answered and none named a server', () => {
    const unnamed = new Error('All sentinels are unreachable and retry is disabled.');
    expect(cleanRedisError(unnamed, []).message).toBe(
      'the sentinels know no server in this role that is up',
    );
  });

  it('makes errors of what is none', () => {
    expect(cleanRedisError('a secret', ['secret'])).toEqual(new Error('a ***'));
  });
});
