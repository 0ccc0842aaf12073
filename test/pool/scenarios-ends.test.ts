import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { settled, watch } from '../support/pool-harness.js';
import { scenario, tookMs } from '../support/scenario.js';

describe('of the scenarios that pools are compared by, those of closing and of time', () => {
  it('22: a lease may come back while the pool closes, and after it', async () => {
    const made = scenario({ max: 2 });
    const { clock, factory, pool } = made;
    const soon = await settled(pool.acquire(), clock);
    const late = await settled(pool.acquire(), clock);
    const closed = watch(pool.close({ deadlineMs: 100 }), clock);
    await clock.advance(50);
    soon.release();
    await clock.advance(0);
    expect(factory.reasons).toEqual(['closed']);
    await clock.advance(60);
    expect(closed.state).toBe('fulfilled');
    late.release();
    expect(pool.stats).toMatchObject({ acquired: 2, released: 2, size: 0 });
    expect(factory.live).toBe(0);
    await made.finish();
  });

  it.each(['a create', 'the warming', 'a check', 'a reset', 'a goodbye'])(
    '22: closing in the middle of %s leaves nothing open',
    async (moment) => {
      const slow = { slowMs: 100 };
      const made = scenario({ min: moment === 'the warming' ? 4 : 0, validateAfterIdleMs: 5 });
      const { clock, factory, pool } = made;
      const calls = [];
      if (moment === 'the warming') {
        factory.behaviours.create = slow;
        void watch(pool.ready(), clock);
      } else if (moment === 'a create') {
        factory.behaviours.create = slow;
        calls.push(made.call(5));
      } else {
        Object.assign(factory.behaviours, { validate: slow, reset: slow, destroy: slow });
        const lease = await settled(pool.acquire(), clock);
        lease.resource.needsReset = moment === 'a reset';
        if (moment === 'a goodbye') lease.destroy();
        else lease.release();
        if (moment === 'a check') {
          await clock.advance(10);
          calls.push(made.call(5));
        }
      }
      await clock.advance(5);
      const { creating, checking, closing } = pool.stats;
      expect(creating + checking + closing).toBeGreaterThan(0);
      const closed = watch(pool.close(), clock);
      await clock.advance(1_000);
      expect(closed.state).toBe('fulfilled');
      // Those who waited are served first.
      expect(tookMs(calls)).toHaveLength(calls.length);
      expect(factory.live).toBe(0);
      await made.finish();
    },
  );

  it('22: closing again is the same closing, and nobody gets a connection any more', async () => {
    const made = scenario();
    const { clock, pool } = made;
    made.call(50);
    await clock.advance(20);
    const first = pool.close();
    expect(pool.close({ deadlineMs: 0 })).toBe(first);
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' });
    expect(pool.tryAcquire()).toBeNull();
    await settled(first, clock);
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' });
    await expect(pool.ready()).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' });
    await made.finish();
  });

  it('23: a lease that never comes back is waited for, then closed under its holder and named', async () => {
    const made = scenario({ max: 2 });
    const { clock, factory, pool } = made;
    const kept = await settled(pool.acquire(), clock);
    made.call(40);
    await clock.advance(15);
    const since = clock.now();
    const closed = watch(pool.close({ deadlineMs: 500 }), clock);
    await clock.advance(499);
    expect(closed.state).toBe('pending');
    expect(kept.resource.state).toBe('open');
    await clock.advance(1);
    expect(closed.at).toBe(since + 500);
    expect(closed.value).toEqual({ heldLeases: [{ id: 1, heldForMs: clock.now() - 10 }] });
    expect(factory.live).toBe(0);
    kept.release();
    await made.finish();
  });

  it.each([
    ['an event loop that stood still for 5 s', 5_000, 0],
    // What was needed so long ago may be closed, step by step.
    ['a machine that slept for 8 hours', 8 * 3_600_000, 0.5],
  ])('28: %s costs neither many connections nor the next callers', async (_what, leapMs, share) => {
    const made = scenario({ min: 2, max: 8, validateAfterIdleMs: 30_000 });
    const { clock, factory, pool } = made;
    for (let nth = 0; nth < 50; nth += 1) {
      for (let each = 0; each < 6; each += 1) made.call(40);
      await clock.advance(50);
    }
    const before = factory.live;
    expect(before).toBeGreaterThanOrEqual(4);
    clock.leap(leapMs);
    const calls = Array.from({ length: 6 }, () => made.call(5));
    await clock.advance(300);
    expect(tookMs(calls)).toHaveLength(6);
    expect(Math.max(...tookMs(calls))).toBeLessThanOrEqual(50);
    expect(pool.stats.destroyed).toBeLessThanOrEqual(share * before);
    await made.finish();
  });

  it('28: a wall clock that is set back by an hour changes nothing but the time of day', async () => {
    class SetBack extends VirtualClock {
      offsetMs = 0;
      override epoch(): number {
        return super.epoch() + this.offsetMs;
      }
    }
    const run = async (offsetMs: number): Promise<string[]> => {
      const clock = new SetBack(1_700_000_000_000);
      const made = scenario({ clock, min: 1, max: 8, maxLifetimeMs: 1_000_000 });
      const said: string[] = [];
      made.pool.on('decision', ({ message }) => said.push(message));
      for (let nth = 0; nth < 60; nth += 1) {
        if (nth === 30) clock.offsetMs = offsetMs;
        for (let each = 0; each < nth % 7; each += 1) {
          void made.pool.use(() => clock.sleep(30)).catch(() => {});
        }
        await clock.advance(50);
        await made.clock.advance(50);
      }
      void made.pool.close({ deadlineMs: 0 });
      await clock.advance(10_000);
      expect(made.pool.stats).toMatchObject({ size: 0, timeouts: 0 });
      return said;
    };
    expect(await run(-3_600_000)).toEqual(await run(0));
  });
});
