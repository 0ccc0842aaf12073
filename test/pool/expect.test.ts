import { describe, expect, it } from 'vitest';
import type { ScaleDecision } from '../../src/control/decision.js';
import type { ExpectedLoad } from '../../src/expected-load.js';
import { harness, settled, watch } from '../support/pool-harness.js';

function problemsOf(load: unknown): unknown {
  const { pool } = harness();
  try {
    pool.expect(load as ExpectedLoad);
    return [];
  } catch (error) {
    return (error as { readonly problems?: unknown }).problems;
  }
}

describe('expect()', () => {
  it('has the announced connections open a moment before they are needed, and not long before', async () => {
    const { clock, pool } = harness({ min: 2, max: 40 }, { create: { slowMs: 200 } });
    await settled(pool.ready(), clock);
    pool.expect({ concurrency: 20, inMs: 10_000, forMs: 5_000 });
    const momentAt = clock.now() + 10_000;
    await clock.advance(9_770);
    expect(pool.stats).toMatchObject({ size: 2, target: 2 });
    await clock.advance(momentAt - 10 - clock.now());
    // 20 and 15 % more.
    expect(pool.stats).toMatchObject({ idle: 23, target: 23 });
    const callers = Array.from({ length: 20 }, () => watch(pool.acquire(), clock));
    await clock.advance(0);
    expect(callers.every(({ state }) => state === 'fulfilled')).toBe(true);
  });

  it.each(['littles-law', 'step', { name: 'fixed', size: 2 }] as const)(
    'begins as many create times before as it takes rounds, and goes through with it: %j',
    async (policy) => {
      const { clock, factory, pool } = harness(
        { min: 2, max: 40, createConcurrency: 5, policy },
        { create: { slowMs: 150 } },
      );
      await settled(pool.ready(), clock);
      const targets: number[] = [];
      pool.on('scale', ({ to }) => targets.push(to));
      const momentAt = clock.now() + 20_000;
      pool.expect({ concurrency: 20, at: clock.epoch() + 20_000, forMs: 5_000 });
      // 21 to open, five at a time: five rounds of 150 ms, and a margin.
      await clock.advance(momentAt - 5 * 160 - 30 - clock.now());
      expect(targets).toEqual([]);
      await clock.advance(momentAt - 5 - clock.now());
      expect(pool.stats.idle).toBe(23);
      await clock.advance(4_000);
      expect(targets).toEqual([23]);
      expect(factory.creates).toBe(23);
    },
  );

  it('leaves a quiet pool alone until its preparation is due', async () => {
    const { clock, pool } = harness({ min: 2, max: 40 });
    await settled(pool.ready(), clock);
    pool.expect({ concurrency: 20, inMs: 3_600_000, forMs: 1_000 });
    await clock.advance(1_000);
    const causes: string[] = [];
    pool.on('decision', ({ cause }) => causes.push(cause));
    // One timer, and it is the only one.
    expect(clock.scheduled).toBe(1);
    await clock.advance(3_590_000);
    expect([causes, clock.scheduled]).toEqual([[], 1]);
    await clock.advance(8_990);
    expect(causes[0]).toBe('hint');
    expect(pool.stats.idle).toBe(23);
  });

  it('closes what it opened when the announced time is over and it idles', async () => {
    const { clock, pool } = harness({ min: 2, max: 40 });
    await settled(pool.ready(), clock);
    pool.expect({ concurrency: 20, forMs: 30_000 });
    await clock.advance(29_900);
    expect(pool.stats.idle).toBe(23);
    await clock.advance(30_000);
    expect(pool.stats.idle).toBe(2);
  });

  it('is a record of its own: the reason, the announced number, the announcements themselves', async () => {
    const { clock, pool } = harness({ min: 2, max: 40 });
    await settled(pool.ready(), clock);
    const decisions: ScaleDecision[] = [];
    pool.on('scale', (decision) => decisions.push(decision));
    const now = clock.now();
    pool.expect({ concurrency: 10, forMs: 1_000 });
    expect(decisions).toMatchObject([
      {
        cause: 'hint',
        reason: 'hint',
        from: 2,
        to: 12,
        candidates: { hint: 12 },
        signals: {
          hints: [{ from: now, until: now + 1_000, concurrency: 10, ratePerSecond: null }],
        },
      },
    ]);
    expect(decisions[0]?.message).toContain('p grow 2→12 (max 40): the announced load needs 12');
  });

  it('counts the largest of those that overlap', async () => {
    const { clock, pool } = harness({ min: 0, max: 40 });
    pool.expect({ concurrency: 10, forMs: 1_000 });
    pool.expect({ concurrency: 20, forMs: 1_000 });
    pool.expect({ concurrency: 5, forMs: 1_000 });
    await clock.advance(50);
    expect(pool.stats.idle).toBe(23);
  });

  it('given as a rate counts once a use time is known', async () => {
    const { clock, pool } = harness({ min: 0, max: 40, policy: { name: 'fixed', size: 1 } });
    pool.expect({ ratePerSecond: 1_000, forMs: 60_000 });
    await clock.advance(500);
    expect(pool.stats.size).toBe(1);
    for (let use = 0; use < 12; use += 1)
      await settled(
        pool.use(() => clock.sleep(10)),
        clock,
      );
    await clock.advance(200);
    // 1,000 a second, 10 ms each, are 10 at once; with their square root and 15 % more 16.
    expect(pool.stats.idle).toBeGreaterThanOrEqual(16);
    expect(pool.stats.idle).toBeLessThanOrEqual(18);
  });

  it('takes a Date, of a moment that has passed too', async () => {
    const { clock, pool } = harness({ min: 0, max: 40 });
    await clock.advance(10_000);
    pool.expect({ concurrency: 30, at: new Date(clock.epoch() - 5_000), forMs: 1_000 });
    pool.expect({ concurrency: 10, at: new Date(clock.epoch() - 500), forMs: 1_000 });
    await clock.advance(50);
    expect(pool.stats.size).toBe(12);
  });

  it('starts the pool as ready() does', async () => {
    const { clock, pool } = harness({ min: 3 });
    pool.expect({ concurrency: 1, inMs: 60_000, forMs: 1_000 });
    await clock.advance(50);
    expect(pool.stats.idle).toBe(3);
  });

  it('can be taken back, once and again', async () => {
    const { clock, pool } = harness({ min: 1, max: 40 });
    await settled(pool.ready(), clock);
    const early = pool.expect({ concurrency: 20, inMs: 5_000, forMs: 5_000 });
    const disposed = pool.expect({ concurrency: 20, inMs: 5_000, forMs: 5_000 });
    early.cancel();
    early.cancel();
    disposed[Symbol.dispose]();
    await clock.advance(8_000);
    expect(pool.stats.created).toBe(1);
    // While its connections are being opened.
    const late = pool.expect({ concurrency: 20, forMs: 5_000 });
    late.cancel();
    await clock.advance(60_000);
    expect(pool.stats.idle).toBe(1);
  });

  it('does nothing more once it is over or the pool is closed', async () => {
    const { clock, pool } = harness({ min: 0, max: 40 });
    const over = pool.expect({ concurrency: 2, forMs: 10 });
    await clock.advance(100);
    over.cancel();
    const open = pool.expect({ concurrency: 2, forMs: 10_000 });
    void pool.close();
    open.cancel();
    await clock.advance(100);
    expect(pool.stats.size).toBe(0);
  });

  it('is refused by a closed pool', () => {
    const { pool } = harness();
    void pool.close();
    expect(() => pool.expect({ concurrency: 2, forMs: 10 })).toThrow(
      expect.objectContaining({ code: 'ERR_POOL_CLOSED' }),
    );
  });

  it('lists every problem with field, range and value', () => {
    expect(
      problemsOf({ concurrency: 0, ratePerSecond: -1, inMs: -1, at: new Date('x'), much: 1 }),
    ).toEqual([
      'forMs is required',
      'concurrency must be an integer from 1 to 1000000, got 0',
      'ratePerSecond must be a number from 0.001 to 10000000, got -1',
      'inMs must be a number from 0 to 31536000000, got -1',
      'at must be a valid Date or epoch milliseconds, got an object',
      expect.stringContaining('much is not an option'),
      'concurrency or ratePerSecond is required, and not both; got both',
      'inMs and at exclude each other',
    ]);
    expect(problemsOf({ forMs: Infinity })).toEqual([
      'forMs must be a number from 1 to 31536000000, got Infinity',
      'concurrency or ratePerSecond is required, and not both; got neither',
    ]);
    expect(problemsOf({ concurrency: 1, forMs: 1, at: '2026-12-01' })).toEqual([
      'at must be a valid Date or epoch milliseconds, got "2026-12-01"',
    ]);
    expect(problemsOf(null)).toEqual(['the options must be an object, got null']);
    expect(problemsOf(7)).toEqual(['the options must be an object, got 7']);
  });
});
