import * as fc from 'fast-check';
import { Int32Histogram } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { EMPTY_SUMMARY, LatencyWindow } from '../../src/telemetry/latency-window.js';

/** The value at the nearest rank, and what one percent or the rounding to microseconds may make of it. */
function expectQuantile(actual: number | null, sorted: readonly number[], percent: number): void {
  const exact = sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? Number.NaN;
  expect(Math.abs((actual ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * 0.01 + 0.001);
}

const duration = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0.001, max: 1, noNaN: true }),
  fc.double({ min: 1, max: 60_000, noNaN: true }),
);

test('quantiles are within one percent of the exact ones, whatever slices the values lie in', () => {
  const slices = fc.array(fc.array(duration, { maxLength: 300, size: 'max' }), {
    minLength: 1,
    maxLength: 25,
    size: 'max',
  });
  fc.assert(
    fc.property(slices, (recorded) => {
      const window = new LatencyWindow();
      for (const [index, values] of recorded.entries()) {
        if (index > 0) window.rotate(1);
        for (const value of values) window.record(value);
        if (index % 3 === 0) window.summary();
      }
      const sorted = recorded
        .slice(-10)
        .flat()
        .toSorted((a, b) => a - b);
      const summary = window.summary();
      expect(summary.count).toBe(sorted.length);
      if (sorted.length === 0) return;
      expectQuantile(summary.p50Ms, sorted, 50);
      expectQuantile(summary.p95Ms, sorted, 95);
      expectQuantile(summary.p99Ms, sorted, 99);
      expect(summary.maxMs).toBe(sorted.at(-1));
      const meanMs = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
      expect(summary.meanMs).toBeCloseTo(meanMs, 6);
    }),
    { numRuns: 100 },
  );
});

test('zeros are counted and pull the quantiles down', () => {
  const window = new LatencyWindow();
  for (let index = 0; index < 96; index += 1) window.record(0);
  for (let index = 0; index < 4; index += 1) window.record(100);
  expect(window.summary()).toMatchObject({ count: 100, meanMs: 4, p50Ms: 0, p95Ms: 0, maxMs: 100 });
  expect(window.summary().p99Ms).toBe(100);
});

test('a value is remembered for nine rotations and forgotten at the tenth', () => {
  const window = new LatencyWindow();
  window.record(5);
  window.rotate(9);
  expect(window.summary()).toMatchObject({ count: 1, maxMs: 5 });
  window.rotate(1);
  expect(window.summary()).toBe(EMPTY_SUMMARY);
});

test('a rotation by more than ten slices forgets everything', () => {
  const window = new LatencyWindow();
  for (let index = 0; index < 20; index += 1) {
    window.record(index);
    window.rotate(1);
  }
  window.rotate(1_000_000);
  expect(window.summary()).toBe(EMPTY_SUMMARY);
  window.record(2);
  expect(window.summary()).toMatchObject({ count: 1, meanMs: 2, p50Ms: 2 });
});

test('more values than the buffer holds are all counted', () => {
  const window = new LatencyWindow();
  for (let index = 1; index <= 5_000; index += 1) window.record(index);
  const summary = window.summary();
  expect(summary).toMatchObject({ count: 5_000, meanMs: 2_500.5, maxMs: 5_000 });
  expect(Math.abs((summary.p50Ms ?? 0) - 2_500)).toBeLessThan(25);
});

test('values beyond a minute keep an exact mean and maximum', () => {
  const window = new LatencyWindow();
  window.record(90_000);
  window.record(150_000);
  const { meanMs, maxMs, p50Ms } = window.summary();
  expect({ meanMs, maxMs }).toEqual({ meanMs: 120_000, maxMs: 150_000 });
  expect(Math.abs((p50Ms ?? 0) - 60_000)).toBeLessThan(600);
});

test('a quantile never exceeds the maximum, even below a microsecond', () => {
  const window = new LatencyWindow();
  window.record(0.000_2);
  expect(window.summary()).toMatchObject({ p50Ms: 0.000_2, p99Ms: 0.000_2, maxMs: 0.000_2 });
});

test('what is no duration counts as zero and spoils nothing', () => {
  const window = new LatencyWindow();
  window.record(Number.NaN);
  window.record(-3);
  window.record(6);
  expect(window.summary()).toMatchObject({ count: 3, meanMs: 2, p50Ms: 0, maxMs: 6 });
});

test('a slice is empty until something is recorded in it', () => {
  const window = new LatencyWindow();
  expect(window.isSliceEmpty).toBe(true);
  window.record(0);
  expect(window.isSliceEmpty).toBe(false);
  window.summary();
  expect(window.isSliceEmpty).toBe(false);
  window.rotate(1);
  expect(window.isSliceEmpty).toBe(true);
});

test('the same summary is returned until something changes', () => {
  const window = new LatencyWindow();
  window.record(1);
  const summary = window.summary();
  expect(window.summary()).toBe(summary);
  window.record(3);
  expect(window.summary()).toMatchObject({ count: 2, meanMs: 2 });
});

test('values lie in the cells of the histogram that its own recordValue chooses', () => {
  for (let us = 1; us <= 60_000_000; us += 1 + (us >> 7)) {
    const window = new LatencyWindow();
    const histogram = new Int32Histogram(1, 60_000_000, 2);
    window.record(us / 1_000);
    window.record(60_000);
    histogram.recordValue(us);
    const expected = Math.min(histogram.getValueAtPercentile(50) / 1_000, 60_000);
    expect(window.summary().p50Ms).toBe(expected);
  }
});
