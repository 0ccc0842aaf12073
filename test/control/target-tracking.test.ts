import { describe, test } from 'vitest';
import type { Signals } from '../../src/control/signals.js';
import { at, ticks, timeline } from '../support/timeline.js';

/** A tick in which this many connections were in use or waited for on average. */
function demand(average: number, rest: Partial<Signals> = {}): Partial<Signals> {
  return { inUseMs: 100 * average, ...rest };
}

describe('the target-tracking policy', () => {
  test('asks for the average demand divided by the target utilisation', () => {
    timeline(
      { name: 'target-tracking', tolerance: 0, downStabilisationMs: 0 },
      { idle: 10 },
      // It begins in panic, which ends after a stable window.
      ticks(0, 3_000, (ms) => at(ms).signals(demand(7)).expect({ target: 10, reason: 'steady' })),
      at(3_100)
        .signals(demand(7))
        .expect({ target: 10, reason: 'steady', permits: null, episode: 'panic-exit' }),
      // 3 s of 7, of which a tick now has 37: 8 on average.
      at(3_200)
        .signals(demand(37, { idle: 20 }))
        .expect({
          target: 12,
          reason: 'utilisation',
          note: '8.0 wanted on average over 3 s',
          candidates: { floor: 0, stable: 12, panic: 25 },
        }),
    );
  });

  test('counts callers who wait as demand', () => {
    timeline(
      'target-tracking',
      {},
      at(0).signals({ inUseMs: 100, pendingMs: 600, pending: 6, inUse: 1 }).expect({ target: 10 }),
    );
  });

  test('panics when the last 300 ms ask for twice what is open, and then only rises', () => {
    timeline(
      'target-tracking',
      { idle: 10 },
      ticks(0, 3_200, (ms) => at(ms).signals(demand(7)).expect({ target: 10 })),
      // 17 on average over 300 ms need 25, twice ten and more.
      at(3_300).signals(demand(37)).expect({
        target: 25,
        reason: 'utilisation',
        episode: 'panic-enter',
        note: '17.0 wanted on average over 300 ms',
      }),
      at(3_400)
        .signals(demand(37, { idle: 25 }))
        .expect({ target: 39, reason: 'utilisation', limitedBy: [] }),
      // The load is gone, and 39 stay until it was gone for 3 s.
      ticks(3_500, 6_300, (ms) =>
        at(ms)
          .signals(demand(0, { idle: 39 }))
          .expect({ target: 39, reason: 'steady', limitedBy: ['panic'] }),
      ),
    );
  });

  test('takes the stable window in panic where that one asks for more', () => {
    timeline(
      { name: 'target-tracking', downStabilisationMs: 0 },
      {},
      ticks(0, 3_100, (ms) =>
        at(ms)
          .signals(demand(42, { idle: 60 }))
          .expect({ target: 60 }),
      ),
      // All but two died: 42 are asked for by the panic window, which is too many for two, and 59 by the stable one.
      at(3_200)
        .signals(demand(3, { idle: 2 }))
        .expect({
          target: 59,
          episode: 'panic-enter',
          candidates: { floor: 0, stable: 59, panic: 42 },
        }),
    );
  });

  test('goes on panicking while the threshold is exceeded again', () => {
    timeline(
      { name: 'target-tracking', downStabilisationMs: 0 },
      { idle: 1 },
      at(0).signals(demand(7)).expect({ target: 10, reason: 'utilisation' }),
      ticks(100, 2_900, (ms) =>
        at(ms)
          .signals(demand(0, { idle: 10 }))
          .expect({ target: 10 }),
      ),
      at(3_000)
        .signals(demand(50, { idle: 10 }))
        .expect({ target: 24, reason: 'utilisation' }),
      // Three more seconds from the second jump on, which the panic window sees for 300 ms.
      ticks(3_100, 6_000, (ms) =>
        at(ms)
          .signals(demand(0, { idle: 24 }))
          .expect({ target: 24 }),
      ),
      at(6_100)
        .signals(demand(0, { idle: 24 }))
        .expect({ target: 12, reason: 'utilisation' }),
    );
  });

  test('leaves a difference within the tolerance alone', () => {
    timeline(
      { name: 'target-tracking', downStabilisationMs: 0 },
      { idle: 10 },
      ticks(0, 3_000, (ms) => at(ms).signals(demand(6.4))),
      // Ten connections are right for 6.3 to 7.7.
      ticks(3_100, 6_000, (ms) =>
        at(ms).signals(demand(7.6)).expect({ target: 10, reason: 'steady' }),
      ),
      at(6_100)
        .signals(demand(7.6))
        .expect({ target: 10, limitedBy: ['tolerance'] }),
      // One tick of 20 makes it 8.0 on average, which is too much for ten.
      at(6_200).signals(demand(20)).expect({ target: 12, reason: 'utilisation', limitedBy: [] }),
    );
  });

  test('falls to the largest size of the stabilisation window', () => {
    timeline(
      { name: 'target-tracking', stableWindowMs: 100, downStabilisationMs: 1_000 },
      { idle: 20 },
      ticks(0, 400, (ms) => at(ms).signals(demand(14)).expect({ target: 20 })),
      at(500)
        .signals(demand(10))
        .expect({ target: 20, limitedBy: ['stabilisation'] }),
      ticks(600, 1_400, (ms) =>
        at(ms)
          .signals(demand(7))
          .expect({ target: 20, reason: 'steady', limitedBy: ['stabilisation'] }),
      ),
      // The last 20 is a second old now, the 15 that came after it is not.
      at(1_500)
        .signals(demand(7))
        .expect({ target: 15, reason: 'utilisation', limitedBy: ['stabilisation'] }),
      at(1_600)
        .signals(demand(7, { idle: 15 }))
        .expect({ target: 10, limitedBy: [] }),
    );
  });

  test('asks for no less than half of what is open at a time', () => {
    timeline(
      { name: 'target-tracking', stableWindowMs: 100, downStabilisationMs: 0 },
      { min: 2 },
      ticks(0, 100, (ms) =>
        at(ms)
          .signals(demand(0, { idle: 20 }))
          .expect({ target: 20 }),
      ),
      at(200)
        .signals(demand(0, { idle: 20 }))
        .expect({ target: 10, reason: 'utilisation', limitedBy: ['shrink-rate'] }),
      at(300)
        .signals(demand(0, { idle: 10 }))
        .expect({ target: 5 }),
      at(400)
        .signals(demand(0, { idle: 5 }))
        .expect({ target: 2, reason: 'floor' }),
      at(500)
        .signals(demand(0, { idle: 2 }))
        .expect({ target: 2, reason: 'steady', limitedBy: ['min'] }),
    );
  });

  test('takes hours without a decision for hours of what was seen in them', () => {
    timeline(
      { name: 'target-tracking', downStabilisationMs: 0 },
      { idle: 10 },
      ticks(0, 3_100, (ms) => at(ms).signals(demand(7)).expect({ target: 10 })),
      // One caller of a hundred milliseconds in two hours.
      at(7_200_000)
        .signals({ inUseMs: 100 })
        .expect({ target: 5, candidates: { stable: 1 } }),
    );
  });

  test('follows min and max when they move', () => {
    timeline(
      'target-tracking',
      { idle: 8 },
      at(0)
        .signals(demand(5.6, { min: 10 }))
        .expect({ target: 10, reason: 'floor' }),
      at(100)
        .signals(demand(5.6, { max: 6 }))
        .expect({ target: 6, reason: 'manual' }),
    );
  });
});
