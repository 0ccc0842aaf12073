import { describe, expect, it } from 'vitest';
import { AcquireTimeoutError, LeaseReleasedError, QueueFullError } from '../../src/errors.js';
import { settled, watch } from '../support/pool-harness.js';
import { scenario, tookMs } from '../support/scenario.js';

describe('of the scenarios that pools are compared by, those of what callers do', () => {
  it('11: a connection that comes after its caller gave up stays in the pool for the next', async () => {
    const made = scenario({}, { create: { slowMs: 100 } });
    const { clock, factory, pool } = made;
    const early = watch(pool.acquire({ timeoutMs: 50 }), clock);
    await clock.advance(150);
    expect(early).toMatchObject({ state: 'rejected', at: 50 });
    expect(pool.stats).toMatchObject({ size: 1, idle: 1, createsGivenUp: 0 });
    const next = pool.tryAcquire();
    expect(next?.resource.id).toBe(1);
    next?.release();
    expect(factory.creates).toBe(1);
    await made.finish();
  });

  it('12: a caller who gives up at any moment of opening, checking and waiting leaves nothing behind', async () => {
    for (let atMs = 0; atMs <= 40; atMs += 1) {
      const made = scenario(
        { max: 1, validateAfterIdleMs: 5 },
        { validate: { slowMs: 10 }, reset: { slowMs: 10 } },
      );
      const { clock, pool } = made;
      // 10 ms opening, 5 ms in use, 5 ms idle, 10 ms checking, 5 ms in use.
      const others = [made.call(5)];
      const controller = new AbortController();
      const quitters = [0, 20].map((startMs) =>
        clock.sleep(startMs).then(() => pool.use(() => clock.sleep(5), controller)),
      );
      const outcomes = quitters.map((quitter) => watch(quitter, clock));
      await clock.advance(atMs);
      controller.abort();
      await clock.advance(100);
      for (const { state, reason } of outcomes) {
        if (state === 'rejected') expect(reason).toBe(controller.signal.reason);
        else expect(state).toBe('fulfilled');
      }
      others.push(made.call(5));
      await clock.advance(100);
      expect(tookMs(others)).toHaveLength(2);
      await made.finish();
    }
  });

  it.each(['never', 'throws', 'rejects'] as const)(
    '19: a goodbye that %s frees its place at its deadline and delays no caller',
    async (destroy) => {
      const made = scenario({ max: 2, destroyTimeoutMs: 300 }, { destroy });
      const { clock, errors, pool } = made;
      for (let nth = 0; nth < 2; nth += 1) {
        const lease = await settled(pool.acquire(), clock);
        lease.destroy();
      }
      const served = made.call(5, 100);
      await clock.advance(100);
      expect(tookMs([served])).toEqual([15]);
      await clock.advance(300);
      expect(pool.stats).toMatchObject({ closing: 0, destroyed: 2 });
      expect(errors.map(({ operation }) => operation)).toEqual(['destroy', 'destroy']);
      await made.finish();
    },
  );

  it.each<['throws' | 'never' | 'ok', string]>([
    ['throws', 'throws'],
    ['never', 'hangs'],
    ['ok', 'answers false'],
  ])(
    '20: a check that %s (%s) again and again is paid by the pool, within the time of the caller',
    async (validate, _what) => {
      const made = scenario(
        { min: 3, max: 3, validateAfterIdleMs: 10, validateTimeoutMs: 20 },
        { validate, isValid: false },
      );
      const { clock, factory, pool } = made;
      await settled(pool.ready(), clock);
      await clock.advance(50);
      const served = made.call(5, 200);
      await clock.advance(200);
      expect(served.outcome.state).toBe('fulfilled');
      // Each bad connection is checked once and replaced once.
      expect(factory.checks).toBeLessThanOrEqual(3);
      expect(factory.creates).toBeLessThanOrEqual(6);
      factory.behaviours.create = 'rejects';
      await clock.advance(100);
      const lost = watch(pool.acquire({ timeoutMs: 100 }), clock);
      const start = clock.now();
      await clock.advance(1_000);
      expect(lost).toMatchObject({ state: 'rejected', at: start + 100 });
      // Pauses between the creates that replace them.
      expect(pool.stats.createFailures).toBeLessThanOrEqual(10);
      Object.assign(factory.behaviours, { create: 'ok', validate: 'ok', isValid: true });
      await settled(pool.ready(), clock);
      await made.finish();
    },
  );

  it('21: a lease given back twice, and used after that, is refused and harms nobody', async () => {
    const made = scenario({ max: 1 });
    const { clock, pool } = made;
    const lease = await settled(pool.acquire(), clock);
    const stub = lease.resource;
    lease.release();
    const next = await settled(pool.acquire(), clock);
    expect(next.resource).toBe(stub);
    expect(() => lease.release()).toThrow(LeaseReleasedError);
    expect(() => lease.destroy()).toThrow(LeaseReleasedError);
    expect(() => lease.resource).toThrow(LeaseReleasedError);
    // A connection is given back by its lease alone, so nobody can give back a stranger's.
    expect(Object.keys(lease)).toEqual([]);
    expect(next.isReleased).toBe(false);
    expect(pool.stats).toMatchObject({ inUse: 1, size: 1 });
    expect(stub.state).toBe('open');
    next.release();
    await made.finish();
  });

  it('30: one caller too many is refused at once and by name; the others time out in the order they came', async () => {
    const callers = 100_000;
    const made = scenario({ max: 1, maxPending: callers }, { create: { slowMs: 1 } });
    const { clock, pool } = made;
    const holder = made.call(5_000);
    await clock.advance(1);
    const ended: number[] = [];
    const controller = new AbortController();
    for (let nth = 0; nth < callers; nth += 1) {
      const signal = nth % 100 === 50 ? controller.signal : undefined;
      pool.acquire({ timeoutMs: 1_000, signal }).catch((error: unknown) => {
        if (signal === undefined && error instanceof AcquireTimeoutError) ended.push(nth);
      });
    }
    const start = clock.now();
    const refused = [1, 2, 3].map(() => watch(pool.acquire(), clock));
    await clock.advance(0);
    for (const { at, reason } of refused) {
      expect(at).toBe(start);
      expect(reason).toBeInstanceOf(QueueFullError);
    }
    expect(pool.stats).toMatchObject({ pending: callers, rejected: 3 });
    controller.abort();
    expect(pool.stats).toMatchObject({ pending: callers - callers / 100, aborted: callers / 100 });
    await clock.advance(1_000);
    expect(ended).toHaveLength(callers - callers / 100);
    expect(ended.every((nth, index) => index === 0 || nth > (ended[index - 1] ?? 0))).toBe(true);
    expect(pool.stats).toMatchObject({ pending: 0, timeouts: ended.length });
    await clock.advance(5_000);
    expect(tookMs([holder])).toHaveLength(1);
    await made.finish();
  });
});
