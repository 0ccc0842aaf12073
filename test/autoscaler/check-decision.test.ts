import { describe, expect, it } from 'vitest';
import { checkDecision } from '../../src/autoscaler/check-decision.js';
import type { Decision } from '../../src/control/decision.js';

const VERDICT = {
  kind: 'knee',
  of: 3,
  permits: [8, 6],
  throughputPerSecond: [4_000, 3_990],
  elasticity: 0.01,
};

const GOOD = {
  target: 3,
  permits: null,
  reason: 'custom',
  limitedBy: ['max'],
  candidates: { demand: 3 },
  state: null,
  wakeInMs: null,
};

function check(given: object): void {
  checkDecision({ ...GOOD, ...given } as Decision<unknown>);
}

/** The message of the error, without its beginning. */
function problemOf(given: object): string {
  try {
    check(given);
  } catch (error) {
    if (error instanceof TypeError) return error.message.replace("the policy's decision.", '');
    throw error;
  }
  return 'none';
}

describe('a decision', () => {
  it.each([
    {},
    { target: 2.5, permits: 1.5, wakeInMs: 0 },
    { permits: Number.POSITIVE_INFINITY, wakeInMs: Number.POSITIVE_INFINITY },
    { note: 'because', episode: 'panic-enter', verdict: VERDICT },
    {
      verdict: {
        kind: 'cured',
        of: null,
        permits: null,
        throughputPerSecond: null,
        elasticity: null,
      },
    },
    { note: undefined, episode: undefined, verdict: undefined, limitedBy: [], candidates: {} },
    { state: undefined, more: 'than was asked for' },
  ])('with %j is carried out', (given) => {
    expect(() => check(given)).not.toThrow();
  });

  it.each([
    [{ target: Number.NaN }, 'target must be a finite number, got NaN'],
    [{ target: '3' }, 'target must be a finite number, got "3"'],
    [{ permits: 0.5 }, 'permits must be a number from 1 to Infinity or null, got 0.5'],
    [{ permits: undefined }, 'permits must be a number from 1 to Infinity or null, got undefined'],
    [{ permits: '3' }, 'permits must be a number from 1 to Infinity or null, got "3"'],
    [{ reason: 'because' }, /^reason must be one of fixed, floor, .*, custom, got "because"$/],
    [{ reason: 'toString' }, /^reason must be one of .*, got "toString"$/],
    [{ note: 5 }, 'note must be a string, got 5'],
    [{ limitedBy: undefined }, 'limitedBy must be a list, got undefined'],
    [{ limitedBy: ['max', 'weather'] }, /^limitedBy\[1\] must be one of min, .*, got "weather"$/],
    [{ candidates: undefined }, 'candidates must be an object, got undefined'],
    [{ candidates: { mine: Infinity } }, 'candidates.mine must be a finite number, got Infinity'],
    [{ episode: 'odd' }, 'episode must be one of panic-enter, panic-exit, got "odd"'],
    [{ verdict: 'knee' }, 'verdict must be an object, got "knee"'],
    [
      { verdict: { ...VERDICT, kind: 'odd' } },
      'verdict.kind must be one of cured, exogenous, knee, got "odd"',
    ],
    [{ verdict: { kind: 'cured' } }, 'verdict.of must be a finite number or null, got undefined'],
    [
      { verdict: { ...VERDICT, permits: [8, '6'] } },
      'verdict.permits must be a list of finite numbers or null, got an array',
    ],
    [
      { verdict: { ...VERDICT, elasticity: '0.01' } },
      'verdict.elasticity must be a finite number or null, got "0.01"',
    ],
    [{ wakeInMs: -1 }, 'wakeInMs must be a number from 0 to Infinity or null, got -1'],
  ])('with %o is refused, by name, value and what it must be', (given, text) => {
    const problem = problemOf(given);
    if (typeof text === 'string') expect(problem).toBe(text);
    else expect(problem).toMatch(text);
  });

  it.each([undefined, null, 3, 'grow'])('that is %o is refused', (decision) => {
    expect(() => checkDecision(decision as never)).toThrow(
      /^the policy's decision must be an object, got /,
    );
  });
});
