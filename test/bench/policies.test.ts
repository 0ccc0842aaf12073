import type { Policy } from 'adaptive-pool';
import {
  loadScenario,
  POLICY_NAMES,
  type ComparedPolicy,
  type Comparison,
} from 'adaptive-pool/sim';
import { describe, expect, it } from 'vitest';

import { watch } from '../../bench/policies-backend.js';
import { benchFlags } from '../../bench/policies-flags.js';
import {
  bestCap,
  dominators,
  judgeCap,
  judgeDomination,
  judgeFalseCaps,
  judgeHealthy,
  judgeRecovery,
} from '../../bench/policies-judgement.js';
import { RIVALS, SUBJECT, SUITE } from '../../bench/policies-suite.js';
import { countReversals } from '../../bench/sensitivity-square.js';
import { isTooLate, sensitivityTable, type Late } from '../../bench/sensitivity-table.js';
import { variantsOf } from '../../bench/sensitivity-variants.js';

/** A policy with so many late requests, and how far and how surely it differs from the first in lateness and cost. */
function compared(
  policy: string,
  late: number,
  costRatio: number | null = 1,
  differences: readonly [number, number] | null = null,
  halfWidth = 0.001,
): ComparedPolicy {
  const interval = (mean: number) => ({ mean, halfWidth, isShown: Math.abs(mean) > halfWidth });
  const [late2 = 0, cost = 0] = differences ?? [];
  return {
    policy,
    figures: { violationRate: interval(late) },
    costRatio,
    differences:
      differences === null ? null : { violationRate: interval(late2), cost: interval(cost) },
  } as unknown as ComparedPolicy;
}

/** A comparison in which the reactive bound has so many late requests. */
function against(unavoidable: number, ...policies: readonly ComparedPolicy[]): Comparison {
  return {
    policies,
    bounds: { reactive: { violationRate: unavoidable } },
  } as unknown as Comparison;
}

describe('a policy in a healthy scenario', () => {
  it.each([
    // late, reactive bound, J/OPT
    [0.01, 0, 1.5, true],
    [0.011, 0, 1, false],
    [0.012, 0.01, 1, true],
    [0.0131, 0.01, 1, false],
    [0.005, 0.01, 1.51, false],
  ])('with %d late, %d unavoidable and J/OPT %d: %s', (late, unavoidable, ratio, isPassed) => {
    const rival = compared('b', 0.01, 1.5);
    expect(judgeHealthy(against(unavoidable, compared('a', late, ratio), rival))).toMatchObject({
      isPassed,
    });
  });

  it('may cost more where nobody without foresight is cheap and in time', () => {
    const rivals = [compared('cheap', 0.02, 1), compared('in time', 0, 1.6)];
    const judged = (ratio: number) =>
      judgeHealthy(against(0, compared('a', 0.01, ratio), ...rivals));
    expect(judged(9).isPassed).toBe(true);
    expect(judgeHealthy(against(0, compared('a', 0.011, 9), ...rivals)).isPassed).toBe(false);
  });
});

describe('domination', () => {
  const subject = compared('a', 0.02);

  it('needs both figures to be better', () => {
    const better = compared('b', 0.01, 1, [-0.01, -5]);
    const dearer = compared('c', 0.01, 1, [-0.01, 5]);
    const later = compared('d', 0.03, 1, [0.01, -5]);
    expect(dominators([subject, better, dearer, later])).toEqual([better]);
    expect(judgeDomination([subject, dearer, better]).text).toContain('b (1.00 % late)');
    expect(judgeDomination([subject, dearer, later]).isPassed).toBe(true);
  });

  it('needs both differences to be beyond doubt', () => {
    expect(dominators([subject, compared('b', 0.01, 1, [-0.01, -5], 0.02)])).toEqual([]);
    expect(dominators([subject, compared('b', 0.02, 1, [0, -5])])).toEqual([]);
  });
});

describe('a policy on an overloaded server', () => {
  it('has to be well again within ten seconds in every run', () => {
    expect(judgeRecovery([0, 10_000]).isPassed).toBe(true);
    expect(judgeRecovery([0, 10_500])).toMatchObject({ isPassed: false });
    expect(judgeRecovery([null, 0])).toMatchObject({ text: '1 of 2 runs never recover' });
  });

  it('is compared with the best constant', () => {
    const caps = [
      { connections: 8, violationRate: 0.5 },
      { connections: 16, violationRate: 0.3 },
      { connections: 32, violationRate: 0.3 },
    ];
    expect(bestCap(caps).connections).toBe(16);
    expect(judgeCap(compared('a', 0.36), caps).isPassed).toBe(true);
    expect(judgeCap(compared('a', 0.37), caps).isPassed).toBe(false);
  });

  it('never recovers where queues do not end, and at once where there are none', () => {
    const scenario = {
      ...loadScenario('suite-steady'),
      durationMs: 3_000,
      acquireTimeoutMs: Infinity,
      max: 200,
    };
    const few = { ...scenario, min: 2, max: 2 };
    const options = { seed: 1, replications: 2 };
    expect(watch(few, 'fixed', options, 1_000).recoveriesMs).toEqual([null, null]);
    expect(watch(scenario, 'fixed', options, 1_000)).toEqual({
      recoveriesMs: [0, 0],
      lastingCaps: [0, 0],
    });
  });
});

