import { describe, expect, test } from 'vitest';
import type { Signals } from '../../src/control/signals.js';
import { always, at, ticks, timeline, traffic } from '../support/timeline.js';

/** A second of steady traffic, so that use time and rate are known. */
function known(perTick: number, useMs: number, rest: Partial<Signals> = {}) {
  return ticks(-1_000, -100, (ms) => at(ms).signals(traffic(perTick, useMs, rest)));
}

describe("the littles-law policy's staffing", () => {
  test('asks for the offered load and its square root', () => {
    timeline(
      'littles-law',
      { idle: 4, inUse: 16 },
      // 8 per millisecond, 2 ms each: 16 busy on average, and 4 for chance.
      ticks(0, 2_000, (ms) => at(ms).signals(traffic(800, 2))),
      at(2_100)
        .signals(traffic(800, 2))
        .expect({ target: 20, candidates: { staffing: 20 } }),
    );
  });

  test('opens ahead of any queue when the rate rises', () => {
    timeline(
      'littles-law',
      { inUse: 4 },
      known(200, 2),
      // Half of the rise counts at once: λ = 5/ms, R = 10.
      at(0).signals(traffic(800, 2)).expect({ target: 14, reason: 'staffing', limitedBy: [] }),
    );
  });

  test('does not take a decision in the middle of a tick for a rate', () => {
    timeline(
      'littles-law',
      { inUse: 4, idle: 4 },
      known(200, 2),
      // 50 callers in half a millisecond are 100 per millisecond, but only for now.
      at(-99.5)
        .signals({ cause: 'pressure', arrivals: 50, inUseMs: 4 })
        .expect({ target: 8, candidates: { staffing: 6 } }),
      at(0)
        .signals(traffic(150, 2))
        .expect({ target: 8, candidates: { staffing: 6 } }),
    );
  });

  test('takes a long call for one busy connection, not for a rate of long calls', () => {
    const decisions = timeline(
      'littles-law',
      {},
      // One call per 5 s, a second long: one busy connection and one or two for chance. Its tick alone looks like ten calls
      // per second, of which half would count: eight connections.
      ticks(0, 30_000, (ms) => {
        const isBusy = ms % 5_000 < 1_000;
        return at(ms).signals({
          ...(isBusy ? { inUse: 1, inUseMs: 100 } : { idle: 1 }),
          arrivals: ms % 5_000 === 0 ? 1 : 0,
          completions: ms % 5_000 === 1_000 ? 1 : 0,
        });
      }),
    );
    expect(Math.max(...decisions.map((decision) => decision.target))).toBeOneOf([2, 3]);
  });

  test('counts a lease that never comes back as one busy connection', () => {
    const leaking = traffic(100, 2, { inUseMs: 200 + 100, inUse: 3 });
    const decisions = timeline(
      'littles-law',
      { inUse: 3, idle: 3 },
      // R = 2 and the leak; without the leak counted as one this would soon be hundreds.
      ticks(0, 60_000, (ms) => at(ms).signals(leaking)),
    );
    expect(decisions.at(-1)?.candidates).toMatchObject({ staffing: 5 });
  });
});

