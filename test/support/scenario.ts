import { expect } from 'vitest';
import type { AdaptivePoolOptions } from '../../src/options.js';
import { expectConsistent, harness, watch, type Harness, type Outcome } from './pool-harness.js';
import type { Behaviours, Stub } from './stub-factory.js';

/** What a caller got and when, by the clock. */
export interface Served {
  readonly startedAt: number;
  readonly outcome: Outcome<void>;
}

/** A pool whose every create is watched, and callers who hold for a while. */
export interface Scenario extends Harness {
  /** A caller who holds what it gets for `holdMs` and gives it back. */
  call(holdMs: number, timeoutMs?: number): Served;
  /** Callers still waiting or holding. */
  readonly busy: number;
  /** Closes the pool under whoever holds a connection, and finds every connection closed and every caller answered. */
  finish(): Promise<void>;
}

export function scenario(
  options: Partial<AdaptivePoolOptions<Stub>> = {},
  behaviours: Partial<Behaviours> = {},
): Scenario {
  const made = harness(options, behaviours);
  const { clock, factory, pool } = made;
  const calls: Served[] = [];
  const oversize: number[] = [];
  const lent = new Set<Stub>();
  factory.whenCreating = () => {
    const { size, max } = pool.stats;
    if (size > max) oversize.push(size);
  };
  const use = async (holdMs: number, timeoutMs?: number): Promise<void> => {
    await pool.use(
      async (stub) => {
        expect(stub.state).toBe('open');
        expect(lent.has(stub)).toBe(false);
        lent.add(stub);
        await clock.sleep(holdMs);
        lent.delete(stub);
      },
      { timeoutMs },
    );
  };
  return {
    ...made,
    call(holdMs, timeoutMs) {
      const served = { startedAt: clock.now(), outcome: watch(use(holdMs, timeoutMs), clock) };
      calls.push(served);
      return served;
    },
    get busy() {
      return calls.filter(({ outcome }) => outcome.state === 'pending').length;
    },
    async finish() {
      expectConsistent(pool.stats);
      const closed = watch(pool.close({ deadlineMs: 0 }), clock);
      await clock.advance(120_000);
      expect(closed.state).toBe('fulfilled');
      const { stats } = pool;
      expect(stats).toMatchObject({ size: 0, closing: 0, pending: 0, created: stats.destroyed });
      expect(stats.acquired).toBe(stats.released);
      expect(stats.created + stats.createFailures + stats.createsGivenUp).toBe(factory.creates);
      expect(factory.live).toBe(0);
      expect(calls.filter(({ outcome }) => outcome.state === 'pending')).toEqual([]);
      expect(oversize).toEqual([]);
      expect(clock.scheduled).toBe(0);
    },
  };
}

/** Milliseconds from the call to the end of its work, of those that were served. */
export function tookMs(calls: readonly Served[]): number[] {
  return calls.flatMap(({ startedAt, outcome: { state, at = Number.NaN } }) =>
    state === 'fulfilled' ? [at - startedAt] : [],
  );
}
