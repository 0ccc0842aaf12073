import { describe, expect, it } from 'vitest';
import { harness, settled, watch } from '../support/pool-harness.js';

describe('shared work', () => {
  it('on a connection that the factory opens at once keeps exclusive callers off it', async () => {
    const { clock, pool } = harness({ max: 1 }, { create: 'ok' });
    const work = pool.run(() => clock.sleep(100));
    expect(pool.stats).toMatchObject({
      inUse: 1,
      idle: 0,
      shared: { connections: 1, inFlight: 1 },
    });
    expect(pool.tryAcquire()).toBe(null);
    await settled(work, clock);
    expect(pool.stats).toMatchObject({ inUse: 0, acquired: 1, released: 1 });
  });

  it('on a connection that is checked at once keeps exclusive callers off it', async () => {
    const { clock, pool } = harness({ min: 1, max: 1, validateAfterIdleMs: 0 });
    await settled(pool.ready(), clock);
    const work = pool.run(() => clock.sleep(100));
    expect(pool.stats).toMatchObject({
      inUse: 1,
      idle: 0,
      shared: { connections: 1, inFlight: 1 },
    });
    expect(pool.tryAcquire()).toBe(null);
    await settled(work, clock);
  });

  it('lets an exclusive caller in although the pool wants to grow and cannot', async () => {
    const { clock, factory, pool } = harness({ min: 1, max: 4 });
    await settled(pool.ready(), clock);
    factory.behaviours.create = 'rejects';
    const load = { isOver: false };
    const worker = async (): Promise<void> => {
      while (!load.isOver) await pool.run(() => clock.sleep(10));
    };
    const first = worker();
    await clock.advance(5);
    const second = worker();
    await clock.advance(100);
    const called = clock.now();
    const exclusive = watch(
      pool.use(() => 0, { timeoutMs: 30_000 }),
      clock,
    );
    await clock.advance(1_000);
    expect(exclusive.state).toBe('fulfilled');
    expect(exclusive.at).toBeLessThanOrEqual(called + 20);
    load.isOver = true;
    await clock.advance(100);
    await Promise.all([first, second]);
  });

  it('lets an exclusive caller in while a create hangs', async () => {
    const { clock, factory, pool } = harness({ min: 1, max: 4, createTimeoutMs: 10_000 });
    await settled(pool.ready(), clock);
    factory.behaviours.create = 'never';
    const load = { isOver: false };
    const worker = async (): Promise<void> => {
      while (!load.isOver) await pool.run(() => clock.sleep(10));
    };
    const workers = [worker()];
    await clock.advance(5);
    workers.push(worker());
    const called = clock.now();
    const exclusive = watch(
      pool.use(() => 0),
      clock,
    );
    await clock.advance(500);
    // The last connection stays shared for 50 ms, and then for what is under way on it.
    expect(exclusive.at).toBeLessThanOrEqual(called + 50 + 20);
    load.isOver = true;
    await clock.advance(100);
    await Promise.all(workers);
  });

  it('is refused like anybody when the queue is full, and waits for nothing', async () => {
    const { clock, pool } = harness({ min: 2, max: 2, sharedPerConnection: 1, maxPending: 1 });
    await settled(pool.ready(), clock);
    const held = await pool.acquire();
    const under = pool.run(() => clock.sleep(100));
    const waiting = watch(pool.acquire(), clock);
    const refused = watch(
      pool.run(() => 0),
      clock,
    );
    await clock.advance(0);
    expect(refused.reason).toMatchObject({ code: 'ERR_POOL_QUEUE_FULL' });
    expect(pool.stats).toMatchObject({ pending: 1, rejected: 1 });
    held.release();
    await clock.advance(100);
    await under;
    waiting.value?.release();
  });

  it('gets a free connection although nobody may wait', async () => {
    const { clock, pool } = harness({ min: 1, max: 1, maxPending: 0 });
    await settled(pool.ready(), clock);
    expect(await pool.run((stub) => stub.id)).toBe(1);
  });

  it('that does not wait leaves nothing in the queue', async () => {
    const { clock, pool } = harness({ max: 1 }, { create: 'never' });
    const late = watch(
      pool.run(() => 0, { timeoutMs: 0 }),
      clock,
    );
    expect(pool.stats).toMatchObject({ pending: 0 });
    const closed = watch(pool.close({ deadlineMs: Infinity }), clock);
    await clock.advance(10_000);
    expect([late.state, closed.state]).toEqual(['rejected', 'fulfilled']);
  });

  it('that is refused is one rejection, and one timeout when it was too late', async () => {
    const { clock, pool } = harness({ max: 1, failFastAfter: 1 }, { create: 'rejects' });
    const refused = watch(
      pool.run(() => 0),
      clock,
    );
    await clock.advance(0);
    expect(refused.state).toBe('rejected');
    expect(pool.stats).toMatchObject({ rejected: 1, timeouts: 0 });
  });

  it('counts for maxUses, piece by piece', async () => {
    const { clock, factory, pool } = harness({ min: 1, max: 1, maxUses: 4 });
    await settled(pool.ready(), clock);
    for (let turn = 0; turn < 4; turn += 1) {
      expect(factory.destroyed).toEqual([]);
      await settled(
        pool.run(() => 0),
        clock,
      );
    }
    expect(factory.destroyed).toEqual([{ id: 1, reason: 'max-uses' }]);
  });

  it('uses each connection once when maxUses is 1', async () => {
    const { clock, pool } = harness({ maxUses: 1 });
    const ids = Array.from({ length: 6 }, () => pool.run(({ id }) => id));
    expect(await settled(Promise.all(ids), clock, 1_000)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('that waits when the pool closes is served, also when its connections wear out or die', async () => {
    const { clock, factory, pool } = harness({ max: 2, maxUses: 5 });
    const work = Array.from({ length: 30 }, () => pool.run(() => clock.sleep(5)));
    const late = watch(Promise.all(work), clock);
    const closed = watch(pool.close(), clock);
    await clock.advance(12);
    factory.stubs[0]?.die();
    await clock.advance(1_000);
    expect([late.state, closed.state]).toEqual(['fulfilled', 'fulfilled']);
    expect(pool.stats).toMatchObject({ size: 0, pending: 0 });
    await expect(pool.run(() => 0)).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' });
  });

  it('that waits goes on at once when a connection takes more', async () => {
    const { clock, pool } = harness({ min: 1, max: 1, sharedPerConnection: 1 });
    await settled(pool.ready(), clock);
    const slow = pool.run(() => clock.sleep(500));
    const late = watch(
      pool.run(() => 'done'),
      clock,
    );
    pool.reconfigure({ sharedPerConnection: 10 });
    await clock.advance(0);
    expect(late.state).toBe('fulfilled');
    await clock.advance(500);
    await slow;
  });

  it('on its way to a connection that a forced close takes is not done', async () => {
    const { clock, pool } = harness({ max: 1 });
    let done = 0;
    const work = Array.from({ length: 300 }, (_, caller) =>
      pool.run((stub) => {
        done += stub.id;
        if (caller === 0) void pool.close({ deadlineMs: 0 });
        return clock.sleep(1);
      }),
    );
    const ends = await settled(Promise.allSettled(work), clock, 1_000);
    const refused = ends.filter(({ status }) => status === 'rejected');
    // Who waits goes on in parts, and the close comes between two of them.
    expect([done, refused.length]).toEqual([256, 44]);
    expect(refused).toEqual(
      refused.map(() =>
        expect.objectContaining({ reason: expect.objectContaining({ code: 'ERR_POOL_CLOSED' }) }),
      ),
    );
  });
});
