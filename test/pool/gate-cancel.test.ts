import { describe, expect, it } from 'vitest';
import { PoolError } from '../../src/errors.js';
import type { Lease } from '../../src/lease.js';
import {
  expectConsistent,
  harness,
  watch,
  type Harness,
  type Outcome,
} from '../support/pool-harness.js';
import type { Behaviour, Behaviours, Stub } from '../support/stub-factory.js';

type Call = 'create' | 'validate' | 'reset' | 'destroy';

const BEHAVIOURS: readonly (readonly [name: string, behaviour: Behaviour])[] = [
  ['ok', 'ok'],
  ['throws now', 'throws'],
  ['rejects', 'rejects'],
  ['slow', { slowMs: 13 }],
  ['never', 'never'],
];

/** How everything may end early. A timeout is chosen when the caller calls. */
const CANCELS: Readonly<Record<string, (h: Harness, controller: AbortController) => void>> = {
  abort: (_, controller) => controller.abort(),
  timeout: () => {},
  close: ({ pool }) => void pool.close({ deadlineMs: 20 }),
  invalidate: ({ pool }) => pool.invalidateAll(),
  kill: ({ factory }) => {
    for (const stub of factory.stubs) if (stub.state === 'open') stub.die();
  },
};

/** Apart by no more than anything takes, so that some meet every call while it runs, and some its beginning or end. */
const POINTS_MS = Array.from({ length: 12 }, (_, index) => 5 * index);
const TIMEOUT_MS = 40;

const CASES = (['create', 'validate', 'reset', 'destroy'] as const).flatMap((call) =>
  BEHAVIOURS.flatMap(([name, behaviour]) =>
    Object.keys(CANCELS).map((cancel) => ({ call, name, behaviour, cancel })),
  ),
);

/** A life in which every call of the factory happens: open, use, reset, check, use, close, open. */
async function live(
  call: Call,
  behaviour: Behaviour,
  cancel: string,
  atMs: number,
): Promise<readonly string[]> {
  const behaviours: Partial<Behaviours> = {
    create: { slowMs: 5 },
    validate: { slowMs: 5 },
    reset: { slowMs: 5 },
    destroy: { slowMs: 5 },
    [call]: behaviour,
  };
  const made = harness(
    {
      min: 0,
      max: 2,
      createTimeoutMs: 20,
      validateTimeoutMs: 20,
      validateAfterIdleMs: 3,
      resetTimeoutMs: 20,
      destroyTimeoutMs: 20,
    },
    behaviours,
  );
  const { clock, factory, pool } = made;
  const controller = new AbortController();
  let isLate = false;
  const outcomes: Outcome<Lease<Stub>>[] = [];
  /** Asks at `startMs`, holds what it gets for 4 ms. */
  const caller = (startMs: number, work: (lease: Lease<Stub>) => void): void => {
    clock.schedule(startMs, () => {
      const timeoutMs = cancel === 'timeout' ? Math.max(0, atMs - startMs) : TIMEOUT_MS;
      const acquiring = pool.acquire({ timeoutMs, signal: controller.signal });
      const outcome = watch(acquiring, clock);
      outcomes.push(outcome);
      acquiring.then(
        (lease) => clock.schedule(4, () => work(lease)),
        () => {},
      );
      clock.schedule(timeoutMs + 0.001, () => {
        isLate ||= outcome.state === 'pending';
      });
    });
  };
  const dirty = (lease: Lease<Stub>): void => {
    if (pool.stats.size > 0) lease.resource.needsReset = true;
    lease.release();
  };
  caller(0, dirty);
  caller(1, (lease) => lease.release());
  caller(22, (lease) => lease.destroy());
  caller(23, dirty);
  caller(45, (lease) => lease.release());
  clock.schedule(atMs, () => CANCELS[cancel]?.(made, controller));
  for (let step = 0; step < 12; step += 1) {
    await clock.advance(10);
    expectConsistent(pool.stats);
  }
  expect(isLate).toBe(false);
  expect(pool.stats).toMatchObject({ pending: 0, inUse: 0 });

  const closed = watch(pool.close({ deadlineMs: 0 }), clock);
  await clock.advance(100);
  expect(closed.state).toBe('fulfilled');
  const { stats } = pool;
  expect(stats).toMatchObject({ size: 0, closing: 0, created: stats.destroyed });
  expect(stats.acquired).toBe(stats.released);
  expect(stats.created + stats.createFailures + stats.createsGivenUp).toBe(factory.creates);
  expect(factory.live).toBe(0);
  expect(clock.scheduled).toBe(0);
  expect(outcomes.map(({ state }) => state)).not.toContain('pending');
  return outcomes.map(({ reason }) => (reason === undefined ? 'granted' : describeEnd(reason)));
}

function describeEnd(reason: unknown): string {
  return reason instanceof PoolError ? reason.code : (reason as Error).name;
}

describe('when it is cut short at any point', () => {
  it.each(CASES)('by $cancel, a $call that is $name costs no more than it must', async (one) => {
    const seen = new Set<string>();
    for (const atMs of POINTS_MS) {
      const ends = await live(one.call, one.behaviour, one.cancel, atMs);
      expect(ends).toHaveLength(5);
      for (const end of ends) seen.add(end);
    }
    const cut = {
      abort: 'AbortError',
      timeout: 'ERR_POOL_ACQUIRE_TIMEOUT',
      close: 'ERR_POOL_CLOSED',
    };
    const expected = cut[one.cancel as keyof typeof cut];
    if (expected !== undefined) expect(seen).toContain(expected);
  });
});
