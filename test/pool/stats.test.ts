import { expect, it } from 'vitest';
import { harness, settled } from '../support/pool-harness.js';

it('wait and use times are of the last second, also while a pool at rest makes no decisions', async () => {
  const { clock, pool } = harness({ min: 2, max: 2 });
  await settled(pool.ready(), clock);
  await settled(Promise.all([1, 2, 3].map(() => pool.use(() => clock.sleep(200)))), clock);
  expect(pool.stats).toMatchObject({ wait: { count: 3, maxMs: 200 }, use: { count: 3 } });
  await clock.advance(500);
  expect(pool.stats.use.count).toBe(3);
  await clock.advance(60_000);
  expect(pool.stats).toMatchObject({
    wait: { count: 0, p99Ms: null },
    use: { count: 0, p99Ms: null },
    create: { count: 2 },
  });
});
