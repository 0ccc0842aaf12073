import { describe, expect, it } from 'vitest';

import { elasticity, readySupply } from '../../sim/analysis/elasticity.js';

describe('elasticity', () => {
  const demand = { atMs: [0, 10_000, 20_000], values: [2, 6, 2] };

  it('is perfect when supply is demand', () => {
    expect(elasticity(demand, demand, 0, 60_000)).toEqual({
      underProvisioned: 0,
      overProvisioned: 0,
      underTimeShare: 0,
      overTimeShare: 0,
      jitterPerMinute: 0,
    });
  });

  it('counts missing and superfluous connections in time', () => {
    // Late by 5 s at the rise and by 10 s at the fall, in a minute.
    const supply = { atMs: [0, 15_000, 30_000], values: [2, 7, 2] };
    const result = elasticity(demand, supply, 0, 60_000);
    expect(result.underProvisioned).toBeCloseTo((4 * 5) / 60, 12);
    expect(result.overProvisioned).toBeCloseTo((1 * 5 + 5 * 10) / 60, 12);
    expect(result.underTimeShare).toBeCloseTo(5 / 60, 12);
    expect(result.overTimeShare).toBeCloseTo(15 / 60, 12);
    expect(result.jitterPerMinute).toBeCloseTo(10 - 8, 12);
  });

  it('sees flapping', () => {
    const still = { atMs: [0], values: [3] };
    const flapping = { atMs: [0, 10_000, 20_000, 30_000, 40_000], values: [3, 5, 3, 5, 3] };
    expect(elasticity(still, flapping, 0, 60_000).jitterPerMinute).toBe(8);
  });
});

describe('readySupply', () => {
  it('lets rises wait for the create and falls not', () => {
    const targets = { atMs: [0, 100, 110, 200], values: [2, 5, 9, 3] };
    expect(readySupply(targets, 20)).toEqual({
      atMs: [20, 120, 130, 200],
      values: [2, 5, 9, 3],
    });
  });

  it('ignores rises that were taken back before anything was open', () => {
    const targets = { atMs: [0, 100, 110, 115], values: [2, 9, 2, 4] };
    expect(readySupply(targets, 20)).toEqual({ atMs: [20, 135], values: [2, 4] });
  });
});
