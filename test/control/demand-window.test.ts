import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanDemand, observeDemand, type DemandBucket } from '../../src/control/demand-window.js';
import { signalsOf } from '../support/timeline.js';

const WINDOW_MS = 3_000;

describe('demand over a window', () => {
  it.each([1e300, 1e9, WINDOW_MS])(
    'forgets a bucket of %d ms that reaches beyond now: nobody can have seen that',
    (lengthMs) => {
      const impossible: DemandBucket = { from: 900, lengthMs, demandMs: 10 };
      const signals = signalsOf({ now: 1_000, intervalMs: 100, inUseMs: 700 });
      const buckets = observeDemand([impossible], signals, WINDOW_MS);
      expect(buckets).toEqual([{ from: 900, lengthMs: 100, demandMs: 700 }]);
      expect(meanDemand(buckets, 1_000, WINDOW_MS)).toBe(7);
    },
  );

  it('keeps everything it saw within the window, whatever the rounding of its sums', () => {
    const interval = fc.double({ min: 0, max: 40, noNaN: true });
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 70 }), fc.nat(1e9), (intervals, start) => {
        let now = start;
        let buckets: readonly DemandBucket[] = [];
        for (const intervalMs of intervals) {
          now += intervalMs;
          const signals = signalsOf({ now, intervalMs, inUseMs: intervalMs });
          buckets = observeDemand(buckets, signals, WINDOW_MS);
        }
        const seen = buckets.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
        expect(seen).toBeCloseTo(now - start, 3);
      }),
    );
  });
});
