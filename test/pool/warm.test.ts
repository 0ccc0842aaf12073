import { describe, expect, it } from 'vitest';
import { harness, settled, watch } from '../support/pool-harness.js';

describe('ready()', () => {
  it('resolves when min connections are open, and at once after that', async () => {
    const { clock, pool } = harness({ min: 3 });
    const ready = watch(pool.ready(), clock);
    await clock.advance(50);
    expect(ready).toMatchObject({ state: 'fulfilled', at: 10 });
    expect(pool.stats).toMatchObject({ size: 3, idle: 3 });
    await pool.ready();
  });

  it('resolves at once for min 0, and opens nothing', async () => {
    const { factory, pool } = harness({ min: 0 });
    await pool.ready();
    expect(factory.creates).toBe(0);
  });

  it('counts connections that are in use', async () => {
    const { clock, pool } = harness({ min: 1 });
    await settled(pool.acquire(), clock);
    await pool.ready();
  });

  it('waits again while a dead connection is being replaced', async () => {
    const { clock, factory, pool } = harness({ min: 1 });
    await settled(pool.ready(), clock);
    await clock.advance(2_000);
    factory.stub(1).die();
    const start = clock.now();
    const again = watch(pool.ready(), clock);
    await clock.advance(50);
    expect(again).toMatchObject({ state: 'fulfilled', at: start + 10 });
  });

  it('outlives failures that may pass', async () => {
    const { clock, factory, pool } = harness({ min: 2 }, { create: 'rejects' });
    const ready = watch(pool.ready(), clock);
    await clock.advance(300);
    expect(ready.state).toBe('pending');
    factory.behaviours.create = 'ok';
    await clock.advance(2_000);
    expect(ready.state).toBe('fulfilled');
  });

  it('rejects on a failure that retrying cannot mend, with the cause', async () => {
    const { clock, pool } = harness({ min: 2 }, { create: 'rejects', classify: () => 'permanent' });
    const ready = watch(pool.ready(), clock);
    await clock.advance(5);
    expect(ready).toMatchObject({
      state: 'rejected',
      at: 0,
      reason: { code: 'ERR_POOL_CREATE_FAILED', cause: { message: 'create rejected' } },
    });
  });

  it('rejects after readyTimeoutMs and says how far it got', async () => {
    const { clock, pool } = harness({ min: 2, readyTimeoutMs: 100 }, { create: 'never' });
    const ready = watch(pool.ready(), clock);
    await clock.advance(200);
    expect(ready).toMatchObject({ state: 'rejected', at: 100 });
    expect(String(ready.reason)).toContain('fewer than 2 connections after 100 ms (size 2/4');
  });

  it('rejects when the pool closes, and on a closed pool', async () => {
    const { clock, pool } = harness({ min: 1 }, { create: 'never' });
    const before = watch(pool.ready(), clock);
    void pool.close();
    const after = watch(pool.ready(), clock);
    await clock.advance(0);
    expect(before.reason).toMatchObject({ code: 'ERR_POOL_CLOSED' });
    expect(after.reason).toMatchObject({ code: 'ERR_POOL_CLOSED' });
  });

  it('notices that min was lowered', async () => {
    const { clock, factory, pool } = harness({ min: 2 });
    await settled(pool.ready(), clock);
    factory.behaviours.create = 'never';
    pool.reconfigure({ min: 4 });
    const ready = watch(pool.ready(), clock);
    await clock.advance(100);
    expect(ready.state).toBe('pending');
    pool.reconfigure({ min: 2 });
    await clock.advance(0);
    expect(ready.state).toBe('fulfilled');
  });
});

