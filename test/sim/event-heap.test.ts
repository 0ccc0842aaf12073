import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { EventHeap } from '../../sim/kernel/event-heap.js';

interface Scheduled {
  readonly time: number;
  readonly rank: number;
  readonly sequence: number;
}

const event = fc.record({
  // Few distinct values, so that times and ranks collide often.
  time: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ min: 0, max: 10, noNaN: true })),
  rank: fc.integer({ min: 0, max: 6 }),
});

function order(a: Scheduled, b: Scheduled): number {
  return a.time - b.time || a.rank - b.rank || a.sequence - b.sequence;
}

describe('EventHeap', () => {
  it('gives events back by time, then rank, then order of scheduling', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), (events) => {
        const heap = new EventHeap<Scheduled>();
        const scheduled = events.map((one, sequence) => ({ ...one, sequence }));
        for (const one of scheduled) heap.push(one.time, one.rank, one);
        const popped: Scheduled[] = [];
        while (heap.size > 0) {
          const { nextTime, nextRank } = heap;
          const one = heap.pop();
          expect([one.time, one.rank]).toEqual([nextTime, nextRank]);
          popped.push(one);
        }
        expect(popped).toEqual(scheduled.toSorted(order));
      }),
    );
  });

  it('keeps the order while events are scheduled and taken in turns', () => {
    fc.assert(
      fc.property(fc.array(fc.option(event), { maxLength: 300 }), (steps) => {
        const heap = new EventHeap<Scheduled>();
        let waiting: Scheduled[] = [];
        for (const [sequence, step] of steps.entries()) {
          if (step !== null) {
            const one = { ...step, sequence };
            heap.push(one.time, one.rank, one);
            waiting = [...waiting, one].toSorted(order);
          } else if (waiting.length > 0) expect(heap.pop()).toBe(waiting.shift());
          expect(heap.size).toBe(waiting.length);
        }
      }),
    );
  });

  it('has no next event when it is empty', () => {
    const heap = new EventHeap<string>();
    expect(heap.nextTime).toBe(Number.POSITIVE_INFINITY);
    expect(heap.nextRank).toBe(Number.POSITIVE_INFINITY);
    expect(() => heap.pop()).toThrow('bug');
  });
});
