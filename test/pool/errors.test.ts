import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AcquireTimeoutError, PoolError, QueueFullError } from '../../src/errors.js';
import { harness, settled } from '../support/pool-harness.js';

async function failure(promise: Promise<unknown>): Promise<AcquireTimeoutError> {
  const reason: unknown = await promise.then(
    () => new Error('nothing failed'),
    (error: unknown) => error,
  );
  return reason as AcquireTimeoutError;
}

describe('errors', () => {
  it('have a code, a name and the numbers of the pool', async () => {
    const { clock, pool } = harness({ name: 'sessions', max: 1, maxPending: 1 });
    const lease = await settled(pool.acquire(), clock);
    const waiting = pool.acquire({ timeoutMs: 50 });
    const full = await failure(pool.acquire());
    const timeout = await failure(settled(waiting, clock));
    expect(full).toBeInstanceOf(QueueFullError);
    expect(full.message).toBe(
      'sessions: too many callers wait (maxPending) (size 1/1, in use 1, creating 0, pending 1)',
    );
    expect(timeout).toBeInstanceOf(AcquireTimeoutError);
    expect(timeout).toBeInstanceOf(PoolError);
    expect(timeout).toMatchObject({
      name: 'AcquireTimeoutError',
      code: 'ERR_POOL_ACQUIRE_TIMEOUT',
      timeoutMs: 50,
      stats: { name: 'sessions', inUse: 1, timeouts: 1 },
    });
    expect(timeout.message).toBe(
      'sessions: no connection within 50 ms (size 1/1, in use 1, creating 0, pending 0)',
    );
    lease.release();
  });

  it('carry the last create failure, until a create succeeds', async () => {
    const { clock, factory, pool } = harness({ acquireTimeoutMs: 20 }, { create: 'rejects' });
    const first = await failure(settled(pool.acquire(), clock));
    expect(first.cause).toEqual(new Error('create rejected'));
    expect(first.message).toContain('; last create failed: create rejected)');
    factory.behaviours.create = 'ok';
    await clock.advance(10_000);
    await settled(pool.acquire(), clock);
    factory.behaviours.create = 'never';
    expect((await failure(settled(pool.acquire(), clock))).cause).toBeUndefined();
  });

  it('that arise in one sweep share one snapshot, and have a message but no stack', async () => {
    const { clock, pool } = harness({ acquireTimeoutMs: 20 }, { create: 'never' });
    const waiting = Array.from({ length: 3 }, () => failure(pool.acquire()));
    await clock.advance(20);
    const errors = await Promise.all(waiting);
    expect(new Set(errors.map(({ stats }) => stats)).size).toBe(1);
    const [error] = errors;
    expect(error?.stack).not.toContain('\n    at ');
    expect(inspect(error)).toContain('AcquireTimeoutError: p: no connection within 20 ms');
    expect(Object.isFrozen(error?.stats)).toBe(true);
    // Building the errors left the process as it was.
    expect(new Error('usual').stack).toContain('\n    at ');
  });
});
