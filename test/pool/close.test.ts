import { describe, expect, it } from 'vitest';
import { harness, settled, watch } from '../support/pool-harness.js';

describe('close()', () => {
  it('resolves at once for a pool that opened nothing', async () => {
    const { pool } = harness({ min: 2 });
    expect(await pool.close()).toEqual({ heldLeases: [] });
  });

  it('serves those who wait, refuses those who come, and resolves when the last is gone', async () => {
    const { clock, factory, pool } = harness({ max: 1 }, { destroy: { slowMs: 30 } });
    const lease = await settled(pool.acquire(), clock);
    const waiting = watch(pool.acquire(), clock);
    const closed = watch(pool.close(), clock);
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' });
    await clock.advance(10);
    lease.release();
    await clock.advance(10);
    expect(waiting.state).toBe('fulfilled');
    const releasedAt = clock.now();
    waiting.value?.release();
    await clock.advance(100);
    expect(closed).toMatchObject({
      state: 'fulfilled',
      value: { heldLeases: [] },
      at: releasedAt + 30,
    });
    expect(factory.reasons).toEqual(['closed']);
    expect(factory.live).toBe(0);
  });

  it('opens a connection for those who wait, even then', async () => {
    const { clock, factory, pool } = harness({}, { create: 'rejects' });
    const waiting = watch(pool.acquire(), clock);
    await clock.advance(0);
    const closed = watch(pool.close(), clock);
    factory.behaviours.create = 'ok';
    await clock.advance(200);
    expect(waiting.state).toBe('fulfilled');
    waiting.value?.release();
    await clock.advance(0);
    expect(closed.state).toBe('fulfilled');
  });

  it('at its deadline closes connections under their holders and says whose', async () => {
    const { clock, factory, pool } = harness();
    const first = await settled(pool.acquire(), clock);
    await clock.advance(50);
    const second = await settled(pool.acquire(), clock);
    const closingAt = clock.now();
    const closed = watch(pool.close({ deadlineMs: 100 }), clock);
    await clock.advance(500);
    expect(closed).toMatchObject({ state: 'fulfilled', at: closingAt + 100 });
    expect(closed.value?.heldLeases.map(({ id }) => id)).toEqual([1, 2]);
    expect(closed.value?.heldLeases[1]?.heldForMs).toBe(100);
    expect(factory.reasons).toEqual(['closed', 'closed']);
    expect(() => first.resource).toThrow('p: the pool closed under this lease 400 ms ago');
    expect(() => first.release()).not.toThrow();
    expect(() => second.destroy()).not.toThrow();
    expect(() => second.destroy()).toThrow('p: this lease was already destroyed 0 ms ago');
  });

  it('at its deadline rejects who still waits', async () => {
    const { clock, pool } = harness({ max: 1 });
    await settled(pool.acquire(), clock);
    const waiting = watch(pool.acquire({ timeoutMs: Number.POSITIVE_INFINITY }), clock);
    void pool.close({ deadlineMs: 100 });
    await clock.advance(100);
    expect(waiting.reason).toMatchObject({ code: 'ERR_POOL_CLOSED' });
  });

  it('with deadline 0 waits for nobody', async () => {
    const { clock, pool } = harness();
    await settled(pool.acquire(), clock);
    const report = await settled(pool.close({ deadlineMs: 0 }), clock);
    expect(report.heldLeases).toEqual([{ id: 1, heldForMs: 0 }]);
  });

  it('gives up creates in flight, and closes what arrives all the same', async () => {
    const { clock, factory, pool } = harness({ min: 2 }, { create: { slowMs: 100 } });
    pool.tryAcquire();
    await clock.advance(10);
    const closed = watch(pool.close(), clock);
    const destroyed: unknown[] = [];
    pool.on('destroy', (event) => destroyed.push(event));
    expect(factory.signals.every(({ signal }) => signal.aborted)).toBe(true);
    await clock.advance(200);
    expect(closed).toMatchObject({ state: 'fulfilled', at: 100 });
    expect(factory.reasons).toEqual(['late', 'late']);
    expect(destroyed).toEqual([]);
    expect(pool.stats).toMatchObject({ created: 0, destroyed: 0, createsGivenUp: 2 });
  });

  it('does not wait for ever for creates that never end', async () => {
    const { clock, pool } = harness({ min: 2 }, { create: 'never' });
    pool.tryAcquire();
    const closed = watch(pool.close(), clock);
    await clock.advance(10_000);
    expect(closed).toMatchObject({ state: 'fulfilled', at: 2_000 });
  });

  it('gives up a check in flight', async () => {
    const { clock, factory, pool } = harness(
      { min: 1, max: 1, validateAfterIdleMs: 0 },
      { validate: 'never' },
    );
    await settled(pool.ready(), clock);
    void pool.acquire().catch(() => {});
    void pool.close({ deadlineMs: 100 });
    await clock.advance(100);
    expect(factory.signals.find(({ call }) => call === 'validate')?.signal.aborted).toBe(true);
    expect(factory.live).toBe(0);
  });

  it('may be called again and returns the same promise', async () => {
    const { clock, pool } = harness();
    await settled(pool.acquire(), clock);
    const first = pool.close({ deadlineMs: 100 });
    expect(pool.close({ deadlineMs: 5 })).toBe(first);
    await clock.advance(100);
    expect(pool.close()).toBe(first);
    await pool[Symbol.asyncDispose]();
  });

  it('ends every decision and every timer, whoever asks afterwards', async () => {
    const { clock, factory, pool } = harness({ min: 2 });
    await settled(pool.ready(), clock);
    await settled(pool.close(), clock);
    const decisions: unknown[] = [];
    pool.on('decision', (decision) => decisions.push(decision));
    expect(pool.tryAcquire()).toBeNull();
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' });
    pool.reconfigure({ min: 3 });
    pool.invalidate();
    await clock.advance(1_000);
    expect(decisions).toEqual([]);
    expect(clock.scheduled).toBe(0);
    expect(factory.creates).toBe(2);
  });

  it('may be called from a listener of a regular decision', async () => {
    const { clock, pool } = harness({ min: 2 });
    await settled(pool.ready(), clock);
    pool.on('decision', () => void pool.close());
    const lease = await pool.acquire();
    await clock.advance(200);
    lease.release();
    await settled(pool.close(), clock);
    expect(clock.scheduled).toBe(0);
  });

  it('refuses a deadline that is no duration', async () => {
    const { pool } = harness();
    await expect(pool.close({ deadlineMs: -1 })).rejects.toMatchObject({
      code: 'ERR_POOL_INVALID_OPTIONS',
    });
  });
});
