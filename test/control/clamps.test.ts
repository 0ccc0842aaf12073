import { describe, expect, it } from 'vitest';
import { clampDecision, clampsFor, UNCLAMPED, type ClampState } from '../../src/control/clamps.js';
import type { Decision } from '../../src/control/decision.js';
import type { Hint, Signals } from '../../src/control/signals.js';
import { always, signalsOf } from '../support/timeline.js';

const NO_FAILURES = { transient: 0, permanent: 0, serverLimit: 0, timeout: 0 };
const REFUSED = { ...NO_FAILURES, serverLimit: 1 };

function decide(
  target: number,
  signals: Signals,
  state: ClampState = UNCLAMPED,
  given: Partial<Decision<null>> = {},
): Decision<null> & { readonly after: ClampState } {
  const clamps = clampsFor(signals, state);
  const decision: Decision<null> = {
    target,
    permits: null,
    reason: 'drain',
    limitedBy: [],
    candidates: {},
    state: null,
    wakeInMs: null,
    ...given,
  };
  return { ...clampDecision(decision, clamps, signals), after: clamps.state };
}

function hint(given: Partial<Hint>): Hint {
  return { from: 0, until: 1_000, concurrency: null, ratePerSecond: null, ...given };
}

describe('bounds', () => {
  it('hold the target and are named', () => {
    expect(decide(100, signalsOf())).toMatchObject({ target: 64, limitedBy: ['max'] });
    expect(decide(1, signalsOf({ min: 3 }))).toMatchObject({ target: 3, limitedBy: ['min'] });
  });

  it.each([
    [null, null],
    [1.5, 1],
    [7, 7],
    [Number.POSITIVE_INFINITY, null],
  ])(
    'make of permits of %s %s: a cap is whole, one that caps nothing is none',
    (given, permits) => {
      expect(decide(8, signalsOf({ target: 8 }), UNCLAMPED, { permits: given })).toMatchObject({
        target: 8,
        permits,
      });
    },
  );
});

describe('a refusal by the server', () => {
  const refused = signalsOf({ idle: 0, inUse: 10, createFailures: REFUSED });

  it('is the maximum for a minute', () => {
    const { target, limitedBy, after } = decide(20, refused);
    expect({ target, limitedBy }).toEqual({ target: 10, limitedBy: ['server-limit'] });
    const later = signalsOf({ now: 59_999, inUse: 10 });
    expect(decide(20, later, after)).toMatchObject({ target: 10, limitedBy: ['server-limit'] });
    expect(decide(20, { ...later, now: 60_000 }, after)).toMatchObject({ target: 20 });
  });

  it('leaves room for those whose answer is still out, until they are refused too', () => {
    const first = decide(20, { ...refused, creating: 4, size: 14 });
    expect(first).toMatchObject({ target: 14, limitedBy: ['server-limit'] });
    const next = { ...refused, now: 1, creating: 2, size: 12 };
    expect(decide(20, next, first.after)).toMatchObject({ target: 12 });
  });

  it('does not go below the minimum, and says nothing when less is wanted', () => {
    expect(decide(20, { ...refused, min: 15 }).target).toBe(15);
    const { after } = decide(20, refused);
    expect(decide(5, signalsOf({ now: 1, inUse: 10 }), after).limitedBy).toEqual([]);
  });

  it('is forgotten with another clock', () => {
    const { after } = decide(20, { ...refused, now: 1e9 });
    expect(decide(20, signalsOf({ now: 0, inUse: 10 }), after).target).toBe(20);
  });
});

