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

  it('called again with an earlier deadline ends earlier; a later one, or none, changes nothing', async () => {
    const { clock, pool } = harness();
    await settled(pool.acquire(), clock);
    const begunAt = clock.now();
    const closed = watch(pool.close({ deadlineMs: 60_000 }), clock);
    await clock.advance(1_000);
    void pool.close();
    void pool.close({ deadlineMs: 90_000 });
    await clock.advance(9_000);
    expect(closed.state).toBe('pending');
    void pool.close({ deadlineMs: 500 });
    await clock.advance(60_000);
    expect(closed).toMatchObject({ state: 'fulfilled', at: begunAt + 10_500 });
    expect(closed.value?.heldLeases).toEqual([{ id: 1, heldForMs: 10_500 }]);
    void pool.close({ deadlineMs: 0 });
    expect(clock.scheduled).toBe(0);
  });

  it("with pending 'reject' tells those who wait at once, and still awaits the leases", async () => {
    const { clock, pool } = harness({ max: 1 });
    const lease = await settled(pool.acquire(), clock);
    const waiting = Array.from({ length: 3 }, () => watch(pool.acquire(), clock));
    await clock.advance(20);
    const closed = watch(pool.close({ pending: 'reject' }), clock);
    const at = clock.now();
    await clock.advance(100);
    const rejection = { state: 'rejected', at, reason: { code: 'ERR_POOL_CLOSED', waitedMs: 20 } };
    expect(waiting).toMatchObject([rejection, rejection, rejection]);
    expect(pool.stats).toMatchObject({ pending: 0, rejected: 3, aborted: 0, inUse: 1 });
    expect(closed.state).toBe('pending');
    lease.release();
    await clock.advance(0);
    expect(closed).toMatchObject({ state: 'fulfilled', value: { heldLeases: [] } });
  });

  it("called again with pending 'reject' rejects who was still to be served", async () => {
    const { clock, pool } = harness({ max: 1 });
    const lease = await settled(pool.acquire(), clock);
    const controller = new AbortController();
    const waiting = watch(pool.acquire({ signal: controller.signal }), clock);
    const first = pool.close();
    await clock.advance(10);
    expect(waiting.state).toBe('pending');
    expect(pool.close({ pending: 'reject' })).toBe(first);
    await clock.advance(0);
    expect(waiting.reason).toMatchObject({ code: 'ERR_POOL_CLOSED' });
    controller.abort();
    lease.release();
    await expect(settled(first, clock)).resolves.toEqual({ heldLeases: [] });
  });

  it('says where a lease that is still out was acquired, when it was sampled', async () => {
    const { clock, pool } = harness({ leakSampling: 1 });
    const keepForEver = (): Promise<unknown> => pool.acquire();
    const kept = await settled(keepForEver(), clock);
    const { heldLeases } = await settled(pool.close({ deadlineMs: 10 }), clock);
    expect(heldLeases).toMatchObject([{ id: 1, heldForMs: 10 }]);
    expect(heldLeases[0]?.stack).toContain('keepForEver');
    expect(kept).toHaveProperty('isReleased', false);
  });

  it('while connections are opened, checked and reset at once leaves none behind', async () => {
    const { clock, factory, pool } = harness(
      { min: 3, max: 3, validateAfterIdleMs: 0 },
      { validate: 'never', reset: 'never' },
    );
    await settled(pool.ready(), clock);
    factory.behaviours.validate = 'ok';
    const used = await settled(pool.acquire(), clock);
    const broken = await settled(pool.acquire(), clock);
    factory.behaviours.validate = 'never';
    const waiting = watch(pool.acquire({ timeoutMs: Number.POSITIVE_INFINITY }), clock);
    used.resource.needsReset = true;
    used.release();
    broken.destroy();
    expect(pool.stats).toMatchObject({ creating: 1, checking: 2 });
    const at = clock.now();
    const closed = watch(pool.close({ deadlineMs: 0 }), clock);
    await clock.advance(5_000);
    expect(waiting.reason).toMatchObject({ code: 'ERR_POOL_CLOSED' });
    expect(closed).toMatchObject({ state: 'fulfilled', value: { heldLeases: [] } });
    expect(closed.at).toBeLessThanOrEqual(at + 10);
    expect(factory.live).toBe(0);
    expect(factory.signals.find(({ call }) => call === 'reset')?.signal.aborted).toBe(true);
  });

  it.each(['throws', 'rejects', 'never'] as const)(
    'ends although every destroy %s, at destroyTimeoutMs at the latest',
    async (destroy) => {
      const { clock, errors, pool } = harness({ min: 3, destroyTimeoutMs: 700 }, { destroy });
      const lease = await settled(pool.acquire(), clock);
      await settled(pool.ready(), clock);
      const at = clock.now();
      const closed = watch(pool.close({ deadlineMs: 50 }), clock);
      await clock.advance(2_000);
      expect(closed).toMatchObject({
        state: 'fulfilled',
        at: at + 50 + (destroy === 'never' ? 700 : 0),
      });
      expect(errors.map(({ operation }) => operation)).toEqual(Array(3).fill('destroy'));
      expect(pool.stats).toMatchObject({ size: 0, closing: 0, destroyed: 3 });
      expect(clock.scheduled).toBe(0);
      lease.release();
    },
  );

  it('ends every decision and every timer, whoever asks afterwards', async () => {
    const { clock, factory, pool } = harness({ min: 2 });
    await settled(pool.ready(), clock);
    await settled(pool.close(), clock);
    const decisions: unknown[] = [];
    pool.on('decision', (decision) => decisions.push(decision));
    expect(pool.tryAcquire()).toBeNull();
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' });
    pool.reconfigure({ min: 3 });
    pool.invalidateAll();
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

  it('refuses options that are wrong, and goes on', async () => {
    const { pool } = harness();
    await expect(pool.close({ deadlineMs: -1, pending: 'drop' as 'reject' })).rejects.toMatchObject(
      {
        code: 'ERR_POOL_INVALID_OPTIONS',
        problems: [
          'deadlineMs must be a number from 0 to Infinity, got -1',
          'pending must be one of serve, reject, got "drop"',
        ],
      },
    );
    expect(pool.tryAcquire()).toBeNull();
    expect(pool.stats.rejected).toBe(0);
  });
});
