import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { VirtualClock } from '../../src/testing/index.js';

describe('the virtual clock', () => {
  it('stands still until it is moved', async () => {
    const clock = new VirtualClock(1_000);
    expect([clock.now(), clock.epoch()]).toEqual([0, 1_000]);
    await clock.advance(25);
    expect([clock.now(), clock.epoch()]).toEqual([25, 1_025]);
  });

  it('runs what is due by time, and by order of scheduling at one instant', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const note =
      (name: string): (() => void) =>
      () =>
        void log.push(`${name} at ${clock.now()}`);
    clock.schedule(20, note('c'));
    clock.schedule(10, note('a'));
    clock.schedule(10, note('b'));
    clock.defer(note('first'));
    clock.schedule(30, note('late'));
    await clock.advance(20);
    expect(log).toEqual(['first at 0', 'a at 10', 'b at 10', 'c at 20']);
    expect(clock.scheduled).toBe(1);
  });

  it('leaps over what is due, which then runs late and in order', async () => {
    const clock = new VirtualClock();
    const log: number[] = [];
    clock.schedule(20, () => log.push(20, clock.now()));
    clock.schedule(10, () => log.push(10, clock.now()));
    clock.leap(3_600_000);
    expect(clock.now()).toBe(3_600_000);
    expect(log).toEqual([]);
    await clock.advance(0);
    expect(log).toEqual([10, 3_600_000, 20, 3_600_000]);
  });

  it('runs what is scheduled meanwhile if it is due by then', async () => {
    const clock = new VirtualClock();
    const log: number[] = [];
    clock.schedule(5, () => {
      log.push(clock.now());
      clock.schedule(5, () => log.push(clock.now()));
      clock.schedule(50, () => log.push(clock.now()));
    });
    await clock.advance(20);
    expect(log).toEqual([5, 10]);
  });

  it('lets promises settle between two instants', async () => {
    const clock = new VirtualClock();
    const log: number[] = [];
    const work = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn += 1) {
        await clock.sleep(10);
        log.push(clock.now());
      }
    };
    void work();
    await clock.advance(30);
    expect(log).toEqual([10, 20, 30]);
  });

  it('does not run what was cancelled', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const timer = clock.schedule(10, () => log.push('no'));
    timer.keepAlive(true);
    timer.cancel();
    await clock.advance(20);
    expect(log).toEqual([]);
  });

  it('moves under the fake timers of a test framework, too', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const clock = new VirtualClock();
    const slept = clock.sleep(10).then(() => clock.now());
    await clock.advance(20);
    expect(await slept).toBe(10);
  });
});
