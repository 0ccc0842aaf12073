import fc from 'fast-check';
import { expect, it } from 'vitest';
import { check } from '../support/sequences.js';

const seen: number[] = [];
const isSmall = fc.property(fc.nat(), (value) => {
  seen.push(value);
  return value < 1_000;
});

it('a random case that fails is printed with the line that brings it back', async () => {
  const error: unknown = await check('engine', isSmall, { numRuns: 1_000 }).catch(
    (reason: unknown) => reason,
  );
  expect(String(error)).toContain('Counterexample: [1000]');
  const line = /regressions\.ts:\n {2}\{ seed: (-?\d+), path: '([\d:]+)' \},/.exec(String(error));
  const regression = { seed: Number(line?.[1]), path: line?.[2] ?? '' };
  seen.length = 0;
  await expect(check('engine', isSmall, regression)).rejects.toThrow('Counterexample: [1000]');
  expect(seen[0]).toBe(1_000);
});

it('a property that holds says nothing', async () => {
  const property = fc.property(fc.boolean(), (value) => typeof value === 'boolean');
  expect(await check('engine', property, { numRuns: 10 })).toBeUndefined();
});
