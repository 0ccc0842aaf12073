import { test } from 'vitest';
import { engineHolds, lateEngineHolds } from '../support/engine-property.js';

test('the invariants hold after every command, and in the end everyone is served', async () => {
  await engineHolds(1_000);
});

test('the invariants hold when the host always answers later', async () => {
  await lateEngineHolds(600);
});