describe('min', () => {
  it('is restored after a death without anybody calling', async () => {
    const { clock, factory, pool } = harness({ min: 2 });
    await settled(pool.ready(), clock);
    await clock.advance(60_000);
    factory.stub(1).die(new Error('reset by peer'));
    factory.stub(2).die();
    await clock.advance(20);
    expect(pool.stats).toMatchObject({ idle: 2, created: 4, destroyed: 2 });
    expect(factory.reasons).toEqual(['died', 'died']);
  });

  it('is restored after failed creates, with pauses that grow', async () => {
    const { clock, factory, pool } = harness({ min: 1 }, { create: 'rejects' });
    pool.tryAcquire();
    await clock.advance(10_000);
    // 50 ms, 100 ms, ... to 1 s, each halved at most by chance.
    expect(factory.creates).toBeGreaterThanOrEqual(13);
    expect(factory.creates).toBeLessThanOrEqual(25);
    factory.behaviours.create = 'ok';
    await clock.advance(5_000);
    expect(pool.stats).toMatchObject({ idle: 1, gate: { state: 'open', failuresInARow: 0 } });
  });

  it('meets the same pauses however many callers wait', async () => {
    const { clock, factory, pool } = harness({ min: 0, max: 50 }, { create: 'rejects' });
    const callers = Array.from({ length: 500 }, () => watch(pool.acquire(), clock));
    await clock.advance(1_000);
    expect(factory.creates).toBeLessThanOrEqual(10);
    expect(callers.every(({ state }) => state === 'rejected')).toBe(true);
    expect(callers[0]?.reason).toMatchObject({ cause: { message: 'create rejected' } });
  });

  it('is restored when a create neither succeeds nor fails', async () => {
    const { clock, factory, pool } = harness({ min: 1, createTimeoutMs: 100 }, { create: 'never' });
    pool.tryAcquire();
    await clock.advance(50);
    factory.behaviours.create = 'ok';
    await clock.advance(200);
    expect(pool.stats).toMatchObject({ idle: 1, createFailures: 1 });
  });

  it('is kept when a create answers with nothing', async () => {
    const { clock, pool } = harness({ min: 1 });
    const { AdaptivePool } = await import('../../src/adaptive-pool.js');
    const failures: unknown[] = [];
    const empty = new AdaptivePool<undefined>({
      clock,
      factory: { create: () => undefined, destroy: () => {} },
    });
    empty.on('create-error', ({ error }) => failures.push(error));
    await expect(settled(empty.acquire(), clock)).rejects.toMatchObject({
      code: 'ERR_POOL_ACQUIRE_TIMEOUT',
    });
    expect(String(failures[0])).toContain('create returned undefined');
    expect(pool.stats.size).toBe(0);
  });
});

describe('invalidateAll()', () => {
  it('replaces idle connections now and the others when they come back', async () => {
    const { clock, factory, pool } = harness({ min: 3 });
    await settled(pool.ready(), clock);
    const lease = await pool.acquire();
    pool.invalidateAll();
    expect(lease.isReleased).toBe(false);
    expect(factory.reasons).toEqual(['invalidated', 'invalidated']);
    lease.release();
    await clock.advance(20);
    expect(factory.reasons).toEqual(['invalidated', 'invalidated', 'invalidated']);
    expect(pool.stats).toMatchObject({ idle: 3, created: 6, destroyed: 3 });
  });

  it('ends the pause after a create that failed: where the new server is, it may succeed', async () => {
    const { clock, factory, pool } = harness({ min: 1 });
    factory.behaviours.create = 'rejects';
    const ready = watch(pool.ready(), clock);
    await clock.advance(20);
    expect(pool.stats).toMatchObject({ creating: 0, gate: { state: 'backing-off' } });
    factory.behaviours.create = 'ok';
    pool.invalidateAll();
    await clock.advance(0);
    expect(ready.state).toBe('fulfilled');
  });

  it('ends one pause, and not the next, when creates fail at the same instant', async () => {
    const { clock, factory, pool } = harness({ min: 1 });
    factory.behaviours.create = 'throws';
    void watch(pool.ready(), clock);
    await clock.advance(0);
    for (let time = 0; time < 3; time += 1) pool.invalidateAll();
    expect(pool.stats).toMatchObject({ createFailures: 4, gate: { state: 'backing-off' } });
  });

  it('retires a connection whose create was in flight', async () => {
    const { clock, factory, pool } = harness({ min: 1 });
    const ready = watch(pool.ready(), clock);
    pool.invalidateAll();
    await clock.advance(50);
    expect(factory.reasons).toEqual(['invalidated']);
    expect(ready.state).toBe('fulfilled');
    expect(pool.stats).toMatchObject({ idle: 1, created: 2 });
  });
});
