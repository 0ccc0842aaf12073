import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/control/decision.js';
import { describeVerdict } from '../../src/telemetry/verdict-message.js';
import { always, signalsOf } from '../support/timeline.js';

const signals = signalsOf({ inUse: 8, wait: { ...always(0), p99Ms: 14.2 } });
const knee: Verdict = {
  kind: 'knee',
  of: null,
  permits: [8, 6],
  throughputPerSecond: [4_000, 3_990],
  elasticity: 0.009,
};

describe('the message of a verdict', () => {
  test.each([
    [6, [8, 6], [4_000.2, 3_990], ', 6 uses at once bring as much as 8'],
    [27, [34, 27], [2_417, 2_580], ', 27 uses at once bring more than 34'],
    [25, [34, 25], [2_600, 2_440], ', 25 uses at once bring nearly as much as 34'],
    [43, [34, 43], [1_000, 1_260], ', but 43 uses at once bring more than 34: the cap rises'],
    [42, [42, 53], [3_252, 3_180], ', 53 uses at once bring no gain over 42: the cap stays'],
    [42, [42, 31], [3_270, 2_947], ', 31 uses at once bring no gain over 42: the cap stays'],
  ] as const)('says what becomes of a cap of %i after %j', (permits, uses, rates, text) => {
    const verdict = { ...knee, permits: uses, throughputPerSecond: rates };
    expect(describeVerdict({ verdict, permits, signals })).toBe(
      `verdict: the backend is the bottleneck${text} (${rates.map(Math.round).join('→')}/s, elasticity 0.01)`,
    );
  });

  test('says which growth it is about', () => {
    expect(describeVerdict({ verdict: { ...knee, of: 812 }, permits: 6, signals })).toMatch(
      /^verdict on #812: /,
    );
  });

  test('says how callers wait when a growth has cured the queue', () => {
    const unmeasured = { permits: null, throughputPerSecond: null, elasticity: null };
    const verdict = { kind: 'cured', of: 812, ...unmeasured } as const;
    expect(describeVerdict({ verdict, permits: null, signals })).toBe(
      'verdict on #812: hardly anybody waits any more (wait p50 0 ms, p99 14 ms lately)',
    );
    expect(describeVerdict({ verdict, permits: null, signals: signalsOf() })).toBe(
      'verdict on #812: hardly anybody waits any more',
    );
  });

  test('says that growing helps where fewer uses at once bring less', () => {
    const found = { permits: [60, 45], throughputPerSecond: [1_554, 1_100], elasticity: 1.2 };
    const verdict = { ...knee, ...found, kind: 'exogenous' } as const;
    expect(describeVerdict({ verdict, permits: null, signals })).toBe(
      'verdict: uses take longer by themselves, so growing helps, 45 uses at once bring less than 60 (1554→1100/s, elasticity 1.20)',
    );
  });

  test('leaves out what was not measured', () => {
    const verdict = { ...knee, permits: null, throughputPerSecond: null, elasticity: null };
    expect(describeVerdict({ verdict, permits: 6, signals })).toBe(
      'verdict: the backend is the bottleneck',
    );
  });
});
