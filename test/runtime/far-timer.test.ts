import { describe, expect, it } from 'vitest';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import type { AdaptivePoolOptions } from '../../src/options.js';
import type { Timer } from '../../src/runtime/clock.js';
import { LONGEST_DELAY_MS, scheduleFar } from '../../src/runtime/far-timer.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { settled, watch } from '../support/pool-harness.js';
import { StubFactory, type Behaviours, type Stub } from '../support/stub-factory.js';

const DAY_MS = 86_400_000;

/** A clock like one over `setTimeout`, which would fire at once after a longer delay. */
class PlainClock extends VirtualClock {
  /** Timers that keep the process alive, by their delay. */
  readonly keeping = new Map<Timer, number>();

  override schedule(delayMs: number, callback: () => void): Timer {
    const isFine = delayMs >= 0 && delayMs <= LONGEST_DELAY_MS;
    const timer = super.schedule(isFine ? delayMs : 1, () => {
      this.keeping.delete(mine);
      callback();
    });
    const mine: Timer = {
      cancel: () => {
        this.keeping.delete(mine);
        timer.cancel();
      },
      keepAlive: (keep) =>
        void (keep ? this.keeping.set(mine, delayMs) : this.keeping.delete(mine)),
    };
    return mine;
  }
}

/** A pool of one. */
function poolOn(
  clock: PlainClock,
  options: Partial<AdaptivePoolOptions<Stub>>,
  behaviours: Partial<Behaviours>,
): AdaptivePool<Stub> {
  const factory = new StubFactory(clock, behaviours);
  return new AdaptivePool<Stub>({ name: 'p', factory, min: 1, max: 1, clock, ...options });
}

describe('a far timer', () => {
  it.each([0, 5.5, LONGEST_DELAY_MS, LONGEST_DELAY_MS + 0.5, 60 * DAY_MS])(
    'of %d ms fires at its instant, once',
    async (delayMs) => {
      const clock = new PlainClock();
      const fired: number[] = [];
      scheduleFar(clock, delayMs, () => fired.push(clock.now()));
      await clock.advance(200 * DAY_MS);
      expect(fired).toEqual([delayMs]);
    },
  );

  it('of Infinity never fires, and keeps the process alive until it is cancelled', async () => {
    const clock = new PlainClock();
    let fired = 0;
    const timer = scheduleFar(clock, Number.POSITIVE_INFINITY, () => {
      fired += 1;
    });
    expect(clock.keeping.size).toBe(0);
    timer.keepAlive(true);
    await clock.advance(200 * DAY_MS);
    expect(clock.keeping.size).toBe(1);
    timer.cancel();
    expect([fired, clock.keeping.size, clock.scheduled]).toEqual([0, 0, 0]);
  });
});

describe('a pool with a clock that knows no delay of more than 25 days', () => {
  it('closes as patiently as it is told, and keeps the process alive meanwhile', async () => {
    const clock = new PlainClock();
    const pool = poolOn(clock, {}, {});
    const lease = await settled(pool.acquire(), clock);
    const closing = watch(pool.close({ deadlineMs: Number.POSITIVE_INFINITY }), clock);
    await clock.advance(60 * DAY_MS);
    expect(closing.state).toBe('pending');
    expect(clock.keeping.size).toBe(1);
    lease.release();
    await clock.advance(10);
    expect(closing).toMatchObject({ state: 'fulfilled', value: { heldLeases: [] } });
    expect(clock.keeping.size).toBe(0);
  });

  it('waits for a goodbye without deadline for as long as that takes', async () => {
    const clock = new PlainClock();
    const pool = poolOn(clock, { destroyTimeoutMs: Infinity }, { destroy: { slowMs: 60_000 } });
    await settled(pool.ready(), clock);
    const closing = watch(pool.close(), clock);
    await clock.advance(59_999);
    expect(closing.state).toBe('pending');
    await clock.advance(2);
    expect(closing.state).toBe('fulfilled');
  });

  it('awaits a create that was given up for as long as a goodbye may take', async () => {
    const clock = new PlainClock();
    const pool = poolOn(clock, { destroyTimeoutMs: Infinity }, { create: { slowMs: 1_000 } });
    pool.ready().catch(() => {});
    await clock.advance(10);
    const closing = watch(pool.close({ deadlineMs: 0 }), clock);
    await clock.advance(980);
    expect(closing.state).toBe('pending');
    await clock.advance(20);
    expect(closing.state).toBe('fulfilled');
  });

  it.each(['acquireTimeoutMs', 'createTimeoutMs', 'readyTimeoutMs'] as const)(
    'believes a %s of 60 days',
    async (option) => {
      const clock = new PlainClock();
      const forEver = { acquireTimeoutMs: Infinity, createTimeoutMs: Infinity };
      const options = { ...forEver, readyTimeoutMs: Infinity, [option]: 60 * DAY_MS };
      const pool = poolOn(clock, options, { create: 'never' });
      const caller = watch(pool.acquire(), clock);
      const ready = watch(pool.ready(), clock);
      await clock.advance(10_000);
      expect([caller.state, ready.state]).toEqual(['pending', 'pending']);
      expect(pool.stats).toMatchObject({ creating: 1, createFailures: 0 });
      void pool.close({ deadlineMs: 0 });
      await clock.advance(10_000);
    },
  );
});
