import { it } from 'vitest';
import { poolHolds } from '../support/pool-model.js';

it('whatever is called and whatever the backend does, every caller is answered and nothing leaks', async () => {
  await poolHolds(400);
}, 60_000);
