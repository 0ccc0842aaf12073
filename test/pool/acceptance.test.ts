import { describe, expect, it } from 'vitest';
import { harness, settled } from '../support/pool-harness.js';

describe('a pool of the default policy', () => {
  it('serves a spike with the warm connections and opens few', async () => {
    const { clock, factory, pool } = harness({ min: 5, max: 50 }, { create: { slowMs: 150 } });
    await settled(pool.ready(), clock);
    const start = clock.now();
    const uses = Array.from({ length: 50 }, async () => {
      await pool.use(() => clock.sleep(2));
      return clock.now() - start;
    });
    await clock.advance(1_000);
    const ends = await Promise.all(uses);
    expect(Math.max(...ends)).toBeLessThanOrEqual(40);
    expect(factory.creates - 5).toBeLessThanOrEqual(8);
  });

  it('opens what long leases need, all of it soon', async () => {
    const { clock, pool } = harness(
      { min: 0, max: 20, acquireTimeoutMs: Number.POSITIVE_INFINITY },
      { create: { slowMs: 1_000 } },
    );
    const uses = Array.from({ length: 20 }, async () => {
      await pool.use(() => clock.sleep(1_000));
      return clock.now();
    });
    await clock.advance(5_000);
    const ends = await Promise.all(uses);
    expect(Math.max(...ends)).toBeLessThanOrEqual(2_300);
  });
});
