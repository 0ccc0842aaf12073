import { describe, expect, test } from 'vitest';
import { forecastPeak, noForecast, observeForecast } from '../../src/control/forecast.js';

const WEIGHTS = { level: 0.3, slope: 0.1, season: 0.3 };

/** The forecast of the next bucket after these values; a season has this many buckets. */
function next(values: readonly number[], seasonBuckets = 0): number | null {
  return forecastPeak(observeForecast(noForecast(seasonBuckets), values, WEIGHTS), 1);
}

function repeat(count: number, value: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => value(index));
}

describe('a forecast without a season', () => {
  test('needs ten buckets', () => {
    expect(next(repeat(9, () => 5))).toBeNull();
    expect(next(repeat(10, () => 5))).toBe(5);
  });

  test('follows a straight line', () => {
    expect(next(repeat(200, (index) => 10 + index))).toBeCloseTo(210, 1);
  });

  test('weighs the newest bucket as told', () => {
    // The level rises by 0.3 · 10, the slope by 0.1 · 3.
    expect(next([...repeat(20, () => 5), 15])).toBeCloseTo(5 + 3 + 0.3, 9);
  });

  test('is never below nothing', () => {
    expect(next([...repeat(20, (index) => 20 - index), 0, 0])).toBe(0);
  });

  test('looks for the highest of the buckets ahead', () => {
    const state = observeForecast(
      noForecast(0),
      repeat(200, (index) => index),
      WEIGHTS,
    );
    expect(forecastPeak(state, 5)).toBeCloseTo(204, 1);
  });
});

describe('a forecast with a season', () => {
  const season = [1, 2, 9, 4, 1];
  const seasons = (count: number): number[] => repeat(5 * count, (index) => season[index % 5] ?? 0);

  test('does not count after less than two seasons', () => {
    const values = [...seasons(1), 1, 2, 9, 4];
    // A straight line sees no peak ahead: it stays between the lowest and the highest.
    expect(next(values, 5)).toBeNull();
    expect(forecastPeak(observeForecast(noForecast(6), seasons(2), WEIGHTS), 1)).toBeLessThan(4);
  });

  test('repeats what it saw twice', () => {
    let state = observeForecast(noForecast(5), seasons(2), WEIGHTS);
    for (const value of season) {
      expect(forecastPeak(state, 1)).toBeCloseTo(value, 9);
      state = observeForecast(state, [value], WEIGHTS);
    }
    expect(forecastPeak(state, 3)).toBeCloseTo(9, 9);
    expect(forecastPeak(state, 2)).toBeCloseTo(2, 9);
  });

  test('rises with a load that rises from season to season', () => {
    const values = repeat(60, (index) => (season[index % 5] ?? 0) + index);
    expect(next(values, 5)).toBeCloseTo(61, 6);
    expect(next(values.slice(0, 12), 5)).toBeCloseTo(9 + 12, 6);
  });

  test('learns a season that changes', () => {
    const changed = [1, 9, 2, 4, 1];
    const values = [...seasons(2), ...repeat(100, (index) => changed[index % 5] ?? 0)];
    const state = observeForecast(noForecast(5), values, WEIGHTS);
    expect(forecastPeak(state, 1)).toBeCloseTo(1, 1);
    expect(forecastPeak(observeForecast(state, [1], WEIGHTS), 1)).toBeCloseTo(9, 1);
  });

  test('keeps its phase for ever and its count small', () => {
    const state = observeForecast(noForecast(5), seasons(1_000), WEIGHTS);
    expect(state.count).toBeLessThan(50);
    expect(forecastPeak(state, 1)).toBeCloseTo(1, 9);
    expect(forecastPeak(state, 3)).toBeCloseTo(9, 9);
  });

  test('takes many buckets at once as it takes them one by one', () => {
    const values = repeat(47, (index) => (index * 7) % 11);
    let state = noForecast(4);
    for (const value of values) state = observeForecast(state, [value], WEIGHTS);
    expect(observeForecast(noForecast(4), values, WEIGHTS)).toEqual(state);
  });
});
