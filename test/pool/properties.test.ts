import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import type { Lease } from '../../src/lease.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { watch, type Outcome } from '../support/pool-harness.js';
import { StubFactory, type Behaviour, type Stub } from '../support/stub-factory.js';

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Behaviour>('ok') },
  fc.constantFrom<Behaviour>('throws', 'rejects', 'never'),
  fc.integer({ min: 1, max: 150 }).map((slowMs) => ({ slowMs })),
);

const index = fc.nat({ max: 20 });
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('acquire' as const),
      timeoutMs: fc.nat({ max: 120 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      index,
      needsReset: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 60 }) }),
  },
  fc.record({ kind: fc.constantFrom('destroy' as const, 'die' as const, 'abort' as const), index }),
  fc.record({ kind: fc.constantFrom('try' as const, 'invalidate' as const, 'spoil' as const) }),
  fc.record({
    kind: fc.constant('reconfigure' as const),
    min: fc.nat({ max: 3 }),
    max: fc.integer({ min: 3, max: 6 }),
  }),
  fc.record({
    kind: fc.constant('behave' as const),
    call: fc.constantFrom(
      'create' as const,
      'validate' as const,
      'reset' as const,
      'destroy' as const,
    ),
    behaviour,
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Call {
  readonly outcome: Outcome<Lease<Stub>>;
  readonly deadline: number;
  readonly controller: AbortController;
}

/** Carries out steps on a pool and keeps book of what it owes. */
class Run {
  readonly clock = new VirtualClock();
  readonly factory = new StubFactory(this.clock);
  readonly pool = new AdaptivePool<Stub>({
    factory: this.factory,
    clock: this.clock,
    min: 1,
    max: 4,
    maxPending: 8,
    createTimeoutMs: 80,
    validateTimeoutMs: 40,
    validateAfterIdleMs: 30,
    resetTimeoutMs: 40,
    destroyTimeoutMs: 50,
    maxLifetimeMs: 500,
  });
  readonly calls: Call[] = [];
  readonly tried: Lease<Stub>[] = [];

  get leases(): Lease<Stub>[] {
    const granted = this.calls.map(({ outcome }) => outcome.value);
    return [...granted, ...this.tried].filter(
      (lease): lease is Lease<Stub> => lease !== undefined && !lease.isReleased,
    );
  }

  async take(step: Step): Promise<void> {
    const { clock, factory, pool } = this;
    if (step.kind === 'acquire') {
      const controller = new AbortController();
      const promise = pool.acquire({ timeoutMs: step.timeoutMs, signal: controller.signal });
      const deadline = clock.now() + step.timeoutMs;
      this.calls.push({ outcome: watch(promise, clock), deadline, controller });
    } else if (step.kind === 'release') {
      const lease = this.leases[step.index % Math.max(1, this.leases.length)];
      if (lease !== undefined) {
        lease.resource.needsReset = step.needsReset;
        lease.release();
      }
    } else if (step.kind === 'wait') await clock.advance(step.ms);
    else if (step.kind === 'destroy') this.leases[step.index]?.destroy();
    else if (step.kind === 'die') factory.stubs[factory.stubs.length - 1 - step.index]?.die();
    else if (step.kind === 'abort') this.calls.at(-1 - step.index)?.controller.abort();
    else if (step.kind === 'try') {
      const lease = pool.tryAcquire();
      if (lease !== null) this.tried.push(lease);
    } else if (step.kind === 'invalidate') pool.invalidateAll();
    else if (step.kind === 'spoil') {
      for (const stub of factory.stubs.slice(-2)) stub.isUsable = false;
    } else if (step.kind === 'reconfigure') pool.reconfigure({ min: step.min, max: step.max });
    else if (step.kind === 'behave') factory.behaviours[step.call] = step.behaviour;
    await clock.advance(0);
  }

  check(): void {
    const { clock, factory, pool, calls } = this;
    const { stats } = pool;
    const { size, creating, checking, idle, inUse } = stats;
    expect(size).toBe(creating + checking + idle + inUse);
    expect(inUse).toBe(this.leases.length);
    expect(stats.acquired - stats.released).toBe(inUse);
    expect(stats.created - stats.destroyed).toBeLessThanOrEqual(size - creating + stats.closing);
    expect(
      stats.created + stats.createFailures + stats.createsGivenUp + creating,
    ).toBeLessThanOrEqual(factory.creates);
    expect(stats.pending).toBe(calls.filter(({ outcome }) => outcome.state === 'pending').length);
    const holders = this.leases.map((lease) => lease.resource);
    expect(new Set(holders).size).toBe(holders.length);
    for (const { outcome, deadline } of calls) {
      if (outcome.state === 'pending') expect(clock.now()).toBeLessThan(deadline);
      else expect(outcome.at ?? 0).toBeLessThanOrEqual(deadline);
    }
  }

  async end(): Promise<void> {
    const { clock, factory, pool } = this;
    const closed = watch(pool.close({ deadlineMs: 100 }), clock);
    await clock.advance(1_000);
    expect(closed.state).toBe('fulfilled');
    expect(pool.stats).toMatchObject({ size: 0, closing: 0, pending: 0 });
    expect(pool.stats.created).toBe(pool.stats.destroyed);
    expect(factory.live).toBe(0);
    for (const lease of this.leases) lease.release();
    expect(pool.stats.acquired).toBe(pool.stats.released);
    expect(clock.scheduled).toBe(0);
  }
}

it('whatever is called and whatever the backend does, every caller is answered and nothing leaks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const run = new Run();
      for (const step of steps) {
        await run.take(step);
        run.check();
      }
      await run.end();
    }),
    { numRuns: 150 },
  );
}, 60_000);
