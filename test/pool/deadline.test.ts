import { describe, expect, it } from 'vitest';
import type { AcquireTimeoutError } from '../../src/errors.js';
import type { Clock } from '../../src/runtime/clock.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { harness, settled, watch } from '../support/pool-harness.js';

describe('the deadline of an acquire', () => {
  it('covers the queue and the create together', async () => {
    const { clock, pool } = harness(
      { max: 1, acquireTimeoutMs: 100 },
      { create: { slowMs: 80 }, destroy: 'ok' },
    );
    const first = await settled(pool.acquire(), clock);
    const start = clock.now();
    const second = watch(pool.acquire(), clock);
    await clock.advance(50);
    // The connection that comes back is destroyed, so that a new one would be there 30 ms too late.
    first.destroy();
    await clock.advance(1_000);
    expect(second).toMatchObject({ state: 'rejected', at: start + 100 });
    expect(second.reason).toMatchObject({ code: 'ERR_POOL_ACQUIRE_TIMEOUT', timeoutMs: 100 });
  });

  it('covers the check before the lease', async () => {
    const { clock, pool } = harness(
      { min: 1, max: 1, acquireTimeoutMs: 100, validateAfterIdleMs: 0 },
      { validate: { slowMs: 150 } },
    );
    await settled(pool.ready(), clock);
    await clock.advance(10);
    const start = clock.now();
    const caller = watch(pool.acquire(), clock);
    await clock.advance(500);
    expect(caller).toMatchObject({ state: 'rejected', at: start + 100 });
    expect(pool.stats).toMatchObject({ idle: 1, checking: 0 });
  });

  it('is what the call says, if it says something', async () => {
    const { clock, pool } = harness({ acquireTimeoutMs: 1_000 }, { create: 'never' });
    const short = watch(pool.acquire({ timeoutMs: 30 }), clock);
    const usual = watch(pool.acquire(), clock);
    const used = watch(
      pool.use(() => 1, { timeoutMs: 60 }),
      clock,
    );
    await clock.advance(2_000);
    expect([short.at, used.at, usual.at]).toEqual([30, 60, 1_000]);
  });

  it('of 0 gives what is idle and refuses otherwise, and the pool begins to open', async () => {
    const { clock, pool } = harness({ min: 1, max: 1, acquireTimeoutMs: 0 });
    const cold = watch(pool.acquire(), clock);
    await clock.advance(20);
    expect(cold).toMatchObject({ state: 'rejected', at: 0 });
    const lease = await pool.acquire();
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'ERR_POOL_ACQUIRE_TIMEOUT' });
    lease.release();
  });

  it('of 0 does not wait, also for a caller who comes later in a turn than others', async () => {
    const virtual = new VirtualClock();
    let spent = 0;
    const clock: Clock = {
      // Code takes time: every look at the clock is a little later.
      now: () => virtual.now() + (spent += 0.001),
      epoch: () => virtual.epoch(),
      schedule: (delayMs, callback) => virtual.schedule(delayMs, callback),
      defer: (callback) => virtual.defer(callback),
    };
    const { pool } = harness({ clock }, { create: 'never' });
    pool.acquire().catch(() => {});
    const refused = pool.acquire({ timeoutMs: 0 });
    expect(pool.stats).toMatchObject({ pending: 1, timeouts: 1 });
    await expect(refused).rejects.toMatchObject({ code: 'ERR_POOL_ACQUIRE_TIMEOUT' });
  });

  it('of Infinity waits until the backend comes back', async () => {
    const { clock, factory, pool } = harness(
      { acquireTimeoutMs: Number.POSITIVE_INFINITY },
      { create: 'rejects' },
    );
    const caller = watch(pool.acquire(), clock);
    await clock.advance(600_000);
    expect(caller.state).toBe('pending');
    factory.behaviours.create = 'ok';
    await clock.advance(5_100);
    expect(caller.state).toBe('fulfilled');
  });

  it('leaves the create alone: a late connection is there for the next caller', async () => {
    const { clock, factory, pool } = harness(
      { min: 1, acquireTimeoutMs: 50 },
      { create: { slowMs: 80 } },
    );
    const caller = watch(pool.acquire(), clock);
    await clock.advance(60);
    expect(caller).toMatchObject({ state: 'rejected', at: 50 });
    await clock.advance(30);
    expect(pool.stats).toMatchObject({ idle: 1 });
    expect(factory.creates).toBe(1);
    expect(pool.tryAcquire()?.resource.id).toBe(1);
  });

  it('is kept by twenty thousand waiters at once, at a cost like that of serving them', async () => {
    const count = 20_000;
    const options = { max: 1, maxPending: count };
    const timed = async (timeoutMs: number, release: boolean): Promise<number> => {
      const { clock, pool } = harness(options);
      const lease = await settled(pool.acquire(), clock);
      const waiting = Array.from({ length: count }, () =>
        pool.acquire({ timeoutMs }).then(
          (served) => served.release(),
          (error: AcquireTimeoutError) => error.stats,
        ),
      );
      const start = performance.now();
      if (release) lease.release();
      else await clock.advance(timeoutMs);
      const ends = await Promise.all(waiting);
      const tookMs = performance.now() - start;
      // All timeouts of one sweep show the same snapshot.
      expect(new Set(ends).size).toBe(1);
      expect(pool.stats).toMatchObject({ pending: 0, timeouts: release ? 0 : count });
      return tookMs;
    };
    const granting = await timed(60_000, true);
    const expiring = await timed(100, false);
    expect(expiring).toBeLessThan(5 * granting + 50);
  });
});

describe('a create that outlives its own deadline', () => {
  it('is aborted and counted as failed, and closed if it arrives all the same', async () => {
    const { clock, factory, pool } = harness({ createTimeoutMs: 50 }, { create: { slowMs: 80 } });
    const failures: unknown[] = [];
    pool.on('create-error', (event) => failures.push(event));
    void pool.acquire().catch(() => {});
    await clock.advance(60);
    expect(failures).toMatchObject([
      {
        pool: 'p',
        id: 1,
        tookMs: 50,
        class: 'timeout',
        error: { code: 'ERR_POOL_CREATE_TIMEOUT' },
      },
    ]);
    expect(factory.signals[0]?.signal.aborted).toBe(true);
    await clock.advance(25);
    expect(factory.destroyed).toContainEqual({ id: 1, reason: 'late' });
    expect(pool.stats).toMatchObject({ created: 0, destroyed: 0 });
  });
});
