import { describe, expect, test } from 'vitest';
import type { PolicyOption } from '../../src/control/policies/index.js';
import type { Policy } from '../../src/control/policy.js';
import type { Signals } from '../../src/control/signals.js';
import { always, at, ticks, timeline, type Row } from '../support/timeline.js';

/** A second in which all of many connections were in use and took this long. */
function busy(useMs: number, rest: Partial<Signals> = {}): Partial<Signals> {
  return { inUse: 50, max: 500, completions: 100, use: always(useMs), ...rest };
}

/** The caps after 1 s, 2 s and so on, each second with this use time. */
function caps(policy: PolicyOption, ...useMs: readonly number[]): (number | null)[] {
  const rows: Row[] = [at(0).signals(busy(useMs[0] ?? 1))];
  for (const [index, ms] of useMs.entries()) rows.push(at(1_000 * (index + 1)).signals(busy(ms)));
  const decisions = timeline(policy, {}, rows);
  return decisions.slice(1).map(({ permits }) => permits);
}

const FIXED = { name: 'fixed', size: 50 } as const;

describe('the gradient policy', () => {
  test('begins with the initial cap and lets the policy below decide the target', () => {
    timeline(
      { name: 'gradient', over: FIXED },
      { inUse: 50, max: 100 },
      at(0)
        .signals({})
        .expect({
          target: 50,
          permits: 20,
          reason: 'fixed',
          candidates: { fixed: 50, permits: 20 },
          limitedBy: [],
        }),
    );
  });

  test('opens none that the cap would leave unused, and closes none', () => {
    timeline(
      { name: 'gradient', over: FIXED },
      {},
      at(0)
        .signals({ max: 100, target: 0 })
        .expect({ target: 20, permits: 20, limitedBy: ['permits'] }),
      at(100)
        .signals({ idle: 20, max: 100, min: 30 })
        .expect({ target: 30, limitedBy: ['permits'] }),
      at(200).signals({ idle: 50, max: 100, target: 50 }).expect({ target: 50, limitedBy: [] }),
    );
  });

  test('has no cap where the pool is smaller', () => {
    timeline(
      { name: 'gradient', over: FIXED },
      { max: 20 },
      at(0).signals({}).expect({ target: 20, permits: null }),
    );
  });

  test('keeps a cap of the policy below where it is lower', () => {
    const strict: Policy<null> = {
      name: 'strict',
      init: () => null,
      decide: (_, state) => ({
        target: 9,
        permits: 5,
        reason: 'custom',
        limitedBy: [],
        candidates: {},
        state,
        wakeInMs: 7,
      }),
    };
    const expected = { target: 9, permits: 5, reason: 'custom', wakeInMs: 7 } as const;
    timeline({ name: 'gradient', over: strict }, {}, at(0).signals({}).expect(expected));
  });

  test('moves once per window of a second with ten uses or more', () => {
    const slow = { inUse: 50, max: 500, use: always(5), completions: 1 };
    timeline(
      { name: 'gradient', limit: 'aimd', over: FIXED },
      {},
      // Ten uses at the tenth tick, of a window that began at the first.
      ticks(0, 900, (ms) => at(ms).signals(slow).expect({ permits: 20 })),
      at(1_000).signals(slow).expect({ permits: 21 }),
      ticks(1_100, 1_900, (ms) => at(ms).signals(slow).expect({ permits: 21 })),
      at(2_000).signals(slow).expect({ permits: 22 }),
      // Nine uses say nothing, however long it takes.
      ticks(2_100, 2_900, (ms) => at(ms).signals(slow).expect({ permits: 22 })),
      ticks(3_000, 9_000, (ms) =>
        at(ms)
          .signals({ ...slow, completions: 0 })
          .expect({ permits: 22 }),
      ),
      at(9_100).signals(slow).expect({ permits: 23 }),
    );
  });

  test('begins the window anew when the clock went back', () => {
    timeline(
      { name: 'gradient', limit: 'aimd', over: FIXED },
      {},
      at(3_600_000).signals(busy(5)).expect({ permits: 20 }),
      at(3_600_900).signals(busy(5)).expect({ permits: 20 }),
      at(100).signals(busy(5)).expect({ permits: 20 }),
      at(1_000).signals(busy(5)).expect({ permits: 20 }),
      at(1_100).signals(busy(5)).expect({ permits: 21 }),
    );
  });

  test('does not move while less than half of the cap is used', () => {
    const idle = (limit: 'gradient2' | 'vegas' | 'aimd'): void => {
      timeline(
        { name: 'gradient', limit, over: FIXED },
        {},
        ticks(0, 5_000, (ms) =>
          at(ms)
            .signals(busy(5, { inUse: 9 }))
            .expect({ permits: 20 }),
        ),
      );
    };
    for (const limit of ['gradient2', 'vegas', 'aimd'] as const) idle(limit);
  });

  test('does not take callers who gave up for a failure of the backend', () => {
    timeline(
      { name: 'gradient', limit: 'aimd', over: FIXED },
      {},
      at(0).signals(busy(5)),
      at(1_000)
        .signals(busy(5, { timeouts: 90, rejections: 9 }))
        .expect({ permits: 21 }),
    );
  });

  test('works over a policy of its own kind', () => {
    const both = {
      name: 'gradient',
      limit: 'aimd',
      over: { name: 'gradient', minPermits: 1, initialPermits: 7, over: FIXED },
    } as const;
    timeline(both, {}, at(0).signals(busy(5)).expect({ permits: 7 }));
  });
});

