import { it } from 'vitest';
import { poolHolds } from '../support/pool-model.js';

it('whatever happens in 100,000 random lives, every caller is answered and nothing leaks', async () => {
  await poolHolds(100_000);
});
