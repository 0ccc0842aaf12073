import { describe, expect, it } from 'vitest';

import { RandomStream, randomStream } from '../../sim/kernel/random.js';

function words(stream: RandomStream, count: number): number[] {
  return Array.from({ length: count }, () => stream.uint32());
}

describe('RandomStream', () => {
  // Computed with an implementation of the reference code in another language.
  it.each([
    [[0, 0, 0, 1] as const, [1, 2, 12, 18874399, 56669315, 2581679515]],
    [
      [1, 2, 3, 4] as const,
      [7, 34, 56623200, 188882296, 3431242869, 399395954, 785775158, 3843710725],
    ],
    [
      [0xdeadbeef, 0xcafef00d, 0x12345678, 1] as const,
      [2846666493, 1853004207, 3786244991, 1487462120, 2285832633, 927438053],
    ],
  ])('is sfc32 from state %j', (state, expected) => {
    expect(
      words(new RandomStream(state[0], state[1], state[2], state[3]), expected.length),
    ).toEqual(expected);
  });

  it('is uniform in [0, 1)', () => {
    const stream = randomStream(1, 0, 'test');
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 100_000; draw += 1) {
      const value = stream.uniform();
      expect(value >= 0 && value < 1).toBe(true);
      tenths[Math.floor(value * 10)]! += 1;
    }
    // Chi-square with 9 degrees of freedom: above 27.9 once in a thousand seeds; this seed is fixed.
    const chiSquare = tenths.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(27.9);
  });
});

describe('randomStream', () => {
  it('gives the same numbers for the same seed, replication and name', () => {
    expect(words(randomStream(7, 3, 'arrivals'), 8)).toEqual(
      words(randomStream(7, 3, 'arrivals'), 8),
    );
  });

  it('does not care what is drawn from other streams', () => {
    const alone = words(randomStream(7, 0, 'service'), 8);
    const arrivals = randomStream(7, 0, 'arrivals');
    const service = randomStream(7, 0, 'service');
    const mixed = alone.map((_word, index) => {
      words(arrivals, index);
      return service.uint32();
    });
    expect(mixed).toEqual(alone);
  });

  it('gives unrelated numbers when seed, replication or name differ in the least', () => {
    const names = ['a', 'b', 'arrivals', 'service', 'create', 'controller'];
    const seeds = [0, 1, 2, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
    const firsts = new Set<number>();
    for (const seed of seeds) {
      for (let replication = 0; replication < 20; replication += 1) {
        for (const name of names) firsts.add(randomStream(seed, replication, name).uint32());
      }
    }
    expect(firsts.size).toBe(seeds.length * 20 * names.length);
  });

  it('does not correlate neighbouring replications', () => {
    const one = randomStream(1, 0, 'arrivals');
    const two = randomStream(1, 1, 'arrivals');
    let covariance = 0;
    const draws = 50_000;
    for (let draw = 0; draw < draws; draw += 1) {
      covariance += (one.uniform() - 0.5) * (two.uniform() - 0.5);
    }
    // The correlation of independent draws has standard deviation 1/√n.
    expect(Math.abs((covariance / draws) * 12)).toBeLessThan(4 / Math.sqrt(draws));
  });
});
