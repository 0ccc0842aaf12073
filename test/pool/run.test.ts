import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { AcquireTimeoutError, PoolClosedError } from '../../src/errors.js';
import { harness, settled, watch, type Outcome } from '../support/pool-harness.js';
import type { Stub } from '../support/stub-factory.js';

describe('run', () => {
  it('lets many work on one connection at the same time', async () => {
    const { clock, factory, pool } = harness({ min: 1, max: 4 });
    await settled(pool.ready(), clock);
    const used = new Set<Stub>();
    const all = Array.from({ length: 100 }, (_, index) =>
      pool.run(async (stub) => {
        used.add(stub);
        await clock.sleep(10);
        return index;
      }),
    );
    expect(pool.stats).toMatchObject({
      inUse: 1,
      shared: { connections: 1, inFlight: 100, pending: 0, served: 100 },
    });
    await clock.advance(10);
    expect(await Promise.all(all)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(used.size).toBe(1);
    expect(factory.creates).toBe(1);
    expect(pool.stats).toMatchObject({ inUse: 0, acquired: 1, released: 1 });
  });

  it('opens the next connection when those that are shared are full, as the policy sees fit', async () => {
    const { clock, pool } = harness({ min: 1, max: 4, sharedPerConnection: 10 });
    await settled(pool.ready(), clock);
    const all = Array.from({ length: 40 }, () => pool.run(() => clock.sleep(1_000)));
    expect(pool.stats).toMatchObject({ inUse: 1, pending: 3, shared: { pending: 30 } });
    await clock.advance(500);
    expect(pool.stats).toMatchObject({ inUse: 4, pending: 0, shared: { inFlight: 40 } });
    await clock.advance(2_000);
    await Promise.all(all);
  });

  it('lets many who waited begin in their order, before who comes later, though the pool is closing', async () => {
    const { clock, factory, pool } = harness({ max: 4 });
    const begun: (number | string)[] = [];
    const all = Array.from({ length: 1_000 }, (_, index) =>
      pool.run(async () => {
        begun.push(index);
        // There is room, but not all of the others have begun.
        if (index === 0) {
          const later = pool.run(() => begun.push('later'));
          expect(pool.stats.shared.inFlight).toBe(1_001);
          void pool.close();
          await later;
        }
        await clock.sleep(10);
      }),
    );
    await clock.advance(20);
    await Promise.all(all);
    expect(begun).toEqual([...Array.from({ length: 1_000 }, (_, index) => index), 'later']);
    expect(factory.creates).toBe(1);
    expect(pool.stats).toMatchObject({ size: 0, closing: 0 });
  });

  it('gives what the work returns, promise or not, and throws what it throws', async () => {
    const { clock, pool } = harness({ min: 1 });
    await settled(pool.ready(), clock);
    expect(await pool.run((stub) => stub.id)).toBe(1);
    expect(await pool.run(() => Promise.resolve('later'))).toBe('later');
    const thrown = new Error('at once');
    await expect(
      pool.run(() => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    await expect(pool.run(() => Promise.reject(thrown))).rejects.toBe(thrown);
    expect(pool.stats).toMatchObject({ inUse: 0, idle: 1, shared: { inFlight: 0 } });
  });

  it('ends for work that returns a promise of which nothing can be asked', async () => {
    const { clock, pool } = harness({ max: 1 });
    const odd = (): Promise<never> =>
      Object.defineProperty(new Promise<never>(() => undefined), 'constructor', {
        get: () => {
          throw new Error('odd');
        },
      });
    // Waits for a connection, and finds one.
    for (let call = 0; call < 2; call += 1) {
      const end = watch(pool.run(odd), clock);
      await clock.advance(100);
      expect(end.state).toBe('rejected');
      expect(pool.stats).toMatchObject({ inUse: 0, shared: { inFlight: 0 } });
    }
  });

  it('waits no longer than timeoutMs, and says so', async () => {
    const { clock, pool } = harness({ max: 1 });
    const lease = await settled(pool.acquire(), clock);
    const late = watch(
      pool.run(() => 0, { timeoutMs: 30 }),
      clock,
    );
    const start = clock.now();
    await clock.advance(100);
    expect(late).toMatchObject({ state: 'rejected', at: start + 30 });
    expect(late.reason).toBeInstanceOf(AcquireTimeoutError);
    expect(pool.stats).toMatchObject({ pending: 0, timeouts: 1 });
    lease.release();
  });

  it('reports no wait that is longer than that of a caller, when callers come and give up one after the other', async () => {
    const { clock, pool } = harness({ max: 1 });
    const lease = await settled(pool.acquire(), clock);
    const oldest: number[] = [];
    const granted: number[] = [];
    pool.on('decision', ({ signals }) => oldest.push(signals.oldestWaitMs));
    pool.observe({
      arrived: () => {},
      granted: (waitMs) => granted.push(waitMs),
      released: () => {},
      created: () => {},
    });
    const callers: Outcome<number>[] = [];
    for (let nth = 0; nth < 50; nth += 1) {
      const asked = pool.run(() => 0, { timeoutMs: 30 });
      callers.push(watch(asked, clock));
      await clock.advance(20);
    }
    lease.release();
    await clock.advance(0);
    expect(callers.filter(({ state }) => state === 'fulfilled')).toHaveLength(1);
    expect(granted).toEqual([20]);
    expect(oldest.length).toBeGreaterThan(0);
    expect(Math.max(...oldest)).toBeLessThanOrEqual(30);
  });

  it('gives up when the signal is aborted, before or while it waits', async () => {
    const { clock, pool } = harness({ max: 1 });
    const lease = await settled(pool.acquire(), clock);
    const controller = new AbortController();
    const waiting = watch(
      pool.run(() => 0, { signal: controller.signal }),
      clock,
    );
    controller.abort('enough');
    await clock.advance(0);
    expect(waiting).toMatchObject({ state: 'rejected', reason: 'enough' });
    await expect(pool.run(() => 0, { signal: controller.signal })).rejects.toBe('enough');
    expect(pool.stats).toMatchObject({ pending: 0, aborted: 1 });
    lease.release();
  });

  it('refuses options that make no sense, and begins nothing', async () => {
    const { pool } = harness();
    const wrong = { priority: 'urgent' as 'high', timeoutMs: 1 };
    await expect(pool.run(() => 0, wrong)).rejects.toThrow(
      'priority must be one of high, normal, low, got "urgent"',
    );
    expect(pool.stats.shared.served).toBe(0);
  });

  it('takes nobody onto a connection after an error that is no answer, and closes it if it is not in order', async () => {
    const { clock, factory, pool } = harness({ min: 2, max: 2 });
    await settled(pool.ready(), clock);
    const slow = pool.run(() => clock.sleep(50));
    await expect(pool.run(() => Promise.reject(new Error('timed out')))).rejects.toThrow();
    factory.stub(2).isUsable = false;
    expect(await pool.run((stub) => stub.id)).toBe(1);
    await clock.advance(50);
    await slow;
    expect(factory.destroyed).toEqual([{ id: 2, reason: 'broken' }]);
  });

  it('goes on with a connection after an error that is an answer of the server', async () => {
    const { clock, factory, pool } = harness({ min: 2, max: 2 });
    factory.isAnswer = () => true;
    await settled(pool.ready(), clock);
    const slow = pool.run(() => clock.sleep(50));
    await expect(pool.run(() => Promise.reject(new Error('WRONGTYPE')))).rejects.toThrow();
    expect(await pool.run((stub) => stub.id)).toBe(2);
    await clock.advance(50);
    await slow;
    expect(factory.destroyed).toEqual([]);
  });

  it('closes a connection after an error that the factory calls permanent', async () => {
    const { clock, factory, pool } = harness({ min: 1 }, { classify: () => 'permanent' });
    await settled(pool.ready(), clock);
    await expect(pool.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(factory.destroyed).toEqual([{ id: 1, reason: 'broken' }]);
  });

  it('brings a connection that needs it back to its first state once the last has left it', async () => {
    const { clock, factory, pool } = harness({ min: 1 });
    await settled(pool.ready(), clock);
    const first = pool.run(() => clock.sleep(10));
    void pool.run((stub) => {
      stub.needsReset = true;
    });
    await clock.advance(5);
    expect(factory.resets).toBe(0);
    await clock.advance(5);
    await first;
    expect(factory.resets).toBe(1);
  });

  it('keeps the context of who calls, at once and after a wait', async () => {
    const { clock, pool } = harness({ max: 1 });
    const storage = new AsyncLocalStorage<string>();
    const late = storage.run('late', () => pool.run(() => storage.getStore()));
    expect(await settled(late, clock)).toBe('late');
    const soon = storage.run('soon', () => pool.run(() => storage.getStore()));
    expect(await soon).toBe('soon');
  });

  it('is awaited by close, and cut off at its deadline', async () => {
    const { clock, factory, pool } = harness({ min: 1 });
    await settled(pool.ready(), clock);
    const short = watch(
      pool.run(() => clock.sleep(20)),
      clock,
    );
    void pool.run(() => clock.sleep(1_000));
    const closed = watch(pool.close({ deadlineMs: 100 }), clock);
    await expect(pool.run(() => 0)).rejects.toBeInstanceOf(PoolClosedError);
    await clock.advance(50);
    expect([short.state, closed.state]).toEqual(['fulfilled', 'pending']);
    await clock.advance(50);
    expect(closed.state).toBe('fulfilled');
    expect(factory.live).toBe(0);
    await clock.advance(1_000);
    expect(pool.stats).toMatchObject({ size: 0, shared: { inFlight: 0, connections: 0 } });
  });

  it('lets waiters go when the pool closes with `pending: reject`', async () => {
    const { clock, pool } = harness({ max: 1, sharedPerConnection: 1 });
    const held = await settled(pool.acquire(), clock);
    const waiting = watch(
      pool.run(() => 0),
      clock,
    );
    void pool.close({ pending: 'reject' });
    await clock.advance(0);
    expect(waiting.reason).toBeInstanceOf(PoolClosedError);
    held.release();
  });

  it('is no leaked lease, however long there is always somebody on the connection', async () => {
    const { clock, pool } = harness({ min: 1, leakThresholdMs: 100 });
    const leaks: unknown[] = [];
    pool.on('leak', (event) => leaks.push(event));
    await settled(pool.ready(), clock);
    const work = [];
    for (let turn = 0; turn < 50; turn += 1) {
      work.push(pool.run(() => clock.sleep(20)));
      await clock.advance(10);
    }
    expect(pool.stats).toMatchObject({ oldestLeaseMs: null, shared: { connections: 1 } });
    await clock.advance(20);
    await Promise.all(work);
    expect(leaks).toEqual([]);
  });
});
