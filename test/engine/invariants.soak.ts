import { test } from 'vitest';
import { engineHolds, lateEngineHolds } from '../support/engine-property.js';

test('the invariants of the engine hold in 70,000 random lives', async () => {
  await engineHolds(70_000);
});

test('the invariants hold in 30,000 more when the host always answers later', async () => {
  await lateEngineHolds(30_000);
});