describe('a busy event loop', () => {
  const waiting = { pending: 900, oldestWaitMs: 1_000 };
  const crowd = { ...waiting, cause: 'pressure', idle: 10, max: 1_000 } as const;
  const busy = signalsOf({ now: 5_000, idle: 20, eventLoopUtilisation: 0.95 });
  const long: ClampState = {
    ...UNCLAMPED,
    client: { utilisation: 0.95, waiting: null, grewAt: null },
  };

  it('lets the pool grow only slowly', () => {
    expect(decide(60, busy, long)).toMatchObject({ target: 22, limitedBy: ['client-saturated'] });
    const just: ClampState = {
      ...UNCLAMPED,
      client: { utilisation: 0.95, waiting: null, grewAt: 4_500 },
    };
    expect(decide(60, busy, just)).toMatchObject({ target: 20, limitedBy: ['client-saturated'] });
  });

  it('leaves a small pool ten connections, however busy', () => {
    const small = { ...busy, idle: 2, size: 2, target: 2 };
    expect(decide(60, small, long)).toMatchObject({ target: 10, limitedBy: ['client-saturated'] });
    expect(decide(8, { ...small, eventLoopUtilisation: 0.6 }, UNCLAMPED)).toMatchObject({
      target: 8,
      limitedBy: [],
    });
  });

  it('leaves a small pool only four when that is what uses take their time from', () => {
    const small = { ...busy, idle: 2, size: 2, target: 2 };
    expect(decide(60, { ...small, use: always(0.99) }, long).target).toBe(4);
    expect(decide(60, { ...small, use: always(1) }, long).target).toBe(10);
    const rather = { ...small, eventLoopUtilisation: 0.6 };
    expect(decide(60, { ...rather, use: always(0.99) }).target).toBe(4);
    expect(decide(60, { ...rather, use: always(1) }).target).toBe(10);
  });

  it('holds growth while the loop is busy for a moment only', () => {
    expect(decide(60, busy)).toMatchObject({ target: 20, limitedBy: ['client-saturated'] });
    const idle = { ...busy, eventLoopUtilisation: 0.3 };
    expect(decide(60, idle).target).toBe(60);
    // A short rest of a loop that is busy all the time is no room.
    expect(decide(60, { ...idle, intervalMs: 5 }, long).target).toBe(22);
  });

  it('is not taken for an idle one because it rests for a moment in a burst', () => {
    // What was measured in `npm run demo`: interval and utilisation of the decisions while 1,000 callers waited.
    const moments = [
      [99.8, 0.56],
      [5, 1],
      [6.7, 0.93],
      [5.1, 0.31],
    ] as const;
    let state = UNCLAMPED;
    let target = 0;
    for (const [intervalMs, eventLoopUtilisation] of moments) {
      const signals = signalsOf({ ...crowd, intervalMs, eventLoopUtilisation });
      ({ target, after: state } = decide(116, signals, state));
    }
    // Busy for 76 % of the 17 ms in which they waited; for the moment alone it would be 10 / 0.31 = 33.
    expect(target).toBe(14);
  });

  it.each([
    ['all wait', () => 900, [27, 27, 27, 36, 36, 36, 48, 48, 48, 64]],
    [
      'nobody waits every other time',
      (look: number) => (look % 2 === 0 ? 900 : 0),
      [27, 27, 27, 27, 36, 36, 36, 36, 48, 48],
    ],
  ])(
    'lets a step be felt for 5 ms of waiting before the next when %s',
    (_name, pendingAt, expected) => {
      const burst = { intervalMs: 3, eventLoopUtilisation: 0.75 };
      let state = UNCLAMPED;
      const targets: number[] = [];
      let idle = 20;
      for (const look of expected.keys()) {
        const moment = {
          ...burst,
          now: 3 * look,
          pending: pendingAt(look),
          oldestWaitMs: 1_000,
          idle,
        };
        const { target, after } = decide(64, signalsOf(moment), state);
        targets.push(target);
        [idle, state] = [target, after];
      }
      // 20 / 0.75 and so on.
      expect(targets).toEqual(expected);
    },
  );

  it('is measured anew with each number of connections', () => {
    const burst = { ...waiting, max: 1_000 };
    let state = UNCLAMPED;
    let target = 0;
    // Opening ten takes all of the time, serving callers with them a fifth.
    for (const [idle, eventLoopUtilisation] of [
      [0, 1],
      [10, 0.9],
      [10, 0.2],
      [10, 0.2],
    ] as const) {
      const moment = { ...burst, intervalMs: 4, idle, eventLoopUtilisation };
      ({ target, after: state } = decide(200, signalsOf(moment), state));
    }
    expect(target).toBe(50);
    const later = signalsOf({ ...burst, intervalMs: 4, idle: 50, eventLoopUtilisation: 0.2 });
    // The 50 were not felt yet.
    expect(decide(200, later, state).target).toBe(50);
  });

  it('does not take the rest before a short wait for waiting', () => {
    const wait = { pending: 900, oldestWaitMs: 8, intervalMs: 100, idle: 20 };
    const busy8 = signalsOf({ ...wait, now: 100, eventLoopUtilisation: 0.8 });
    const rest = signalsOf({ now: 200, idle: 20, eventLoopUtilisation: 0 });
    let { after } = decide(20, signalsOf({ ...wait, eventLoopUtilisation: 0.8 }));
    ({ after } = decide(20, busy8, after));
    ({ after } = decide(20, rest, after));
    // A hundred milliseconds of which eight were waiting: they do not outweigh the eight before.
    const again = signalsOf({ ...wait, now: 300, eventLoopUtilisation: 0.1 });
    ({ after } = decide(20, again, after));
    const { ms, busyMs } = after.client?.waiting ?? { ms: 0, busyMs: 0 };
    expect(ms).toBeCloseTo(8 + 8 * Math.exp(-2), 9);
    expect(busyMs).toBeCloseTo(0.8 + 6.4 * Math.exp(-2), 9);
  });

  it('is forgotten once nobody has waited for a while', () => {
    const burst = { ...waiting, intervalMs: 3, idle: 20 };
    const { after } = decide(20, signalsOf({ ...burst, eventLoopUtilisation: 0.8 }));
    const again = { ...burst, eventLoopUtilisation: 0.4 };
    expect(decide(64, signalsOf({ ...again, now: 499 }), after).target).toBe(25);
    expect(decide(64, signalsOf({ ...again, now: 500 }), after).target).toBe(50);
  });

  it('does not count against a pool that nothing was open yet', () => {
    const burst = { ...waiting, intervalMs: 10, eventLoopUtilisation: 0.6 };
    const opening = decide(64, signalsOf({ ...burst, creating: 12 }));
    const open = signalsOf({ ...burst, idle: 12 });
    expect(decide(64, open, opening.after).target).toBe(20);
  });

  it('is idle when callers wait for the backend, whatever their coming cost', () => {
    const coming = signalsOf({ ...crowd, intervalMs: 20, eventLoopUtilisation: 1 });
    const begun = decide(116, coming, decide(116, coming).after);
    expect(begun.target).toBe(10);
    let { after } = begun;
    for (let ms = 0; ms < 300; ms += 20) {
      const idle = signalsOf({ ...crowd, intervalMs: 20, eventLoopUtilisation: 0.01 });
      ({ after } = decide(116, idle, after));
    }
    const idle = signalsOf({ ...crowd, intervalMs: 20, eventLoopUtilisation: 0.01 });
    expect(decide(116, idle, after)).toMatchObject({ target: 116, limitedBy: [] });
  });

  it('does not limit a pool without connections unless it has hardly any time', () => {
    const none = signalsOf({ pending: 100, eventLoopUtilisation: 0.5 });
    expect(decide(40, none).target).toBe(40);
    expect(decide(40, { ...none, eventLoopUtilisation: 0.6 }).target).toBe(10);
  });

  it('does not concern a constant size, nor the minimum', () => {
    expect(decide(60, busy, UNCLAMPED, { reason: 'fixed' }).target).toBe(60);
    expect(decide(40, { ...busy, min: 40 }).target).toBe(40);
  });
});