describe("the littles-law policy's look-ahead", () => {
  test('opens nothing when returns serve the queue before a new connection is ready', () => {
    timeline(
      'littles-law',
      { inUse: 5, create: always(150), max: 50 },
      known(10, 2, { create: always(150) }),
      // In 150 ms five connections serve 375 calls of 2 ms.
      at(0)
        .signals({ pending: 45, cause: 'pressure' })
        .expect({ target: 5, reason: 'returns-suffice', limitedBy: [] }),
    );
  });

  test('opens what drains the backlog that remains', () => {
    timeline(
      'littles-law',
      { inUse: 8, create: always(2), use: always(4) },
      known(100, 4, { create: always(2) }),
      // 37 wait, 2 ms bring two more and four returns: 35 remain. Those in 10 ms, besides one per millisecond, at 4 ms
      // each: 4 · (1 + 3.5) = 18.
      at(0)
        .signals({ pending: 37, cause: 'pressure', intervalMs: 1 })
        .expect({ target: 18, reason: 'drain', limitedBy: [], candidates: { drain: 18 } }),
    );
  });

  test('never has more connections on their way than callers who wait', () => {
    timeline(
      'littles-law',
      { inUse: 8, create: always(2), use: always(500) },
      known(8, 500, { arrivals: 1, create: always(2) }),
      // One caller behind eight long calls would like many; one connection is all it can use.
      at(0)
        .signals({ pending: 1, target: 8, cause: 'pressure', intervalMs: 1 })
        .expect({ target: 9, limitedBy: ['creates-in-flight'] }),
    );
  });

  test('stops at max and says so', () => {
    timeline(
      'littles-law',
      { inUse: 8, create: always(2), use: always(50), max: 10 },
      known(8, 50, { create: always(2) }),
      at(0)
        .signals({ pending: 100, target: 8, cause: 'pressure', intervalMs: 1 })
        .expect({ target: 10, reason: 'drain', limitedBy: ['max'] }),
      // Held there, it still says what for.
      at(20)
        .signals({ pending: 120, inUse: 10, cause: 'tick' })
        .expect({ target: 10, reason: 'drain', limitedBy: ['max'], wakeInMs: null }),
    );
  });

  test('says when the create gate is what keeps it', () => {
    timeline(
      'littles-law',
      { inUse: 8, create: always(2), use: always(4) },
      known(100, 4, { create: always(2) }),
      at(0)
        .signals({
          pending: 37,
          target: 8,
          intervalMs: 1,
          gate: { state: 'backing-off', limit: 1, reopensInMs: 200, failuresInARow: 3 },
        })
        .expect({ target: 18, reason: 'drain', limitedBy: ['create-gate'] }),
    );
  });

  test('does not take a batch at one instant for a rate', () => {
    const rise = Array.from({ length: 10 }, (_, i) => (i === 9 ? 100 : 0));
    timeline(
      'littles-law',
      { inUse: 8, create: always(10), use: always(4) },
      known(1, 4, { create: always(10) }),
      // With 100 in 10 ms for a rate, another 100 would be expected by the time a connection is ready.
      at(0)
        .signals({ pending: 100, arrivals: 100, arrivalsPerMs: rise, intervalMs: 10 })
        .expect({ candidates: expect.objectContaining({ drain: 26 }) }),
    );
  });

  test('remembers the create time when none was opened in the last second', () => {
    timeline(
      'littles-law',
      { inUse: 5 },
      known(10, 20, { create: always(150) }),
      // 150 ms bring 37 calls of 20 ms back and 15 new ones; in less time a queue would remain.
      at(0)
        .signals({ pending: 20, use: always(20) })
        .expect({ target: 5, reason: 'returns-suffice' }),
    );
  });

  test('counts connections on their way for the time they will be there', () => {
    timeline(
      'littles-law',
      { inUse: 4, create: always(10), use: always(10) },
      known(1, 10, { create: always(10) }),
      // In 10 ms four calls come back, and two more from four connections that were ready after half the time.
      at(0)
        .signals({ pending: 46, creating: 4, oldestCreateMs: 10, intervalMs: 1 })
        .expect({ candidates: expect.objectContaining({ drain: 33 }) }),
      // All four have just begun: they will not have served anyone when the next one is ready.
      at(1)
        .signals({ pending: 46, creating: 4, oldestCreateMs: 0, intervalMs: 1 })
        .expect({ candidates: expect.objectContaining({ drain: 34 }) }),
    );
  });

  test('looks again by itself while a batch waits', () => {
    const [last] = timeline(
      'littles-law',
      { inUse: 5 },
      known(10, 2, { create: always(5) }),
      at(0).signals({ pending: 1, intervalMs: 1 }),
    ).slice(-1);
    expect(last).toMatchObject({ reason: 'returns-suffice', wakeInMs: 20 });
  });

  test('gives up connections that were not begun when the waiters are gone', () => {
    timeline(
      'littles-law',
      { inUse: 8, create: always(2), use: always(50) },
      known(8, 50, { create: always(2) }),
      at(0).signals({ pending: 100, target: 8, intervalMs: 1 }).expect({ target: 64 }),
      // All timed out while the gate let only four begin.
      at(50).signals({ pending: 0, creating: 4, arrivals: 0 }).expect({
        target: 12,
        reason: 'returns-suffice',
        note: '52 not begun and no longer needed',
      }),
    );
  });
});