describe('a false alarm', () => {
  it('allows no lasting cap in any run', () => {
    expect(judgeFalseCaps([0, 0]).isPassed).toBe(true);
    expect(judgeFalseCaps([0, 2])).toMatchObject({
      isPassed: false,
      text: 'lasting caps in 1 of 2 runs',
    });
  });

  it.each([
    ['tests for a short time are none', 400, 0],
    ['what holds for longer is one, over and over', 3_000, 2],
  ])('%s', (_title, heldMs, lastingCaps) => {
    // Every four seconds for a while only ten connections may be in use.
    const testing: Policy = {
      name: 'testing',
      init: () => null,
      decide: ({ now, max }, state) => ({
        target: max,
        permits: now % 4_000 < heldMs ? 10 : null,
        reason: 'custom',
        note: 'test',
        limitedBy: [],
        candidates: {},
        state,
        wakeInMs: null,
      }),
    };
    const scenario = { ...loadScenario('suite-slow'), durationMs: 7_000, warmUpMs: 0 };
    expect(watch(scenario, testing, { seed: 1, replications: 1 }, null)).toEqual({
      recoveriesMs: [],
      lastingCaps: [lastingCaps],
    });
  });
});

describe('the suite', () => {
  it.each(SUITE)('has the scenario $name', ({ name }) => {
    expect(loadScenario(name).name).toBe(name);
  });

  it('judges the default policy against every other', () => {
    expect(RIVALS).not.toContain(SUBJECT);
    const others = POLICY_NAMES.filter((name) => name !== 'fixed' && name !== SUBJECT);
    expect(RIVALS).toEqual(expect.arrayContaining([...others, 'baseline:hikaricp']));
  });

  it('is chosen from by flags, with short names', () => {
    const defaults = { replications: 8, json: 'x.json' };
    const argv = ['--scenario', 'step,nasa-http', '--policy', 'step,hikaricp', '--seed', '7'];
    expect(benchFlags(argv, defaults)).toMatchObject({
      entries: [{ name: 'suite-step' }, { name: 'nasa-http' }],
      policies: ['step', 'baseline:hikaricp'],
      seed: 7,
      ...defaults,
    });
    expect(() => benchFlags(['--scenario', 'magic'], defaults)).toThrow('not in the suite');
    expect(() => benchFlags(['--policy', 'magic'], defaults)).toThrow('not a policy');
    expect(() => benchFlags(['--replications', '1'], defaults)).toThrow('whole number from 2');
  });
});

describe('the sensitivity to defaults', () => {
  const scenario = loadScenario('suite-steady');

  it('takes half and twice of every number, where its range has that', () => {
    const values = variantsOf('step', scenario).map(({ option, value }) => [option, value]);
    expect(values).toEqual([
      // Half a caller cannot wait.
      ['thresholdPending', 2],
      ['holdMs', 50],
      ['holdMs', 200],
      ['stepSize', 2],
      ['stepSize', 8],
      ['idleMs', 5_000],
      ['idleMs', 20_000],
    ]);
  });

  it('knows a default that depends on the load', () => {
    // 1,000 create times of 30 ms.
    expect(variantsOf('littles-law', scenario)).toContainEqual(
      expect.objectContaining({ option: 'idleBeforeCloseMs', normal: 30_000, value: 15_000 }),
    );
  });

  it('shows the worst scenario of each', () => {
    const late = (where: string, factor: 0.5 | 2, violationRate: number): Late => ({
      scenario: where,
      variant: { option: 'stepSize', factor, normal: 4 },
      violationRate,
      unavoidable: 0.03,
    });
    const all = [late('a', 0.5, 0.01), late('b', 0.5, 0.035), late('a', 2, 0.05)];
    expect(all.map(isTooLate)).toEqual([false, false, true]);
    expect(sensitivityTable(all)).toContain(
      '| `stepSize` | 4 | 3.50 % of 4.50 % (`b`) | 5.00 % of 4.50 % (`a`) **too many** |',
    );
  });

  it('counts how often the target turns', () => {
    expect(countReversals([1, 2, 0, 1])).toBe(0);
    expect(countReversals([1, -1, 0, -2, 3])).toBe(2);
  });
});
