import { describe, expect, it } from 'vitest';

import { zScore } from '../../sim/analysis/statistics.js';
import { formatDistribution, parseDistribution, sampler } from '../../sim/kernel/distributions.js';
import { randomStream } from '../../sim/kernel/random.js';

function draws(text: string, count: number): number[] {
  const draw = sampler(parseDistribution(text), randomStream(1, 0, text));
  return Array.from({ length: count }, () => draw());
}

describe('parseDistribution', () => {
  it.each([
    [5, { kind: 'constant', meanMs: 5 }],
    ['5', { kind: 'constant', meanMs: 5 }],
    ['0.25', { kind: 'constant', meanMs: 0.25 }],
    [0, { kind: 'constant', meanMs: 0 }],
    ['exp:5', { kind: 'exponential', meanMs: 5 }],
    ['lognormal:5,2', { kind: 'lognormal', meanMs: 5, sigma: 2 }],
  ])('reads %j', (given, expected) => {
    expect(parseDistribution(given)).toEqual(expected);
  });

  it.each([
    '',
    'fast',
    'exp',
    'exp:',
    'exp:-5',
    'exp:5,2',
    'lognormal:5',
    'lognormal:5,99',
    '5,2',
    '1e9',
    '1.2.3',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    {},
    ['5'],
    '99999999999',
  ])('refuses %j and names the allowed forms', (given) => {
    expect(() => parseDistribution(given)).toThrow(/"exp:5".*"lognormal:5,2"/);
  });

  it('reads what formatDistribution writes', () => {
    for (const text of ['5', 'exp:0.5', 'lognormal:5,2']) {
      expect(formatDistribution(parseDistribution(text))).toBe(text);
    }
  });
});

describe('sampler', () => {
  it.each([
    ['5', 5],
    ['exp:5', 5],
    ['lognormal:5,0.5', 5],
    ['lognormal:40,1', 40],
  ])('draws from %s with mean %d', (text, mean) => {
    const values = draws(text, 200_000);
    expect(values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
    if (text === '5') expect(new Set(values)).toEqual(new Set([5]));
    else expect(Math.abs(zScore(values, mean))).toBeLessThan(4);
  });

  it('gives lognormal the sigma of the logarithm', () => {
    const logs = draws('lognormal:5,0.5', 100_000).map((value) => Math.log(value));
    const centre = Math.log(5) - 0.5 ** 2 / 2;
    expect(Math.abs(zScore(logs, centre))).toBeLessThan(4);
    const squares = logs.map((log) => (log - centre) ** 2);
    expect(Math.abs(zScore(squares, 0.25))).toBeLessThan(4);
  });
});
