import { describe, expect, test } from 'vitest';
import type { Limit, Reason } from '../../src/control/decision.js';
import { decisionOf, growing, shrinking, verdict, type Given } from '../support/decisions.js';
import { always } from '../support/timeline.js';

function message(given: Given): string {
  return decisionOf(given).message;
}

describe('the message of a decision', () => {
  test('says who waits, how long, and what a new connection costs', () => {
    const signals = { pending: 37, wait: always(41), create: always(1.94) };
    expect(message({ ...growing, reason: 'drain', signals })).toBe(
      'sessions grow 8→12 (max 64): 37 waiting, wait p99 41 ms > 10 ms; 8/8 in use; a new connection takes 1.9 ms',
    );
  });

  test('names the oldest waiter while the quantile is still good, and what is connecting', () => {
    const signals = { pending: 3, oldestWaitMs: 25, wait: always(2), creating: 2 };
    expect(message({ ...growing, reason: 'queue-depth', signals })).toBe(
      'sessions grow 8→12 (max 64): 3 waiting, the oldest for 25 ms > 10 ms; 8/8 in use, 2 connecting',
    );
  });

  test('does not compare two times that read alike', () => {
    const waiting = (signals: Given['signals']): string =>
      message({ ...growing, reason: 'drain', signals: { ...signals, pending: 3 } });
    expect(waiting({ wait: always(10.2) })).toContain('3 waiting, wait p99 just over 10 ms;');
    expect(waiting({ oldestWaitMs: 10.2 })).toContain('waiting, the oldest for just over 10 ms;');
    expect(waiting({ oldestWaitMs: 9.98 })).toContain('waiting, the oldest for 10 ms of 10 ms;');
  });

  test('says for how long a create hangs, instead of how long others took before', () => {
    const signals = { pending: 3, oldestWaitMs: 25, creating: 2, create: always(25) };
    expect(
      message({ ...growing, reason: 'drain', signals: { ...signals, oldestCreateMs: 3_200 } }),
    ).toBe(
      'sessions grow 8→12 (max 64): 3 waiting, the oldest for 25 ms > 10 ms; 8/8 in use, 2 connecting, the oldest for 3.2 s',
    );
  });

  test('does not say that the server took as many as min when it refused more than that', () => {
    const refused = {
      ...shrinking,
      to: 2,
      reason: 'envelope',
      limitedBy: ['server-limit'],
    } as const;
    expect(message(refused)).toMatch(/; the server refused some, so no more than min 2 are tried$/);
    expect(message({ ...refused, to: 3 })).toMatch(/; the server refused more than 3$/);
  });

  test('says what was unused, for how long, and why it goes', () => {
    const note = '3 unused for 10 s, keeping them costs more than reopening (1.9 ms)';
    expect(message({ ...shrinking, reason: 'idle-surplus', note })).toBe(
      'sessions shrink 12→10 (min 2): 3 unused for 10 s, keeping them costs more than reopening (1.9 ms)',
    );
  });

  test('does not call an event loop idle that limits growth', () => {
    const limited = (eventLoopUtilisation: number): string =>
      message({ ...growing, limitedBy: ['client-saturated'], signals: { eventLoopUtilisation } });
    expect(limited(0.97)).toContain('the event loop is 97 % busy, so growing slowly');
    expect(limited(0.1)).toContain('the event loop has been busy, so growing slowly');
  });

  test('says in a hold what held it', () => {
    const signals = { pending: 90, oldestWaitMs: 1_500, inUse: 64 };
    const given = { from: 64, to: 64, reason: 'drain', limitedBy: ['max'], signals } as const;
    expect(message(given)).toBe(
      'sessions hold 64 (min 2, max 64): 90 waiting, the oldest for 1.5 s > 10 ms; 64/64 in use; max 64 allows no more',
    );
  });

  test('explains the gate by its state', () => {
    const gate = { state: 'backing-off', limit: 1, reopensInMs: 200, failuresInARow: 3 } as const;
    const given = { ...growing, reason: 'staffing', limitedBy: ['create-gate'] } as const;
    expect(message({ ...given, candidates: { staffing: 12 }, signals: { gate } })).toBe(
      'sessions grow 8→12 (max 64): the load needs 12; 8/8 in use; 3 failed in a row, the next is opened in 200 ms',
    );
    const trying = { ...gate, state: 'half-open', reopensInMs: 0 } as const;
    expect(message({ ...given, signals: { gate: trying } })).toMatch(
      /; 3 failed in a row, so one at a time is tried$/,
    );
    const busy = { state: 'open', limit: 4, reopensInMs: 0, failuresInARow: 0 } as const;
    expect(message({ ...given, signals: { gate: busy } })).toMatch(
      /; at most 4 are opened at a time$/,
    );
  });

  test("prints the note of a user's own policy", () => {
    expect(message({ ...growing, reason: 'custom', note: 'payday' })).toBe(
      'sessions grow 8→12 (max 64): payday',
    );
  });

  test('ends with permits and the verdict on an earlier growth', () => {
    const given = { permits: 6, verdict };
    expect(message(given)).toMatch(
      /; at most 6 in use at once; verdict on #812: the backend is the bottleneck, 6 uses at once bring as much as 8 \(4000→3990\/s, elasticity 0\.01\)$/,
    );
  });

  test('counts the connections on their way among those that will serve the waiters', () => {
    const signals = { pending: 20, oldestWaitMs: 13, inUse: 0, creating: 13 };
    expect(message({ reason: 'returns-suffice', signals })).toMatch(
      /; returns and the 13 connecting will serve them before a new connection could$/,
    );
  });

  const reasons: readonly Reason[] = [
    'fixed',
    'floor',
    'cold-start',
    'staffing',
    'drain',
    'returns-suffice',
    'queue-depth',
    'idle-surplus',
    'steady',
    'manual',
    'custom',
  ];
  const limits: readonly Limit[] = [
    'min',
    'max',
    'create-gate',
    'creates-in-flight',
    'break-even',
    'shrink-rate',
    'create-failures',
    'tolerance',
    'policy-error',
  ];
  test.each(reasons)('is one line without gaps for %s', (reason) => {
    for (const pending of [0, 5]) {
      const line = message({ reason, limitedBy: limits, signals: { pending } });
      expect(line).toMatch(/^sessions hold 8 \(min 2, max 64\): \S.*\S$/);
      expect(line).not.toMatch(/undefined|null|NaN|; ;|: ;|;$|\n/);
      expect(line.split('; ').length).toBeGreaterThan(limits.length);
    }
  });
});
