import { describe, expect, it } from 'vitest';
import { AcquireTimeoutError, CreateFailedError, OverloadedError } from '../../src/errors.js';
import { harness, settled, watch } from '../support/pool-harness.js';

describe('failFastAfter', () => {
  it('lets callers know the cause at once while nothing can be opened, and serves them when it can', async () => {
    const { clock, factory, pool } = harness({ failFastAfter: 3 }, { create: 'rejects' });
    const early = watch(pool.acquire({ timeoutMs: 10_000 }), clock);
    await clock.advance(500);
    expect(early.reason).toBeInstanceOf(CreateFailedError);
    expect(early.at).toBeLessThanOrEqual(150);
    const called = clock.now();
    const refused = watch(pool.acquire({ timeoutMs: 10_000 }), clock);
    await clock.advance(0);
    expect(refused).toMatchObject({ state: 'rejected', at: called });
    expect(refused.reason).toMatchObject({
      code: 'ERR_POOL_CREATE_FAILED',
      cause: { message: 'create rejected' },
    });
    factory.behaviours.create = 'ok';
    await clock.advance(1_000);
    (await settled(pool.acquire(), clock)).release();
  });

  it('is off unless asked for: callers wait for their deadline', async () => {
    const { clock, pool } = harness({}, { create: 'rejects' });
    const caller = watch(pool.acquire({ timeoutMs: 3_000 }), clock);
    await clock.advance(3_000);
    expect(caller).toMatchObject({ state: 'rejected', at: 3_000 });
    expect(caller.reason).toBeInstanceOf(AcquireTimeoutError);
  });
});

describe('priority', () => {
  it('decides who is served first', async () => {
    const { clock, pool } = harness({ max: 1 });
    const held = await settled(pool.acquire(), clock);
    const served: string[] = [];
    for (const priority of ['low', 'normal', 'high'] as const) {
      void pool.use(() => served.push(priority), { priority });
    }
    held.release();
    await clock.advance(10);
    expect(served).toEqual(['high', 'normal', 'low']);
  });

  it('that is unknown is refused by name, value and range', async () => {
    const { pool } = harness();
    await expect(pool.acquire({ priority: 'urgent' as 'high' })).rejects.toThrow(
      'priority must be one of high, normal, low, got "urgent"',
    );
  });
});

describe('overload', () => {
  it('refuses who cannot be served in time, once the pace is known', async () => {
    const { clock, pool } = harness({ max: 1, overload: { rejectLate: true } });
    const work = (): Promise<void> => clock.sleep(10);
    const all = Array.from({ length: 20 }, () =>
      watch(pool.use(work, { timeoutMs: 5_000 }), clock),
    );
    await clock.advance(70);
    const refused = watch(pool.use(work, { timeoutMs: 50 }), clock);
    await clock.advance(0);
    expect(refused.reason).toBeInstanceOf(OverloadedError);
    expect(refused.reason).toMatchObject({ code: 'ERR_POOL_OVERLOADED', waitedMs: 0 });
    await clock.advance(1_000);
    expect(all.every(({ state }) => state === 'fulfilled')).toBe(true);
  });

  it('keeps the wait of those who come short while a queue stands', async () => {
    const { clock, pool } = harness({
      max: 1,
      overload: { codelTargetMs: 5, codelIntervalMs: 100 },
    });
    const hog = watch(
      pool.use(() => clock.sleep(500)),
      clock,
    );
    await clock.advance(20);
    const early = watch(pool.acquire({ timeoutMs: 400 }), clock);
    await clock.advance(100);
    const called = clock.now();
    const late = watch(pool.acquire({ timeoutMs: 400 }), clock);
    await clock.advance(5);
    expect(late).toMatchObject({ state: 'rejected', at: called + 5 });
    expect(late.reason).toBeInstanceOf(OverloadedError);
    expect(early.state).toBe('pending');
    await clock.advance(1_000);
    expect(hog.state).toBe('fulfilled');
  });

  it('is changed field by field', () => {
    const { pool } = harness({ overload: { rejectLate: true } });
    pool.reconfigure({ overload: { codelTargetMs: 5 } });
    expect(pool.options.overload).toEqual({
      rejectLate: true,
      codelTargetMs: 5,
      codelIntervalMs: 100,
      newestFirst: false,
    });
    expect(() => pool.reconfigure({ overload: { codelTargetMs: -1 } })).toThrow(
      'overload.codelTargetMs must be a number from 0 to Infinity, got -1',
    );
  });
});
