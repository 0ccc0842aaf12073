import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArrivalBuckets } from '../../src/telemetry/arrival-buckets.js';

const SPAN_MS = 128;

test('the counts are those of a plain list of arrivals, however far the clock jumps', () => {
  const gap = fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: 0, max: 3, noNaN: true }) },
    { weight: 2, arbitrary: fc.double({ min: 0, max: 200, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(127, 128, 129, 1e6, 5e9) },
  );
  const steps = fc.array(fc.tuple(gap, fc.boolean()), { maxLength: 300, size: 'max' });
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), steps, (start, moves) => {
      const buckets = new ArrivalBuckets(start);
      const arrivals: number[] = [];
      let now = start;
      for (const [gapMs, isRead] of moves) {
        now += gapMs;
        if (!isRead) {
          buckets.arrived(now);
          arrivals.push(Math.floor(now));
        } else expect(buckets.read(now)).toEqual(countByMs(arrivals, now));
      }
      expect(buckets.read(now)).toEqual(countByMs(arrivals, now));
    }),
  );
});

test('the last entry is the current millisecond', () => {
  const buckets = new ArrivalBuckets(10);
  buckets.arrived(12.1);
  buckets.arrived(12.9);
  const counts = buckets.read(13);
  expect(counts).toHaveLength(SPAN_MS);
  expect(counts.slice(-3)).toEqual([0, 2, 0]);
});

test('a clock that stands a little behind loses no arrival', () => {
  const buckets = new ArrivalBuckets(10);
  buckets.arrived(15);
  buckets.arrived(14);
  expect(buckets.read(14).slice(-2)).toEqual([1, 1]);
});

function countByMs(arrivals: readonly number[], now: number): number[] {
  const first = Math.floor(now) - SPAN_MS + 1;
  const counts = Array.from({ length: SPAN_MS }, () => 0);
  for (const at of arrivals) {
    if (at >= first) counts[at - first] = (counts[at - first] ?? 0) + 1;
  }
  return counts;
}
