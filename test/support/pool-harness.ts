import { expect, onTestFinished } from 'vitest';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import type { ErrorEvent } from '../../src/events.js';
import type { AdaptivePoolOptions } from '../../src/options.js';
import type { PoolStats } from '../../src/stats.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { StubFactory, type Behaviours, type Stub } from './stub-factory.js';

/** A pool of stubs on a clock that stands still until told to move. */
export interface Harness {
  readonly clock: VirtualClock;
  readonly factory: StubFactory;
  readonly pool: AdaptivePool<Stub>;
  /** Every `error` event so far. */
  readonly errors: ErrorEvent[];
}

/** Options of the pool and behaviours of the factory; min 0, max 4 unless given. */
export function harness(
  options: Partial<AdaptivePoolOptions<Stub>> = {},
  behaviours: Partial<Behaviours> = {},
): Harness {
  const clock = new VirtualClock();
  const factory = new StubFactory(clock, behaviours);
  const pool = new AdaptivePool<Stub>({
    name: 'p',
    factory,
    min: 0,
    max: 4,
    clock,
    ...options,
  });
  const errors: ErrorEvent[] = [];
  pool.on('error', (event) => errors.push(event));
  onTestFinished(async () => {
    void pool.close({ deadlineMs: 0 });
    await clock.advance(60_000);
  });
  return { clock, factory, pool, errors };
}

/** What must be true of a snapshot at any moment. */
export function expectConsistent(stats: PoolStats): void {
  const { size, creating, checking, idle, inUse, closing, pending } = stats;
  expect(size).toBe(creating + checking + idle + inUse);
  expect(size).toBeLessThanOrEqual(stats.max);
  expect(Math.min(creating, checking, idle, inUse, closing, pending)).toBeGreaterThanOrEqual(0);
  // Connections whose lease was taken from them by a forced close are in neither.
  expect(stats.acquired - stats.released).toBeGreaterThanOrEqual(inUse);
}

/** How a promise ended, and when by the clock. */
export interface Outcome<V> {
  state: 'pending' | 'fulfilled' | 'rejected';
  value?: V;
  reason?: unknown;
  at?: number;
}

/** Watches a promise without waiting for it. */
export function watch<V>(promise: Promise<V>, clock: VirtualClock): Outcome<V> {
  const outcome: Outcome<V> = { state: 'pending' };
  promise.then(
    (value) => Object.assign(outcome, { state: 'fulfilled', value, at: clock.now() }),
    (reason: unknown) => Object.assign(outcome, { state: 'rejected', reason, at: clock.now() }),
  );
  return outcome;
}

/** Runs the clock until the promise settles, at most `limitMs`, and returns what it brought. */
export async function settled<V>(
  promise: Promise<V>,
  clock: VirtualClock,
  limitMs = 20_000,
): Promise<V> {
  const outcome = watch(promise, clock);
  await clock.advance(0);
  for (let waited = 0; outcome.state === 'pending' && waited < limitMs; waited += 1) {
    await clock.advance(1);
  }
  if (outcome.state === 'pending') throw new Error(`not settled within ${limitMs} ms`);
  return promise;
}
