import { describe, expect, test } from 'vitest';
import { POLICY_NAMES } from '../../sim/policies.js';
import type { Policy } from '../../src/control/policy.js';
import { findPolicyProblems, resolvePolicy } from '../../src/control/policies/index.js';

const BASE = { waitObjectiveMs: 10, tickMs: 100 };

describe('policy options', () => {
  test.each(POLICY_NAMES)('know %s by its name', (name) => {
    expect(findPolicyProblems(name)).toEqual([]);
    expect(findPolicyProblems({ name })).toEqual([]);
    expect(resolvePolicy(name, BASE).policy.name).toBe(name);
    expect(resolvePolicy(name, BASE).config).toMatchObject(BASE);
  });

  test('get their defaults and are frozen', () => {
    const { config } = resolvePolicy({ name: 'step', holdMs: 0, idleMs: undefined }, BASE);
    expect(config).toEqual({
      ...BASE,
      thresholdPending: 1,
      holdMs: 0,
      stepSize: 4,
      idleMs: 10_000,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('list every problem with range and value', () => {
    expect(findPolicyProblems({ name: 'step', holdMs: -1, stepSize: 1.5, hold: 3 })).toEqual([
      'policy.holdMs must be a number from 0 to 3600000, got -1',
      'policy.stepSize must be an integer from 1 to 100000, got 1.5',
      'policy.hold is not an option; known: name, thresholdPending, holdMs, stepSize, idleMs',
    ]);
  });

  test('list the known names when one is unknown', () => {
    const known =
      'one of adaptive, fixed, step, target-tracking, littles-law, gradient, predictive, or an object with name, init() and decide()';
    expect(findPolicyProblems('magic')).toEqual([`policy must be ${known}, got "magic"`]);
    expect(findPolicyProblems({ name: 'magic' })).toEqual([
      `policy.name must be ${known}, got "magic"`,
    ]);
    expect(findPolicyProblems({ name: 3 })).toEqual([`policy.name must be ${known}, got 3`]);
    expect(findPolicyProblems({})).toEqual(['policy.name is required']);
  });

  test.each([3, null, [], undefined])('do not take %s for a policy', (option) => {
    expect(findPolicyProblems(option)).toHaveLength(1);
  });

  test('take a policy over another one, and look at that one too', () => {
    const own: Policy = { name: 'own', init: () => null, decide: () => expect.fail() };
    expect(findPolicyProblems({ name: 'gradient', over: own })).toEqual([]);
    expect(
      findPolicyProblems({ name: 'gradient', over: { name: 'predictive', over: 'step' } }),
    ).toEqual([]);
    expect(
      findPolicyProblems({
        name: 'gradient',
        limit: 'bbr',
        over: { name: 'predictive', seasonMs: 1, over: { name: 'step', hold: 3 } },
      }),
    ).toEqual([
      'policy.limit must be one of gradient2, vegas, aimd, got "bbr"',
      'policy.over.seasonMs must be a number from 10000 to 2678400000, got 1',
      'policy.over.over.hold is not an option; known: name, thresholdPending, holdMs, stepSize, idleMs',
    ]);
    expect(findPolicyProblems({ name: 'step', over: 'fixed' })).toHaveLength(1);
    expect(findPolicyProblems({ name: 'gradient', over: 3 })).toHaveLength(1);
  });

  test('end where a policy contains itself', () => {
    const option: Record<string, unknown> = { name: 'predictive' };
    option['over'] = option;
    expect(findPolicyProblems(option)).toEqual([
      'policy.over.over.over.over must not be there: too many policies',
    ]);
  });

  test('reach the policy below', () => {
    const { config } = resolvePolicy(
      { name: 'predictive', over: { name: 'fixed', size: 3 } },
      BASE,
    );
    expect(config).toMatchObject({ over: { policy: { name: 'fixed' }, config: { size: 3 } } });
    expect(resolvePolicy('gradient', BASE).config).toMatchObject({
      over: { policy: { name: 'adaptive' } },
    });
  });

  test("want name, init and decide of a user's own policy and nothing else", () => {
    class Own implements Policy<number> {
      readonly name = 'own';
      readonly gain = 3;
      init(): number {
        return 0;
      }
      decide(): never {
        throw new Error('not called');
      }
    }
    const own = new Own();
    expect(findPolicyProblems(own)).toEqual([]);
    expect(resolvePolicy(own, BASE)).toEqual({ policy: own, config: BASE });
    expect(findPolicyProblems({ name: '', decide: () => null })).toEqual([
      'policy.init is required',
      'policy.name must be a string that is not empty, got ""',
    ]);
  });
});
