import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { erlangB, erlangC, meanWaitMs, waitsLongerThan } from '../../sim/analysis/erlang.js';
import { mean, meanInterval, studentT95, zScore } from '../../sim/analysis/statistics.js';
import { WaitTimes } from '../../sim/analysis/wait-times.js';
import { randomFrom } from '../support/random.js';
import oracle from './oracle-mmc.json' with { type: 'json' };

describe('the Erlang formulas', () => {
  it('give the textbook values', () => {
    expect(erlangB(5, 5)).toBeCloseTo(0.284868, 6);
    expect(erlangB(0, 3)).toBe(1);
    expect(erlangB(10_000, 9_000)).toBeLessThan(1e-9);
    expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 12);
  });

  it.each(oracle.rows)('agree with $id', ({ lam, mu, c, pWait, meanWait }) => {
    expect(erlangC(c, lam / mu)).toBeCloseTo(pWait, 8);
    expect(meanWaitMs(c, lam, 1_000 / mu)).toBeCloseTo(1_000 * meanWait, 4);
  });

  it('see everyone wait when the load is too high', () => {
    expect(erlangC(4, 4)).toBe(1);
    expect(meanWaitMs(4, 4_000, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(waitsLongerThan(4, 5_000, 1, 10)).toBe(1);
  });

  it('have an exponential tail', () => {
    // p95 of M/M/5 at load 4 is 2.405344827 service times.
    expect(waitsLongerThan(5, 4, 1_000, 2_405.344827)).toBeCloseTo(0.05, 8);
  });
});

describe('the statistics', () => {
  it('know Student’s t', () => {
    expect(studentT95(1)).toBeCloseTo(12.7062, 4);
    expect(studentT95(9)).toBeCloseTo(2.26216, 4);
    expect(studentT95(40)).toBeCloseTo(2.02108, 4);
    expect(studentT95(1e9)).toBeCloseTo(1.95996, 4);
  });

  it('give the interval of a small sample', () => {
    // Mean 3, standard error √0.5, t(4) = 2.77645.
    const { mean: centre, halfWidth } = meanInterval([1, 2, 3, 4, 5]);
    expect(centre).toBe(3);
    expect(halfWidth).toBeCloseTo(1.96324, 4);
    expect(zScore([1, 2, 3, 4, 5], 2)).toBeCloseTo(Math.SQRT2, 12);
  });

  it('claim nothing about a single value', () => {
    expect(meanInterval([7])).toEqual({ mean: 7, halfWidth: 0 });
  });
});

describe('WaitTimes', () => {
  it('is all zeros without values', () => {
    const waits = new WaitTimes();
    expect([waits.count, waits.meanMs, waits.maxMs, waits.quantile(0.99)]).toEqual([0, 0, 0, 0]);
  });

  it('gives exact quantiles, zeros included', () => {
    const value = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e6, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, part) => {
          const waits = new WaitTimes();
          for (const one of values) waits.add(one);
          const sorted = values.toSorted((a, b) => a - b);
          expect(waits.quantile(part)).toBe(sorted[Math.ceil(part * values.length) - 1]);
          expect(waits.count).toBe(values.length);
          expect(waits.positive).toBe(values.filter((one) => one > 0).length);
          expect(waits.maxMs).toBe(sorted.at(-1));
          expect(waits.meanMs).toBeCloseTo(mean(values), 3);
        },
      ),
    );
  });

  it('may be asked between additions', () => {
    const waits = new WaitTimes();
    for (const one of [5, 3, 9]) waits.add(one);
    expect(waits.quantile(0.5)).toBe(5);
    for (const one of [1, 2, 2.5, 4]) waits.add(one);
    expect(waits.quantile(0.5)).toBe(3);
  });

  it('comes to the same in parts, in whatever order they are put together', () => {
    const value = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_000 }));
    fc.assert(
      fc.property(fc.array(fc.array(value), { maxLength: 6 }), (parts) => {
        const whole = waitsOf(parts.flat());
        for (const order of [parts, parts.toReversed()]) {
          const merged = new WaitTimes();
          for (const part of order) merged.addAll(structuredClone(waitsOf(part).data()));
          expect(figuresOf(merged)).toEqual(figuresOf(whole));
        }
      }),
    );
  });

  it('comes to the same in parts when there are too many to keep', () => {
    const random = randomFrom(5);
    const many = (count: number): number[] => Array.from({ length: count }, () => 100 * random());
    const [small, half, rest] = [many(10), many(2_500_000), many(4_100_000)];
    const whole = figuresOf(waitsOf([...small, ...half, ...rest]));
    for (const parts of [
      [small, half, rest],
      [rest, small, half],
      [half, rest, small],
    ]) {
      const merged = new WaitTimes();
      for (const part of parts) merged.addAll(waitsOf(part).data());
      const { meanMs, ...others } = figuresOf(merged);
      expect(meanMs).toBeCloseTo(whole.meanMs, 9);
      expect({ ...others, meanMs: 0 }).toEqual({ ...whole, meanMs: 0 });
    }
  });

  it('stays within one per cent when there are too many to keep', () => {
    const waits = new WaitTimes();
    const count = 4_200_000;
    for (let index = 1; index <= count; index += 1) waits.add(index / 1_000);
    for (const part of [0.1, 0.5, 0.95, 0.99]) {
      const exact = (part * count) / 1_000;
      expect(Math.abs(waits.quantile(part) / exact - 1)).toBeLessThan(0.01);
    }
    expect(waits.count).toBe(count);
    expect(waits.maxMs).toBe(4_200);
    expect(waits.quantile(1)).toBeCloseTo(4_200, 6);
  });
});

function waitsOf(values: readonly number[]): WaitTimes {
  const waits = new WaitTimes();
  for (const one of values) waits.add(one);
  return waits;
}

function figuresOf(waits: WaitTimes): Readonly<Record<string, number>> & { meanMs: number } {
  const { count, positive, meanMs, maxMs } = waits;
  return {
    count,
    positive,
    meanMs,
    maxMs,
    p10: waits.quantile(0.1),
    p50: waits.quantile(0.5),
    p99: waits.quantile(0.99),
  };
}
