import { expect, test } from 'vitest';
import { InvalidOptionsError, policyNamed } from '../../src/index.js';
import { at, timeline, type Row } from '../support/timeline.js';

test('a named policy as an object decides what it decides by its name', () => {
  const option = { name: 'step', holdMs: 0, stepSize: 3 } as const;
  const rows: readonly Row[] = [
    at(0).signals({ inUse: 8, pending: 2 }),
    at(100).signals({ inUse: 11, pending: 20 }),
    at(200).signals({ inUse: 3, idle: 11 }),
  ];
  const decisions = timeline(policyNamed(option), {}, rows);
  expect(decisions).toEqual(timeline(option, {}, rows));
  expect(decisions.map(({ target }) => target)).toEqual([11, 14, 14]);
  expect(policyNamed('gradient').name).toBe('gradient');
});

test('a named policy as an object may be asked with one configuration after the other', () => {
  const policy = policyNamed({ name: 'fixed', size: 5 });
  for (const waitObjectiveMs of [1, 2]) {
    expect(policy.init({ waitObjectiveMs, tickMs: 100 })).toEqual({});
  }
});

test('a policy that is none is refused with every problem', () => {
  const wrong = (): unknown => policyNamed({ name: 'step', stepSize: 0.5, holdMs: -1 });
  expect(wrong).toThrow(InvalidOptionsError);
  expect(wrong).toThrow(/policy\.holdMs .*; policy\.stepSize /);
});
