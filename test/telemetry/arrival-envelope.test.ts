import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArrivalBuckets } from '../../src/telemetry/arrival-buckets.js';
import { ENVELOPE_WINDOWS_MS } from '../../src/telemetry/arrival-envelope.js';

/** Most arrivals in a window that ends with a millisecond from `from` on in which somebody came. */
function bruteForce(times: readonly number[], windowMs: number, from: number): number {
  const ms = times.map((time) => Math.floor(time));
  const ends = ms.filter((end) => end >= from);
  const counts = ends.map((end) => ms.filter((at) => at <= end && at > end - windowMs).length);
  return Math.max(0, ...counts);
}

describe('the arrival envelope', () => {
  it('is the most arrivals in any window, exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3_000 })), {
          maxLength: 80,
        }),
        fc.integer({ min: 0, max: 80 }),
        (gaps, readAfter) => {
          const buckets = new ArrivalBuckets(0);
          const times: number[] = [];
          let now = 0.25;
          let readAt = 0;
          for (const [index, gap] of gaps.entries()) {
            now += gap;
            buckets.arrived(now);
            times.push(now);
            if (index !== readAfter) continue;
            const taken = buckets.takeEnvelope();
            expect(taken).toEqual(ENVELOPE_WINDOWS_MS.map((w) => bruteForce(times, w, 0)));
            // What comes in the next interval, still in this millisecond or later.
            now = Math.floor(now) + 1.25;
            readAt = now;
          }
          expect(buckets.takeEnvelope()).toEqual(
            ENVELOPE_WINDOWS_MS.map((w) => bruteForce(times, w, Math.floor(readAt))),
          );
        },
      ),
    );
  });

  it('sees a batch at one instant in the shortest window', () => {
    const buckets = new ArrivalBuckets(0);
    buckets.arrived(10, 100);
    expect(buckets.takeEnvelope()).toEqual(ENVELOPE_WINDOWS_MS.map(() => 100));
    expect(buckets.takeEnvelope()).toEqual(ENVELOPE_WINDOWS_MS.map(() => 0));
  });

  it('counts arrivals of the interval before in windows that reach back', () => {
    const buckets = new ArrivalBuckets(0);
    buckets.arrived(0, 5);
    buckets.takeEnvelope();
    buckets.arrived(3, 2);
    expect(buckets.takeEnvelope().slice(0, 4)).toEqual([2, 2, 7, 7]);
  });

  it('is exact over any number of milliseconds in a row', () => {
    const buckets = new ArrivalBuckets(0);
    const times: number[] = [];
    for (let ms = 0; ms < 2_500; ms += 1) {
      // A pause, after which more milliseconds come together than ever before.
      const now = ms < 700 ? ms : ms + 5_000;
      for (let count = (ms * 7) % 5; count > 0; count -= 1) {
        buckets.arrived(now);
        times.push(now);
      }
    }
    const expected = ENVELOPE_WINDOWS_MS.map((window) => bruteForce(times, window, 0));
    expect(buckets.takeEnvelope()).toEqual(expected);
  });

  it('counts what comes a little late by its clock in the newest millisecond', () => {
    const buckets = new ArrivalBuckets(0);
    buckets.arrived(5);
    buckets.arrived(4);
    expect(buckets.takeEnvelope()[0]).toBe(2);
  });
});
