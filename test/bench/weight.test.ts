import { expect, it } from 'vitest';
import { PEERS } from '../../bench/peers/index.js';
import { weight } from '../../bench/scenarios/weight.js';

it('this package weighs what would be published, which is less than with its dependencies', async () => {
  const [, own = 0, all = 0, dependencies] = await weight.run(await PEERS.adaptive(), null);
  // Half of it is documentation and declarations; a checkout has far more.
  expect(own).toBeGreaterThan(100);
  expect(own).toBeLessThan(5_000);
  expect(all).toBeGreaterThan(own);
  expect(dependencies).toBeGreaterThanOrEqual(3);
}, 60_000);
