import { describe, expect, it } from 'vitest';

import { zScore } from '../../sim/analysis/statistics.js';
import {
  formatDistribution,
  gamma,
  parseDistribution,
  sampler,
} from '../../sim/kernel/distributions.js';
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
    ['erlang:4,5', { kind: 'erlang', shape: 4, meanMs: 5 }],
    ['pareto:1.5,5', { kind: 'pareto', shape: 1.5, meanMs: 5 }],
    ['h2:0.75,1,5', { kind: 'h2', part: 0.75, firstMs: 1, secondMs: 5, meanMs: 2 }],
    ['hist:1x3,5x1', { kind: 'histogram', valuesMs: [1, 5], weights: [3, 1], meanMs: 2 }],
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
    'erlang:0,5',
    'erlang:1.5,5',
    'erlang:4',
    'pareto:1,5',
    'h2:1.5,1,2',
    'h2:0.5,1',
    'hist:',
    'hist:5',
    'hist:5x0',
    'hist:5x1x2',
    'hist:5x-1',
    'exp:5:6',
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
    for (const text of [
      '5',
      'exp:0.5',
      'lognormal:5,2',
      'erlang:4,5',
      'pareto:1.5,5',
      'h2:0.75,1,5',
      'hist:1x3,5x1',
    ]) {
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
    ['erlang:4,5', 5],
    ['pareto:3,5', 5],
    ['h2:0.9,1,40', 4.9],
    ['hist:0x1,5x2,20x1', 7.5],
  ])('draws from %s with mean %d', (text, mean) => {
    const values = draws(text, 200_000);
    expect(values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
    if (text === '5') expect(new Set(values)).toEqual(new Set([5]));
    else expect(Math.abs(zScore(values, mean))).toBeLessThan(4);
  });

  it.each([
    ['erlang:4,5', 25 / 4],
    ['h2:0.5,1,9', 0.5 * 2 + 0.5 * 162 - 25],
    ['hist:0x1,10x3', 18.75],
    ['pareto:6,5', 25 / (6 * 4)],
  ])('gives %s the variance %d', (text, variance) => {
    const values = draws(text, 200_000);
    const centre = parseDistribution(text).meanMs;
    const squares = values.map((value) => (value - centre) ** 2);
    expect(Math.abs(zScore(squares, variance))).toBeLessThan(4);
  });

  it.each([0.25, 1, 4])('draws gamma of shape %d with mean 1', (shape) => {
    const stream = randomStream(1, 0, 'gamma');
    const values = Array.from({ length: 200_000 }, () => gamma(shape, stream));
    expect(Math.abs(zScore(values, 1))).toBeLessThan(4);
    const squares = values.map((value) => (value - 1) ** 2);
    expect(Math.abs(zScore(squares, 1 / shape))).toBeLessThan(4);
  });

  it('gives lognormal the sigma of the logarithm', () => {
    const logs = draws('lognormal:5,0.5', 100_000).map((value) => Math.log(value));
    const centre = Math.log(5) - 0.5 ** 2 / 2;
    expect(Math.abs(zScore(logs, centre))).toBeLessThan(4);
    const squares = logs.map((log) => (log - centre) ** 2);
    expect(Math.abs(zScore(squares, 0.25))).toBeLessThan(4);
  });
});