describe('an announced load', () => {
  const warm = { create: always(10) };

  it('of 20 callers holds 23 connections from a little before until its end', () => {
    const hints = [hint({ from: 500, until: 800, concurrency: 20 })];
    const early = decide(0, signalsOf({ now: 0, hints, ...warm }), UNCLAMPED, { reason: 'floor' });
    // One round of creates of 10 ms, 20 ms of margin.
    expect(early).toMatchObject({ target: 0, wakeInMs: 470.5 });
    const due = decide(0, signalsOf({ now: 470, hints, ...warm }), UNCLAMPED, { reason: 'floor' });
    expect(due).toMatchObject({
      target: 23,
      reason: 'hint',
      candidates: { hint: 23 },
      limitedBy: [],
    });
    const last = signalsOf({ now: 799, hints, target: 23, idle: 23, ...warm });
    expect(decide(22, last, UNCLAMPED, { reason: 'idle-surplus' })).toMatchObject({
      target: 23,
      reason: 'hint',
    });
    expect(decide(22, { ...last, now: 800 }).target).toBe(22);
  });

  it('begins earlier when the gate lets only a few through', () => {
    const gate = { state: 'open', limit: 5, reopensInMs: 0, failuresInARow: 0 } as const;
    const hints = [hint({ from: 500, until: 800, concurrency: 20 })];
    expect(decide(0, signalsOf({ hints, gate, ...warm })).wakeInMs).toBe(430.5);
  });

  it('is prepared without a break although less and less is missing', () => {
    const gate = { state: 'open', limit: 5, reopensInMs: 0, failuresInARow: 0 } as const;
    const hints = [hint({ from: 500, until: 800, concurrency: 20 })];
    const begin = decide(0, signalsOf({ now: 430, hints, gate, ...warm }));
    expect(begin).toMatchObject({ target: 23, after: { preparing: 500 } });
    const half = signalsOf({ now: 440, idle: 10, creating: 5, hints, gate, target: 23, ...warm });
    const further = decide(0, half, begin.after);
    expect(further).toMatchObject({ target: 23, after: { preparing: 500 } });
    const there = signalsOf({ now: 500, idle: 23, hints, gate, ...warm });
    expect(decide(0, there, further.after)).toMatchObject({
      target: 23,
      after: { preparing: null },
    });
    // Taken back, and announced again for later.
    const none = decide(0, { ...half, hints: [] }, begin.after);
    expect(none).toMatchObject({ target: 0, after: { preparing: null } });
    // A moment of another clock.
    const far = [hint({ from: 9e6, until: 9e6 + 1, concurrency: 20 })];
    expect(decide(0, signalsOf({ hints: far }), { ...begin.after, preparing: 1e7 }).target).toBe(0);
  });

  it('overlapping with another counts where it is the larger', () => {
    const hints = [
      hint({ until: 100, concurrency: 10 }),
      hint({ from: 50, until: 200, concurrency: 20 }),
    ];
    const at = (now: number): number => decide(0, signalsOf({ now, hints, ...warm })).target;
    expect([at(0), at(60), at(150), at(250)]).toEqual([12, 23, 23, 0]);
  });

  it('given as a rate counts once a use time is known', () => {
    const hints = [hint({ ratePerSecond: 1_000 })];
    const unknown = decide(0, signalsOf({ hints, use: always(10, 9) }));
    expect(unknown.target).toBe(0);
    // R = 10, R + √R = 13.2 → 14, with headroom 16.1 → 17.
    const known = decide(0, signalsOf({ hints, use: always(10, 10) }));
    expect(known.target).toBe(17);
    // The last second had no use, but one is remembered.
    expect(decide(0, signalsOf({ hints, now: 500 }), known.after).target).toBe(17);
  });

  it('never goes beyond max', () => {
    const hints = [hint({ concurrency: 1_000 })];
    expect(decide(0, signalsOf({ hints })).target).toBe(64);
  });
});