describe("the littles-law policy's care", () => {
  test('believes the first uses of a burst only as far as a cold start goes', () => {
    timeline(
      { name: 'littles-law' },
      { inUse: 10, min: 10, max: 1_000, create: always(5) },
      // Never used before, and a thousand come at once.
      at(0).signals({ pending: 990, cause: 'pressure' }).expect({ target: 10 }),
      // The first ten took 40 ms each because the burst itself did; at that pace hundreds would be needed.
      at(45)
        .signals({
          pending: 980,
          cause: 'pressure',
          completions: 10,
          inUseMs: 400,
          use: always(40),
        })
        .expect({ target: 10, reason: 'drain', limitedBy: ['thin-evidence'] }),
      at(50)
        .signals({ pending: 979, cause: 'pressure', completions: 1, inUseMs: 50, use: always(40) })
        .expect({ target: 20, limitedBy: ['thin-evidence'] }),
    );
  });

  test.each([
    [19, { target: 10, limitedBy: ['thin-evidence'] }],
    [20, { target: 100, limitedBy: ['creates-in-flight'] }],
  ] as const)('believes two uses per connection: of 10, %d uses', (completions, expected) => {
    const burst = { cause: 'pressure', pending: 90, use: always(20) } as const;
    timeline(
      { name: 'littles-law' },
      { inUse: 10, min: 10, max: 1_000, create: always(5) },
      at(0).signals(burst),
      at(45)
        .signals({ ...burst, completions, inUseMs: 450 })
        .expect(expected),
    );
  });

  test('does not grow at every pressure while this process is the bottleneck, but goes on slowly', () => {
    timeline(
      'littles-law',
      { inUse: 20, create: always(2), use: always(4), eventLoopUtilisation: 0.95 },
      known(100, 4, { create: always(2) }),
      at(50)
        .signals({ pending: 100, target: 20, cause: 'pressure' })
        .expect({ target: 20, limitedBy: ['client-saturated'] }),
      // Only when the loop was busy for long is it more than a moment, and worth a small step per second.
      ticks(100, 300, (ms) =>
        at(ms)
          .signals({ pending: 100, target: 20 })
          .expect({ target: 20, limitedBy: ['client-saturated'] }),
      ),
      at(400)
        .signals({ pending: 100, target: 20 })
        .expect({ target: 22, limitedBy: ['client-saturated'] }),
      ticks(500, 1_300, (ms) =>
        at(ms).signals({ pending: 100, target: 22 }).expect({ target: 22 }),
      ),
      at(1_400).signals({ pending: 100, target: 22, inUse: 22 }).expect({ target: 24 }),
      ticks(1_700, 2_700, (ms) => at(ms).signals({ eventLoopUtilisation: 0.2, target: 22 })),
      at(2_750)
        .signals({
          pending: 100,
          target: 22,
          inUse: 22,
          cause: 'pressure',
          eventLoopUtilisation: 0.8,
        })
        // 22 / 0.8.
        .expect({ target: 28, limitedBy: ['client-saturated'] }),
      at(2_760)
        .signals({ pending: 100, target: 22, cause: 'pressure', eventLoopUtilisation: 0.5 })
        // 20 open now, and half of the time busy; but the moment before counts until these are felt.
        .expect({ target: 28, limitedBy: ['client-saturated'] }),
      // An idle loop limits nothing once that was so for long.
      at(9_000)
        .signals({ pending: 100, target: 22, inUse: 22, eventLoopUtilisation: 0 })
        .expect({ reason: 'drain', limitedBy: [] }),
    );
  });
});
