import { describe, expect, it, test } from 'vitest';

import { BASELINE_NAMES, baselinePolicy, type BaselineName } from '../../sim/baselines/index.js';
import { loadScenario, POLICY_NAMES, simulate } from '../../sim/index.js';
import { findPolicyProblems } from '../../src/control/policies/index.js';
import type { Signals } from '../../src/control/signals.js';
import { at, ticks, timeline, type Row } from '../support/timeline.js';

function baseline(
  name: BaselineName,
  base: Partial<Signals>,
  ...rows: Parameters<typeof timeline> extends [unknown, unknown, ...infer Rest] ? Rest : never
): ReturnType<typeof timeline> {
  return timeline(baselinePolicy(name), base, ...rows);
}

describe.each([
  'baseline:generic-pool',
  'baseline:node-redis',
  'baseline:pg-pool',
  'baseline:npgsql',
] as const)('%s', (name) => {
  it('opens one connection per waiter that has none coming, although returns would serve them', () => {
    baseline(
      name,
      { inUse: 5, pending: 45, max: 50 },
      at(0).signals({}).expect({ target: 50, reason: 'custom' }),
      at(1).signals({ creating: 45 }).expect({ target: 50 }),
      at(2)
        .signals({ creating: 45, pending: 60 })
        .expect({ target: 50, limitedBy: ['max', 'creates-in-flight'] }),
    );
  });
});

describe('baseline:generic-pool', () => {
  it('never closes anything', () => {
    const rows = ticks(0, 60_000, (ms) => at(ms).signals({}).expect({ target: 30 }), 1_000);
    baseline('baseline:generic-pool', { idle: 30, min: 2 }, rows);
  });
});

describe('baseline:node-redis', () => {
  it('closes all idle clients above the minimum after three quiet seconds', () => {
    baseline(
      'baseline:node-redis',
      { idle: 30, inUse: 1, min: 2 },
      at(0).signals({ completions: 4 }).expect({ target: 31 }),
      at(2_900).signals({}).expect({ target: 31 }),
      at(3_000).signals({}).expect({ target: 2, limitedBy: [] }),
    );
  });

  it('starts the three seconds anew at every return', () => {
    const busy = (ms: number): Row => at(ms).signals({ completions: 1 }).expect({ target: 31 });
    baseline('baseline:node-redis', { idle: 30, inUse: 1 }, ticks(0, 20_000, busy, 1_000));
  });
});

describe('baseline:pg-pool', () => {
  it('closes what nobody used for ten seconds, down to the minimum', () => {
    const quiet = (target: number) => (ms: number) => at(ms).signals({}).expect({ target });
    const decisions = baseline(
      'baseline:pg-pool',
      { idle: 20, min: 4, lowestIdle: 20 },
      ticks(0, 9_000, quiet(20)),
      ticks(9_100, 11_500, (ms) => at(ms).signals({})),
    );
    expect(decisions.at(-1)?.target).toBe(4);
  });
});

describe('baseline:npgsql', () => {
  it('closes the median of the idle counts of 300 s at once', () => {
    // Idle 0 for 140 s, then 6: the lower middle of 30 samples is 6 when 16 of them are.
    const busy = (ms: number): Row =>
      at(ms)
        .signals({ inUse: 10, idle: ms < 140_000 ? 0 : 6, size: 10 })
        .expect({ target: 10 });
    baseline(
      'baseline:npgsql',
      { min: 2 },
      ticks(0, 290_000, busy, 10_000),
      at(300_000).signals({ inUse: 4, idle: 6 }).expect({ target: 4 }),
      at(310_000).signals({ inUse: 4 }).expect({ target: 4 }),
    );
  });
});

describe('baseline:hikaricp', () => {
  it('opens one after the other, with a pause, and not when waiters were served meanwhile', () => {
    baseline(
      'baseline:hikaricp',
      { inUse: 5, min: 0, pending: 20 },
      at(0).signals({}).expect({ target: 6 }),
      at(10)
        .signals({ creating: 1 })
        .expect({ target: 6, limitedBy: ['creates-in-flight'] }),
      at(20).signals({ inUse: 6, created: 1 }).expect({ target: 6, wakeInMs: 30 }),
      at(50).signals({ inUse: 6 }).expect({ target: 7 }),
      at(70).signals({ inUse: 7, pending: 0, created: 1 }).expect({ target: 7 }),
    );
  });

  it('keeps the minimum idle on top of what is in use', () => {
    baseline(
      'baseline:hikaricp',
      { inUse: 5, idle: 2, min: 3 },
      at(0).signals({}).expect({ target: 8 }),
      at(100).signals({ idle: 3 }).expect({ target: 8 }),
    );
  });
});

describe('baseline:psycopg', () => {
  it('lets one connection at a time grow the pool', () => {
    baseline(
      'baseline:psycopg',
      { inUse: 5, pending: 20, lowestIdle: 0 },
      at(0).signals({}).expect({ target: 6 }),
      at(10).signals({ creating: 1 }).expect({ target: 6 }),
      at(20).signals({ inUse: 6 }).expect({ target: 7 }),
    );
  });

  it('closes one every ten minutes if one was idle all the time', () => {
    baseline(
      'baseline:psycopg',
      { inUse: 1, idle: 9, min: 4, lowestIdle: 3 },
      at(0).signals({}).expect({ target: 10 }),
      at(599_900).signals({}).expect({ target: 10 }),
      at(600_000).signals({}).expect({ target: 9 }),
      at(700_000).signals({ idle: 8, lowestIdle: 0 }).expect({ target: 9 }),
      at(1_200_000).signals({ idle: 8 }).expect({ target: 9 }),
    );
  });
});

