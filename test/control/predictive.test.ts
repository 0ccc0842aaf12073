import { describe, expect, test } from 'vitest';
import { describeDecision } from '../../src/telemetry/decision-message.js';
import { resolvePolicy, type PolicyOption } from '../../src/control/policies/index.js';
import type { Decision } from '../../src/control/decision.js';
import type { Policy } from '../../src/control/policy.js';
import type { Signals } from '../../src/control/signals.js';
import { always, at, signalsOf, ticks, timeline, type Row } from '../support/timeline.js';

/** Wants nothing beyond `min`. */
const least: Policy<null> = {
  name: 'least',
  init: () => null,
  decide: ({ min }, state) => ({
    target: min,
    permits: null,
    reason: 'floor',
    limitedBy: [],
    candidates: { floor: min },
    state,
    wakeInMs: null,
  }),
};

/** A tick in which this many connections were busy all the time, with uses of 100 ms. */
function load(busy: number): Partial<Signals> {
  return {
    arrivals: busy,
    completions: busy,
    inUseMs: 100 * busy,
    peakDemand: 0,
    use: always(100),
    create: always(20),
  };
}

/** Ticks with a load that depends on the second. */
function seconds(from: number, to: number, busy: (second: number) => number): readonly Row[] {
  return ticks(1_000 * from, 1_000 * to - 100, (ms) =>
    at(ms).signals(load(busy(Math.floor((ms - 1) / 1_000)))),
  );
}

describe('the predictive policy without a season', () => {
  test('puts nothing under the policy below before ten seconds of history', () => {
    timeline(
      { name: 'predictive', over: least },
      {},
      ticks(0, 9_900, (ms) => at(ms).signals(load(10)).expect({ target: 0, reason: 'floor' })),
    );
  });

  test('keeps 1.15 times a steady load', () => {
    const decisions = timeline(
      { name: 'predictive', over: least },
      {},
      seconds(0, 20, () => 10),
    );
    expect(decisions.at(-1)).toMatchObject({
      target: 12,
      reason: 'forecast',
      note: 'within 1 s',
      limitedBy: [],
      wakeInMs: null,
    });
  });

  test('is ahead of a load that rises in a straight line', () => {
    const decisions = timeline(
      { name: 'predictive', over: least, headroom: 1 },
      { max: 500 },
      seconds(0, 100, (second) => second),
    );
    // 98 is the last second that is over; the next but one will have 100.
    expect(decisions.at(-1)?.target).toBeGreaterThanOrEqual(100);
    expect(decisions.at(-1)?.target).toBeLessThanOrEqual(102);
  });

  test('takes callers at once for as many connections as serve them within the objective', () => {
    // 60 at once with uses of 20 ms and an objective of 10 ms: 40.
    const batch = { ...load(0), arrivals: 0, completions: 10, inUseMs: 200, use: always(20) };
    const decisions = timeline(
      { name: 'predictive', over: least, headroom: 1 },
      {},
      ticks(0, 30_000, (ms) => at(ms).signals({ ...batch, peakDemand: 60 })),
    );
    expect(decisions.at(-1)).toMatchObject({ target: 40, candidates: { forecast: 40 } });
  });

  test('does not believe the median of three uses', () => {
    const few = { ...load(10), use: always(10_000, 3) };
    const decisions = timeline(
      { name: 'predictive', over: least },
      {},
      ticks(0, 20_000, (ms) => at(ms).signals(few)),
    );
    expect(decisions.at(-1)).toMatchObject({ target: 12 });
  });

  test('forgets what was before a thousand seconds without any decision', () => {
    const rows = (gapMs: number): readonly Row[] => [
      ...seconds(0, 20, () => 10),
      at(20_000 + gapMs).signals(load(10)),
    ];
    const after = (gapMs: number): unknown =>
      timeline({ name: 'predictive', over: least }, {}, rows(gapMs)).at(-1)?.state;
    expect(after(900_000)).toMatchObject({ policy: { forecast: { count: 10 } } });
    expect(after(1_100_000)).toMatchObject({ policy: { forecast: { count: 0, level: 0 } } });
    // A clock that went back is another clock.
    expect(after(-10_000)).toMatchObject({ policy: { forecast: { count: 0, level: 0 } } });
  });
});