describe('gradient2', () => {
  const policy = { name: 'gradient', minPermits: 10, over: FIXED } as const;

  test('grows by 0.8 per window while use times stay', () => {
    expect(caps(policy, 5, 5, 5, 5, 5, 5)).toEqual([20, 21, 22, 23, 24, 24]);
  });

  test('takes half as much again as usual for no queue', () => {
    // Six windows of 5 ms and one of 8 ms are 5.4 ms on average; 1.5 times that is more than 8.
    expect(caps(policy, 5, 5, 5, 5, 5, 5, 8).at(-1)).toBe(25);
  });

  test('falls when uses take longer than they did, by a tenth at most', () => {
    const [before, after] = caps(policy, ...Array.from({ length: 12 }, () => 5), 50).slice(-2);
    // 29.6 · 0.5 + 4 = 18.8, of which a fifth counts.
    expect([before, after]).toEqual([29, 27]);
  });

  test('gets used to a backend that became faster for good', () => {
    const slow = Array.from({ length: 10 }, () => 50);
    const fast = Array.from({ length: 40 }, () => 5);
    const decisions = caps(policy, ...slow, ...fast, 20);
    // 20 ms is slow again although it is less than the 50 ms of long ago.
    expect(decisions.at(-1)).toBeLessThanOrEqual(decisions.at(-2) ?? 0);
  });

  test('stays within its bounds', () => {
    const bounded = { ...policy, minPermits: 18, maxPermits: 22 } as const;
    const up = Array.from({ length: 20 }, () => 5);
    const down = Array.from({ length: 20 }, () => 5_000);
    const decisions = caps(bounded, ...up, ...down);
    expect(decisions[19]).toBe(22);
    expect(Math.min(...decisions.map((permits) => permits ?? 0))).toBe(18);
  });
});

describe('vegas', () => {
  const policy = { name: 'gradient', limit: 'vegas', over: FIXED } as const;

  test('grows by six steps without a queue, one with a short queue, not at all with a longer one', () => {
    // The first window is the shortest use time. ⌈20 · 0⌉ = 0, ⌈26 · (1 − 5/5.4)⌉ = 2, ⌈27 · (1 − 5/6)⌉ = 5.
    expect(caps(policy, 5, 5, 5.4, 6)).toEqual([20, 26, 27, 27]);
  });

  test('falls by one step with a long queue', () => {
    // ⌈20 · (1 − 5/8)⌉ = 8
    expect(caps(policy, 5, 8)).toEqual([20, 19]);
  });

  test('falls when the server refuses a connection', () => {
    const refused = { transient: 0, permanent: 0, serverLimit: 1, timeout: 0 };
    timeline(
      policy,
      {},
      at(0).signals(busy(5)),
      at(1_000).signals(busy(5)).expect({ permits: 20 }),
      at(2_000)
        .signals(busy(5, { createFailures: refused }))
        .expect({ permits: 19 }),
    );
  });

  test('takes the present use time for the shortest now and then', () => {
    const seconds = Array.from({ length: 600 }, () => 6);
    const decisions = caps(policy, 5, ...seconds);
    // At 20 the queue of ⌈20 · (1 − 5/6)⌉ = 4 is fine: nothing moves until 6 ms count as no queue, after 450 windows.
    expect(decisions[449]).toBe(20);
    expect(decisions[450]).toBe(26);
  });
});

describe('aimd', () => {
  const policy = { name: 'gradient', limit: 'aimd', minPermits: 1, over: FIXED } as const;

  test('grows by one, and falls to nine tenths when uses take too long', () => {
    expect(caps(policy, 5, 5, 5_001, 5)).toEqual([21, 22, 19, 20]);
  });
});
