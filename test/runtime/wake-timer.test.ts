import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/runtime/clock.js';
import { WakeTimer } from '../../src/runtime/wake-timer.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

function setUp(): { clock: VirtualClock; timer: WakeTimer; wakes: number[]; log: string[] } {
  const clock = new VirtualClock();
  const wakes: number[] = [];
  const log: string[] = [];
  const spied: Clock = {
    now: () => clock.now(),
    epoch: () => clock.epoch(),
    defer: (callback) => clock.defer(callback),
    schedule(delayMs, callback) {
      log.push(`set ${delayMs}`);
      const timer = clock.schedule(delayMs, callback);
      return {
        cancel: () => timer.cancel(),
        keepAlive: (keep) => log.push(keep ? 'ref' : 'unref'),
      };
    },
  };
  return { clock, timer: new WakeTimer(spied, () => wakes.push(clock.now())), wakes, log };
}

describe('the wake timer', () => {
  it('is set anew for an earlier instant only', async () => {
    const { clock, timer, wakes, log } = setUp();
    timer.arm(100, false);
    timer.arm(150, false);
    timer.arm(60, false);
    timer.arm(Number.POSITIVE_INFINITY, false);
    expect(log).toEqual(['set 100', 'set 60']);
    await clock.advance(200);
    expect(wakes).toEqual([60]);
  });

  it('is not set for an instant that never comes', () => {
    const { timer, log } = setUp();
    timer.arm(Number.POSITIVE_INFINITY, true);
    expect(log).toEqual([]);
  });

  it('wakes at once for an instant that has passed', async () => {
    const { clock, timer, wakes } = setUp();
    await clock.advance(10);
    timer.arm(5, false);
    await clock.advance(0);
    expect(wakes).toEqual([10]);
  });

  it('can be armed again after it woke', async () => {
    const { clock, timer, wakes } = setUp();
    timer.arm(5, false);
    await clock.advance(5);
    timer.arm(50, false);
    await clock.advance(50);
    expect(wakes).toEqual([5, 50]);
  });

  it('keeps the process alive only while asked to, also across a new setting', () => {
    const { timer, log } = setUp();
    timer.arm(100, true);
    timer.arm(100, true);
    timer.arm(50, true);
    timer.arm(60, false);
    timer.arm(60, false);
    expect(log).toEqual(['set 100', 'ref', 'set 50', 'ref', 'unref']);
  });

  it('stops', async () => {
    const { clock, timer, wakes } = setUp();
    timer.arm(10, true);
    timer.stop();
    await clock.advance(100);
    expect(wakes).toEqual([]);
    expect(clock.scheduled).toBe(0);
  });
});
