import { describe, expect, test } from 'vitest';
import type { Policy } from '../../src/control/policy.js';
import { findPolicyProblems, resolvePolicy } from '../../src/control/policies/index.js';

const BASE = { waitObjectiveMs: 10, tickMs: 100 };

describe('policy options', () => {
  test.each(['fixed', 'step', 'littles-law'] as const)('know %s by its name', (name) => {
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
    const known = 'one of fixed, step, littles-law, or an object with name, init() and decide()';
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
