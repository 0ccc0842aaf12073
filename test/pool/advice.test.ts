import { describe, expect, it } from 'vitest';
import { adviceFor, type Trouble } from '../../src/advice.js';
import type { PoolStats } from '../../src/stats.js';
import { harness } from '../support/pool-harness.js';
import { always } from '../support/timeline.js';

const TIMEOUT: Trouble = { kind: 'timeout', timeoutMs: 1_000, waitedMs: 1_001 };

function advice(trouble: Trouble, differing: Partial<PoolStats>, hasCause = false): string {
  const { stats } = harness({ max: 8 }).pool;
  return adviceFor(trouble, { ...stats, ...differing }, hasCause);
}

const FULL = { size: 8, inUse: 8, oldestLeaseMs: 900 } as const;

describe('the advice of an error', () => {
  it.each<[string, Trouble, Partial<PoolStats>, boolean, string]>([
    ['all are in use', TIMEOUT, FULL, false, 'All 8 are in use: raise max'],
    [
      'all are in use and the queue is full',
      { kind: 'queue-full' },
      FULL,
      false,
      'let fewer callers come',
    ],
    [
      'a lease is out for very long',
      TIMEOUT,
      { ...FULL, oldestLeaseMs: 35_000 },
      false,
      'The oldest lease is out for 35 s: the server stands still, or a lease is never given back',
    ],
    [
      'the server stands still',
      TIMEOUT,
      { ...FULL, use: always(7) },
      false,
      'The oldest lease is out for 900 ms, where most are back within 7 ms: the server stands still, or',
    ],
    [
      'long leases are usual here',
      TIMEOUT,
      { ...FULL, oldestLeaseMs: 35_000, use: always(20_000) },
      false,
      'All 8 are in use',
    ],
    [
      'nothing is open and creates fail',
      TIMEOUT,
      { size: 1, creating: 1 },
      true,
      'Nothing is open and creates fail: look at the cause.',
    ],
    [
      'creates fail beside what is open',
      TIMEOUT,
      { size: 3, inUse: 3, oldestLeaseMs: 35_000 },
      true,
      'the pool cannot grow: look at the cause.',
    ],
    ['a create failed, but all that may be open are', TIMEOUT, FULL, true, 'All 8 are in use'],
    [
      'the first connections are being opened',
      TIMEOUT,
      { size: 2, creating: 2 },
      false,
      'await ready() first',
    ],
    [
      'others were open before',
      TIMEOUT,
      { size: 2, creating: 2, created: 7, oldestCreateMs: 30 },
      false,
      'More connections are being opened',
    ],
    [
      'creates hang',
      TIMEOUT,
      { size: 9, inUse: 2, creating: 7, created: 7, oldestCreateMs: 3_200 },
      false,
      'Connections do not open, the oldest attempt is 3.2 s old: look at the server',
    ],
    [
      'more are being opened',
      TIMEOUT,
      { size: 5, creating: 2, inUse: 3, oldestLeaseMs: 9 },
      false,
      'raise min so that they are open before',
    ],
    [
      'the policy caps what is lent',
      TIMEOUT,
      { size: 6, idle: 2, inUse: 4, permits: 4, oldestLeaseMs: 9 },
      false,
      'lends at most 4 at once',
    ],
    [
      'connections are being checked',
      TIMEOUT,
      { size: 2, checking: 2 },
      false,
      'slow validate or reset',
    ],
    [
      'one has come back meanwhile',
      TIMEOUT,
      { size: 2, inUse: 1, idle: 1, oldestLeaseMs: 9 },
      false,
      'allow a little more time',
    ],
    [
      'the policy wants no more',
      TIMEOUT,
      { size: 2, inUse: 2, target: 2, oldestLeaseMs: 9 },
      false,
      'The policy holds 2 of at most 8: raise min',
    ],
    [
      'the timer came late',
      { kind: 'timeout', timeoutMs: 100, waitedMs: 2_600 },
      FULL,
      false,
      'came 2.5 s late: the event loop was blocked',
    ],
    ['the pool is closed', { kind: 'closed' }, {}, false, 'Stop what brings work'],
    [
      'ready() met what it cannot mend',
      { kind: 'create-failed' },
      {},
      true,
      'Nothing is open and creates fail',
    ],
    [
      'ready() waited too short',
      { kind: 'not-ready' },
      { size: 2, creating: 2 },
      false,
      'readyTimeoutMs',
    ],
  ])('when %s', (_, trouble, differing, hasCause, expected) => {
    const sentence = advice(trouble, differing, hasCause);
    expect(sentence).toContain(expected);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  });
});
