import { describe, expect, it, vi } from 'vitest';
import { Scope } from '../../src/runtime/scope.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

describe('a scope', () => {
  it('expires at its deadline unless it was settled', async () => {
    const clock = new VirtualClock();
    const expired = vi.fn();
    void new Scope(clock, 10, expired);
    const settled = new Scope(clock, 10, expired);
    expect(settled.settle()).toBe(true);
    expect(settled.settle()).toBe(false);
    await clock.advance(20);
    expect(expired).toHaveBeenCalledTimes(1);
  });

  it('without a deadline sets no timer', () => {
    const clock = new VirtualClock();
    void new Scope(clock, Number.POSITIVE_INFINITY, () => {});
    expect(clock.scheduled).toBe(0);
  });

  it('shows an aborted signal whenever it is looked at', () => {
    const reason = new Error('too slow');
    const early = new Scope(new VirtualClock(), 10, () => {});
    const { signal } = early;
    early.abort(reason);
    const late = new Scope(new VirtualClock(), 10, () => {});
    late.abort(reason);
    expect([signal.aborted, signal.reason]).toEqual([true, reason]);
    expect([late.signal.aborted, late.signal.reason]).toEqual([true, reason]);
    expect(late.signal).toBe(late.signal);
  });
});
