import { describe, expect, it } from 'vitest';
import { harness, settled, watch } from '../support/pool-harness.js';

// Code that runs for long between two calls: the clock moves, the event loop does not.
describe('in a long turn of the event loop', () => {
  it('a caller is told how long he waited, not how long the turn was', async () => {
    const { clock, pool } = harness({ max: 1 });
    const holder = await settled(pool.acquire(), clock);
    watch(pool.acquire(), clock);
    clock.leap(300);
    const calls: (() => Promise<unknown>)[] = [
      () => pool.acquire({ timeoutMs: 100 }),
      () => pool.run(() => 0, { timeoutMs: 100 }),
    ];
    for (const call of calls) {
      const late = watch(call(), clock);
      clock.leap(100);
      await clock.advance(0);
      expect(late).toMatchObject({ state: 'rejected', reason: { waitedMs: 100 } });
      expect((late.reason as Error).message).not.toContain('late');
    }
    holder.release();
  });

  it('a lease is as old as it is', async () => {
    const { clock, pool } = harness({ min: 2, max: 2, leakThresholdMs: 250, reclaimLeaks: true });
    await settled(pool.ready(), clock);
    const [first, second] = await Promise.all([pool.acquire(), pool.acquire()]);
    watch(pool.acquire(), clock);
    clock.leap(300);
    second.release();
    first.release();
    const lease = await pool.acquire();
    clock.leap(5);
    expect(pool.stats.oldestLeaseMs).toBe(5);
    await clock.advance(0);
    expect(lease.resource).toBeDefined();
  });

  it('an idle connection is checked by its own age', async () => {
    const { clock, factory, pool } = harness({ min: 2, max: 2, validateAfterIdleMs: 50 });
    await settled(pool.ready(), clock);
    const both = await Promise.all([pool.acquire(), pool.acquire()]);
    watch(pool.acquire(), clock);
    clock.leap(10);
    for (const lease of both) lease.release();
    clock.leap(60);
    const checked = pool.acquire();
    expect(factory.checks).toBe(1);
    await settled(checked, clock);
  });

  it('callers count as arrived at one instant: what their code costs is no rate', async () => {
    const { clock, pool } = harness({ max: 1 });
    const arrivals: number[] = [];
    pool.observe({
      arrived: (now) => arrivals.push(now),
      granted: () => {},
      released: () => {},
      created: () => {},
    });
    for (let caller = 0; caller < 3; caller += 1) {
      watch(pool.acquire(), clock);
      clock.leap(7);
    }
    watch(
      pool.run(() => 0),
      clock,
    );
    expect(arrivals).toEqual([0, 0, 0, 0]);
    await clock.advance(0);
    watch(pool.acquire(), clock);
    expect(arrivals.at(-1)).toBe(21);
  });
});
