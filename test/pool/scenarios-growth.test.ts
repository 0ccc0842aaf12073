import { describe, expect, it, onTestFinished } from 'vitest';
import { settled } from '../support/pool-harness.js';
import { scenario, tookMs, type Scenario, type Served } from '../support/scenario.js';

/** `count` callers at once. */
function burst(made: Scenario, count: number, holdMs: number): Served[] {
  return Array.from({ length: count }, () => made.call(holdMs));
}

describe('of the scenarios that pools are compared by, those of growing and shrinking', () => {
  it('1: a spike of 50 short requests at 5 warm connections is served by these and few more', async () => {
    const made = scenario({ min: 5, max: 50 }, { create: { slowMs: 150 } });
    await settled(made.pool.ready(), made.clock);
    const calls = burst(made, 50, 2);
    await made.clock.advance(1_000);
    expect(tookMs(calls)).toHaveLength(50);
    expect(Math.max(...tookMs(calls))).toBeLessThanOrEqual(40);
    expect(made.factory.creates - 5).toBeLessThanOrEqual(8);
    await made.finish();
  });

  it('2: 20 who hold for long get 20 connections, all at once', async () => {
    const made = scenario(
      { min: 0, max: 20, acquireTimeoutMs: 15_000 },
      { create: { slowMs: 1_000 } },
    );
    const calls = burst(made, 20, 20_000);
    await made.clock.advance(25_000);
    expect(tookMs(calls)).toHaveLength(20);
    expect(Math.max(...tookMs(calls))).toBeLessThanOrEqual(22_300);
    await made.finish();
  });

  it('3: 64 who keep what they get are all served by a cold pool', async () => {
    const made = scenario({ min: 0, max: 64, acquireTimeoutMs: 5_000 }, { create: { slowMs: 50 } });
    const calls = burst(made, 64, 30_000);
    await made.clock.advance(5_000);
    expect(made.pool.stats).toMatchObject({ acquired: 64, timeouts: 0, inUse: 64 });
    await made.clock.advance(30_000);
    expect(tookMs(calls)).toHaveLength(64);
    await made.finish();
  });

  it('4: when bursts of work stop, so does the opening', async () => {
    const made = scenario({ min: 1, max: 50 }, { create: { slowMs: 250 } });
    const { clock, factory } = made;
    for (let nth = 0; nth < 20; nth += 1) {
      burst(made, 25, 10);
      await clock.advance(100);
    }
    while (made.busy > 0) await clock.advance(1);
    const before = factory.creates;
    await clock.advance(20_000);
    expect(factory.creates - before).toBeLessThanOrEqual(1);
    await made.finish();
  });

  it.each([
    ['who wait long enough', 10_000],
    ['who give up and come again', 3_000],
  ])(
    '5: a pool that is too small for its callers does all that it can for those %s',
    async (_who, timeoutMs) => {
      const made = scenario({ min: 10, max: 10, maxPending: 100 });
      const { clock, pool } = made;
      await settled(pool.ready(), clock);
      const over = new AbortController();
      onTestFinished(() => over.abort());
      const client = async (): Promise<void> => {
        while (!over.signal.aborted)
          await pool.use(() => clock.sleep(1_000), { timeoutMs }).catch(() => clock.sleep(1));
      };
      const clients = Array.from({ length: 50 }, client);
      await clock.advance(10_000);
      const before = pool.stats.released;
      await clock.advance(20_000);
      // Ten at a time, one second each, make 200; the policy tries now and then whether nine would bring as much.
      expect(pool.stats.released - before).toBeGreaterThanOrEqual(180);
      if (timeoutMs === 10_000) expect(pool.stats.timeouts).toBe(0);
      over.abort();
      await clock.advance(10_000);
      await Promise.all(clients);
      await made.finish();
    },
  );

  it('6: callers whose patience is as long as their wait cost no connections', async () => {
    const made = scenario({ min: 0, max: 2 }, { create: { slowMs: 40 } });
    for (let ms = 0; ms < 5_000; ms += 5) {
      made.call(50, 50);
      await made.clock.advance(5);
    }
    await made.clock.advance(1_000);
    const { created, destroyed, timeouts } = made.pool.stats;
    expect(timeouts).toBeGreaterThan(500);
    expect(created).toBeLessThanOrEqual(4);
    expect(destroyed).toBeLessThanOrEqual(2);
    await made.finish();
  });

  it('24: min that is raised opens at once; max that is lowered below the use closes on return only', async () => {
    const made = scenario({ min: 1, max: 8, policy: 'fixed' });
    const { clock, factory, pool } = made;
    pool.reconfigure({ min: 6 });
    await settled(pool.ready(), clock);
    const leases = await Promise.all(Array.from({ length: 6 }, () => pool.acquire()));
    pool.reconfigure({ min: 1, max: 2 });
    await clock.advance(1_000);
    expect(factory.live).toBe(6);
    expect(pool.stats).toMatchObject({ inUse: 6, size: 6, max: 2 });
    expect(leases.map((lease) => lease.resource.state)).not.toContain('closed');
    for (const lease of leases) {
      expect(lease.resource.state).toBe('open');
      lease.release();
      await clock.advance(10);
    }
    expect(factory.live).toBeLessThanOrEqual(2);
    expect(new Set(factory.reasons)).toEqual(new Set(['surplus']));
    await made.finish();
  });

  it.each([1, 2, 5])(
    '25: shrinking to %i while a burst arrives closes nothing that is lent',
    async (max) => {
      const made = scenario({ min: 6, max: 6, policy: 'fixed' });
      await settled(made.pool.ready(), made.clock);
      const before = burst(made, 3, 5);
      made.pool.reconfigure({ min: 0, max });
      const after = burst(made, 6, 5);
      await made.clock.advance(200);
      // Every holder looks at its connection; see `scenario`.
      expect(tookMs([...before, ...after])).toHaveLength(9);
      expect(made.factory.live).toBeLessThanOrEqual(max);
      await made.finish();
    },
  );

  it('26: a load that comes and goes does not make the pool come and go', async () => {
    const made = scenario({ min: 2, max: 64 }, { create: { slowMs: 50 } });
    const { clock, factory, pool } = made;
    const directions: string[] = [];
    pool.on('scale', ({ direction }) => {
      if (directions.at(-1) !== direction) directions.push(direction);
    });
    const minutes = 2;
    for (let second = 0; second < 60 * minutes; second += 1) {
      for (let ms = 0; ms < 1_000; ms += 100) {
        if (second % 30 < 15) burst(made, 10, 80);
        await clock.advance(100);
      }
    }
    // At most up and down again in each period of half a minute.
    expect(directions.length).toBeLessThanOrEqual(4 * minutes);
    // Never the whole pool anew in each of the four periods.
    expect(factory.creates).toBeLessThanOrEqual(40);
    await made.finish();
  });

  it('27: a connection that is used now and then is kept, also with min 0', async () => {
    const made = scenario({ min: 0, max: 8 });
    for (let second = 0; second < 120; second += 2) {
      made.call(5);
      await made.clock.advance(2_000);
    }
    expect(made.factory.creates).toBe(1);
    await made.finish();
  });

  it.each([
    'adaptive',
    'littles-law',
    'step',
    'target-tracking',
    'predictive',
    'gradient',
  ] as const)(
    'one caller after the other gets the same connection of a pool without a minimum, sized by %s',
    async (policy) => {
      const made = scenario({ min: 0, max: 8, policy });
      for (let nth = 0; nth < 5; nth += 1) {
        made.call(2);
        await made.clock.advance(50);
      }
      expect(made.pool.stats).toMatchObject({ released: 5, idle: 1 });
      // Target tracking needs a moment to know of any demand.
      expect(made.factory.creates).toBeLessThanOrEqual(policy === 'target-tracking' ? 2 : 1);
      await made.finish();
    },
  );

  it('callers who come one after the other share a connection that takes no time to open', async () => {
    const made = scenario({ min: 0, max: 8 }, { create: 'ok' });
    for (let nth = 0; nth < 30; nth += 1) {
      made.call(0);
      await made.clock.advance(20);
    }
    expect(made.pool.stats).toMatchObject({ released: 30, idle: 1 });
    expect(made.factory.creates).toBe(1);
    await made.finish();
  });
});