describe('baseline:flexypool', () => {
  it('allows one connection more per acquire that took too long, and never fewer', () => {
    baseline(
      'baseline:flexypool',
      { inUse: 4, min: 4, pending: 30 },
      at(0).signals({ oldestWaitMs: 3 }).expect({ target: 4 }),
      at(8).signals({ oldestWaitMs: 11 }).expect({ target: 5 }),
      at(12).signals({ inUse: 5, oldestWaitMs: 11 }).expect({ target: 5 }),
      at(18).signals({ inUse: 5, oldestWaitMs: 11 }).expect({ target: 6 }),
      at(90_000).signals({ inUse: 0, idle: 6, pending: 0 }).expect({ target: 6 }),
    );
  });
});

describe('baseline:knative-kpa', () => {
  const load = (busy: number, pending = 0) => ({ inUseMs: 100 * busy, pendingMs: 100 * pending });

  it('divides the mean concurrency by 0.7 and drops at most to half', () => {
    const decisions = baseline(
      'baseline:knative-kpa-fast',
      { inUse: 7, idle: 13, min: 2, size: 20 },
      ticks(0, 4_000, (ms) => at(ms).signals(load(7))),
    );
    expect(decisions.at(-1)).toMatchObject({ target: 10, note: 'stable window' });
    const low = baseline(
      'baseline:knative-kpa-fast',
      { inUse: 1, idle: 19, min: 2, size: 20 },
      ticks(0, 4_000, (ms) => at(ms).signals(load(1))),
    );
    expect(low.at(-1)?.target).toBe(10);
  });

  it('panics at twice what is ready and does not fall meanwhile', () => {
    const decisions = baseline(
      'baseline:knative-kpa-fast',
      { inUse: 10 },
      ticks(0, 2_900, (ms) => at(ms).signals(load(7))),
      ticks(3_000, 3_300, (ms) => at(ms).signals({ ...load(10, 60), pending: 60 })),
      ticks(3_400, 5_900, (ms) => at(ms).signals({ ...load(7), inUse: 7, idle: 57 })),
      ticks(6_000, 7_000, (ms) => at(ms).signals({ ...load(7), inUse: 7, idle: 57 })),
    );
    const notes = decisions.map(({ note }) => note);
    expect(notes[20]).toBe('stable window');
    expect(notes[33]).toBe('panic window');
    const inPanic = decisions.slice(33, 59).map(({ target }) => target);
    expect(inPanic).toEqual(inPanic.toSorted((a, b) => a - b));
    expect(notes.at(-1)).toBe('stable window');
    expect(decisions.at(-1)?.target).toBeLessThan(40);
  });

  it('looks every two seconds with its own times', () => {
    baseline(
      'baseline:knative-kpa',
      { inUse: 4 },
      at(0).signals(load(4)).expect({ target: 6 }),
      ticks(100, 1_900, (ms) => at(ms).signals(load(60)).expect({ note: 'between two looks' })),
      at(2_000).signals(load(60)).expect({ note: 'panic window' }),
    );
  });
});

describe('baseline:kubernetes-hpa', () => {
  it('does nothing within the tolerance, at most doubles, and remembers the largest wish', () => {
    const load = (busy: number) => ({ inUseMs: 15_000 * busy });
    const decisions = baseline(
      'baseline:kubernetes-hpa',
      { min: 10, inUse: 10, intervalMs: 15_000 },
      at(0).signals(load(7)).expect({ target: 10 }),
      at(15_000).signals(load(7.4)).expect({ target: 10 }),
      ticks(30_000, 90_000, (ms) => at(ms).signals(load(70)), 15_000),
    );
    expect(decisions.map(({ target }) => target).slice(2, 5)).toEqual([20, 40, 64]);
    const after = baseline(
      'baseline:kubernetes-hpa',
      { min: 10, inUse: 10, intervalMs: 15_000 },
      at(0).signals(load(10)).expect({ target: 15 }),
      ticks(15_000, 300_000, (ms) => at(ms).signals(load(1)).expect({ target: 15 }), 15_000),
      at(315_000).signals(load(1)).expect({ target: 10 }),
    );
    expect(after).toHaveLength(22);
  });
});

test.each(BASELINE_NAMES)('%s serves a simulated load', (name) => {
  const scenario = { ...loadScenario('steady'), durationMs: 2_000 };
  const result = simulate(scenario, baselinePolicy(name));
  expect(result.policy).toBe(name);
  expect(result.requests).toBeGreaterThan(3_000);
  expect(result.peakSize).toBeLessThanOrEqual(64);
});

test('a baseline is no policy of the pool', () => {
  for (const name of BASELINE_NAMES) expect(findPolicyProblems(name)).not.toEqual([]);
  expect(POLICY_NAMES.some((name) => name.startsWith('baseline'))).toBe(false);
});
