import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AcquireTimeoutError, PoolError, QueueFullError } from '../../src/errors.js';
import { rejected } from '../../src/runtime/deferred.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { harness, settled } from '../support/pool-harness.js';
import { StubFactory } from '../support/stub-factory.js';

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
      'sessions: too many callers wait (maxPending) (size 1/1, in use 1, idle 0, creating 0, pending 1, oldest lease 0 ms). The only connection is in use: raise max, shorten what is done with a lease, or let fewer callers come.',
    );
    expect(timeout).toBeInstanceOf(AcquireTimeoutError);
    expect(timeout).toBeInstanceOf(PoolError);
    expect(timeout).toMatchObject({
      name: 'AcquireTimeoutError',
      code: 'ERR_POOL_ACQUIRE_TIMEOUT',
      timeoutMs: 50,
      waitedMs: 50,
      stats: { name: 'sessions', inUse: 1, timeouts: 1, oldestLeaseMs: 50 },
    });
    expect(timeout.message).toBe(
      'sessions: no connection within 50 ms (size 1/1, in use 1, idle 0, creating 0, pending 0, oldest lease 50 ms). The only connection is in use: raise max, or shorten what is done with a lease.',
    );
    expect(full.waitedMs).toBe(0);
    lease.release();
    expect(pool.stats.oldestLeaseMs).toBeNull();
  });

  it('say how long the caller really waited, and when the event loop was at fault', async () => {
    const clock = new VirtualClock();
    let blockedMs = 0;
    const { pool } = harness({
      max: 1,
      factory: new StubFactory(clock),
      clock: {
        now: () => clock.now() + blockedMs,
        epoch: () => clock.epoch(),
        schedule: (delayMs, callback) => clock.schedule(delayMs, callback),
        defer: (callback) => clock.defer(callback),
      },
    });
    await settled(pool.acquire(), clock);
    const late = failure(pool.acquire({ timeoutMs: 50 }));
    blockedMs = 350;
    await clock.advance(50);
    expect(await late).toMatchObject({
      waitedMs: 400,
      message: expect.stringMatching(/\. The timeout came 350 ms late: the event loop was blocked/),
    });
    const closed = failure(pool.acquire({ timeoutMs: 5_000 }));
    await clock.advance(30);
    void pool.close({ deadlineMs: 20 });
    await clock.advance(20);
    expect(await closed).toMatchObject({ code: 'ERR_POOL_CLOSED', waitedMs: 50 });
  });

  it('take another message, as errors do', async () => {
    const { clock, pool } = harness({ acquireTimeoutMs: 20 }, { create: 'never' });
    const error = await failure(settled(pool.acquire(), clock));
    error.message = `in checkout: ${error.message}`;
    expect(error.message).toMatch(/^in checkout: p: no connection within 20 ms/);
    expect(Object.keys(error)).not.toContain('message');
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

  it('say what connecting failed of, whatever the factory rejected with', async () => {
    const refused = ['::1:6379', '127.0.0.1:6379'].map((to) => new Error(`refused by ${to}`));
    const failures: readonly (readonly [unknown, string])[] = [
      [new AggregateError(refused), 'refused by ::1:6379; refused by 127.0.0.1:6379'],
      [Object.assign(new Error(''), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
      [Object.create(null), 'an error that is no text'],
    ];
    for (const [cause, text] of failures) {
      const { clock, factory, pool } = harness({ acquireTimeoutMs: 20 });
      factory.create = () => rejected(cause);
      const error = await failure(settled(pool.acquire(), clock));
      expect(error.message).toContain(`; last create failed: ${text})`);
    }
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
    expect(structuredClone(error)?.message).toBe(error?.message);
    // Figures beside the message would bury it.
    expect(inspect(error)).not.toContain('createFailures');
    // Building the errors left the process as it was.
    expect(new Error('usual').stack).toContain('\n    at ');
  });
});