describe('the predictive policy with a season', () => {
  const policy = { name: 'predictive', over: least, seasonMs: 20_000, headroom: 1 } as const;
  const peak = (second: number): number => (second % 20 >= 10 && second % 20 < 14 ? 30 : 2);

  test('is ready before the load comes once it saw two seasons', () => {
    const decisions = timeline(
      policy,
      {},
      seconds(0, 48, peak),
      // The peak of the third season comes at 50 s.
      at(48_500).signals(load(2)).expect({ target: 2, reason: 'forecast' }),
      ticks(48_600, 49_000, (ms) => at(ms).signals(load(2))),
      at(49_100).signals(load(2)).expect({ target: 30, reason: 'forecast' }),
      ticks(49_200, 53_900, (ms) =>
        at(ms)
          .signals(load(ms <= 50_000 ? 2 : 30))
          .expect({ target: 30 }),
      ),
      ticks(54_000, 54_100, (ms) => at(ms).signals(load(2))),
      ticks(54_200, 55_000, (ms) => at(ms).signals(load(2)).expect({ target: 2 })),
    );
    // In the second season nothing was known of any peak.
    expect(decisions[291]).toMatchObject({ candidates: { floor: 0 } });
    expect(decisions[291]?.target).toBeLessThan(20);
  });

  test('looks again at the next bucket, since no caller will wake a quiet pool', () => {
    timeline(
      policy,
      {},
      seconds(0, 40, peak),
      at(40_100).signals(load(0)).expect({ wakeInMs: 900 }),
      at(40_950).signals(load(0)).expect({ wakeInMs: 50 }),
    );
  });

  test('counts seconds without a decision as quiet ones', () => {
    const quiet = (second: number): number => (second % 20 < 5 ? 10 : 0);
    const rows = (from: number): readonly Row[] => seconds(from, from + 5, quiet);
    timeline(
      { ...policy, over: least },
      {},
      rows(0),
      at(20_000).signals({ ...load(0), arrivals: 1 }),
      rows(20),
      // The sixteen quiet seconds before are over, and the first of the third season was busy twice.
      at(40_600).signals(load(10)).expect({ target: 11, reason: 'forecast' }),
    );
  });

  test('has at most 288 buckets', () => {
    const day = { name: 'predictive', seasonMs: 86_400_000 } as const;
    const { policy: rule, config } = resolvePolicy(day, { waitObjectiveMs: 10, tickMs: 100 });
    expect(config).toMatchObject({ seasonBuckets: 288, bucketMs: 300_000 });
    expect(rule.init(config)).toMatchObject({ forecast: { season: { length: 288 } } });
  });
});

describe('what the predictive policy says', () => {
  const steadily = (policy: PolicyOption, rest: Partial<Signals>, last: Partial<Signals>) =>
    timeline(
      policy,
      rest,
      seconds(0, 20, () => 10),
      at(20_000).signals({ ...load(10), ...last }),
    ).at(-1);

  test('is what the policy below says where that one wants more', () => {
    const decision = steadily({ name: 'predictive', over: { name: 'fixed', size: 40 } }, {}, {});
    expect(decision).toMatchObject({ target: 40, reason: 'fixed', limitedBy: [] });
  });

  test('is the forecast where the policy below wants less', () => {
    const decision = steadily({ name: 'predictive', over: { name: 'fixed', size: 3 } }, {}, {});
    expect(decision).toMatchObject({ target: 12, reason: 'forecast', limitedBy: [] });
  });

  test('names the forecast as the limit of what is closed', () => {
    const over = { name: 'step', idleMs: 100 } as const;
    const surplus = { ...load(10), idle: 14, target: 14 };
    timeline(
      { name: 'predictive', over },
      {},
      seconds(0, 20, () => 10),
      at(20_000).signals(surplus).expect({ target: 14, reason: 'steady' }),
      at(20_100)
        .signals(surplus)
        .expect({ target: 12, reason: 'idle-surplus', limitedBy: ['forecast'] }),
    );
  });

  test('holds a policy of your own to it that does not know min', () => {
    const stubborn: Policy<null> = {
      ...least,
      decide: (signals, state) => ({ ...least.decide(signals, state, BASE), target: 1 }),
    };
    const decision = steadily({ name: 'predictive', over: stubborn }, {}, {});
    expect(decision).toMatchObject({ target: 12, reason: 'forecast' });
  });

  test('stays within max', () => {
    const decision = steadily({ name: 'predictive', over: least }, { max: 8 }, {});
    expect(decision).toMatchObject({ target: 8, reason: 'forecast', candidates: { forecast: 12 } });
  });

  test('reads like a sentence', () => {
    const decision = steadily({ name: 'predictive', over: least }, {}, {});
    const signals = signalsOf({ idle: 3 });
    const { target, ...rest } = decision as Decision<unknown>;
    const record = {
      event: 'pool.scale',
      mode: 'act',
      pool: 'web',
      at: 0,
      seq: 1,
      policy: 'predictive',
    } as const;
    const line = { ...record, cause: 'tick', direction: 'grow', from: 3, to: target } as const;
    expect(
      describeDecision({ ...rest, ...line, min: 0, max: 64, waitObjectiveMs: 10, signals }),
    ).toBe('web grow 3→12 (max 64): 12 are expected to be needed; within 1 s');
  });
});

const BASE = { waitObjectiveMs: 10, tickMs: 100 };
