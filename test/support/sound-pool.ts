import { expect } from 'vitest';
import type { PoolStats } from '../../src/stats.js';
import { expectConsistent, watch, type Harness } from './pool-harness.js';

const seen = new WeakMap<object, PoolStats[]>();

/** Notes what user code sees of the pool; it is checked in the end, because what user code throws goes nowhere. */
export function look(pool: Pick<Harness['pool'], 'stats'>): void {
  const sights = seen.get(pool) ?? [];
  seen.set(pool, sights);
  sights.push(pool.stats);
}

/** Whatever was done to it, the pool serves `max` callers at once, everything comes back, and it closes. */
export async function expectSound({ clock, pool, factory }: Harness): Promise<void> {
  for (const sight of seen.get(pool) ?? []) expectConsistent(sight);
  const { max } = pool.options;
  const leases = Array.from({ length: max }, () =>
    watch(pool.acquire({ timeoutMs: 60_000 }), clock),
  );
  await clock.advance(10_000);
  expect(leases.filter(({ state }) => state === 'fulfilled')).toHaveLength(max);
  expectConsistent(pool.stats);
  for (const { value } of leases) value?.release();
  await clock.advance(0);
  const { stats } = pool;
  expect(stats).toMatchObject({ inUse: 0, pending: 0 });
  expect(stats.acquired).toBe(stats.released);
  const closed = watch(pool.close(), clock);
  await clock.advance(10_000);
  expect(closed).toMatchObject({ state: 'fulfilled', value: { heldLeases: [] } });
  expect(factory.live).toBe(0);
  expect(clock.scheduled).toBe(0);
}
