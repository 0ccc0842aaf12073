import { describe, expect, it } from 'vitest';
import {
  NO_PRESENT_USE,
  observePresentUse,
  presentUseMs,
  type PresentUse,
} from '../../src/control/present-use.js';
import { signalsOf } from '../support/timeline.js';

/** Uses take as long as this as a rule. */
const USE_MS = 5;

interface Interval {
  readonly ms: number;
  readonly completions: number;
  readonly inUse?: number;
  readonly pending?: number;
}

/** What is remembered after these intervals; the first decision with waiters has just been made. */
function after(intervals: readonly Interval[], begin = waitingSince()): PresentUse {
  return intervals.reduce((state, { ms, completions, inUse = 20, pending = 30 }) => {
    const signals = { intervalMs: ms, completions, inUse, pending, inUseMs: ms * inUse };
    return observePresentUse(state, signalsOf(signals), USE_MS);
  }, begin);
}

/** Callers begin to wait after a long time in which 20 uses of 5 ms at once were usual. */
function waitingSince(): PresentUse {
  const usual = signalsOf({ intervalMs: 100, completions: 400, inUse: 20, inUseMs: 2_000 });
  const quiet = observePresentUse(NO_PRESENT_USE, usual, USE_MS);
  return observePresentUse(quiet, { ...usual, pending: 1 }, USE_MS);
}

function useMs(state: PresentUse, inUse = 20): number {
  return presentUseMs(state, inUse, USE_MS);
}

describe('the present use time', () => {
  it('is the usual one while as many come back as usual', () => {
    expect(useMs(after(Array.from({ length: 20 }, () => ({ ms: 5, completions: 20 }))))).toBe(5);
  });

  it('shows within some ten milliseconds that uses take eight times as long', () => {
    // 20 uses of 40 ms bring one back every 2 ms; usual were four per millisecond.
    const slow = Array.from({ length: 2 }, () => ({ ms: 6, completions: 3 }));
    const found = useMs(after(slow));
    expect(found).toBeGreaterThan(20);
    expect(found).toBeLessThan(40);
  });

  it('does not depend on what was measured before anybody waited', () => {
    const slow = [{ ms: 6, completions: 3 }];
    expect(after(slow)).toEqual(after(slow, observedWithoutPast()));
  });

  it('lets connections that have all just been lent take one use before any is missed', () => {
    expect(useMs(after([{ ms: 5, completions: 0 }]))).toBe(5);
    expect(useMs(after([{ ms: 8, completions: 20 }]))).toBe(5);
  });

  it('does not take a stall for a use time', () => {
    const stall = Array.from({ length: 10 }, () => ({ ms: 5, completions: 0 }));
    // 50 ms without any return count for 5.75 ms: one use of each of the 20 and three returns.
    expect(after(stall).busyMs).toBeLessThanOrEqual((20 + 3) * USE_MS);
    expect(useMs(after([...stall, { ms: 5, completions: 20 }]))).toBe(5);
  });

  it('is not inflated by a lease that never comes back', () => {
    // Three of four connections return their uses of 5 ms, one does not.
    const leak = Array.from({ length: 40 }, () => ({ ms: 5, completions: 3, inUse: 4 }));
    expect(useMs(after(leak), 4)).toBeLessThan(2 * USE_MS);
    const alone = Array.from({ length: 400 }, () => ({ ms: 25, completions: 0, inUse: 1 }));
    expect(useMs(after(alone), 1)).toBe(5);
  });

  it('is forgotten when nobody has waited for a second', () => {
    const slow = after(Array.from({ length: 4 }, () => ({ ms: 6, completions: 3 })));
    const quiet = Array.from({ length: 20 }, () => ({ ms: 100, completions: 1, pending: 0 }));
    expect(after(quiet, slow)).toEqual(NO_PRESENT_USE);
  });

  it('is not known before any use time is', () => {
    const signals = signalsOf({ pending: 9, inUse: 2, inUseMs: 200, completions: 1 });
    const first = observePresentUse(NO_PRESENT_USE, signals, null);
    expect(observePresentUse(first, signals, null)).toMatchObject({ busyMs: 0, completions: 0 });
  });
});

function observedWithoutPast(): PresentUse {
  return observePresentUse(NO_PRESENT_USE, signalsOf({ pending: 1, inUse: 20 }), USE_MS);
}
