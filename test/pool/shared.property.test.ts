import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { StubFactory, type Behaviour, type Stub } from '../support/stub-factory.js';

const caller = fc.record({
  kind: fc.constantFrom('exclusive', 'shared', 'shared'),
  worksMs: fc.nat(60),
  fails: fc.nat(19).map((one) => one === 0),
  spoils: fc.nat(9).map((one) => one === 0),
  timeoutMs: fc.constantFrom(Infinity, 0, 30, 200),
  priority: fc.constantFrom('high', 'normal', 'low'),
  abortsAfterMs: fc.constantFrom(null, null, null, 10, 40),
});

const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ callers: fc.array(caller, { minLength: 1, maxLength: 6 }) }),
  },
  { weight: 6, arbitrary: fc.record({ passMs: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ dies: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ invalidates: fc.constant(true as const) }) },
  { weight: 1, arbitrary: fc.record({ isValid: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      create: fc.constantFrom<Behaviour>('rejects', 'throws', 'ok', { slowMs: 30 }, { slowMs: 10 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      sharedPerConnection: fc.constantFrom(1, 2, 5, 10),
      maxPending: fc.constantFrom(0, 1, 3, 1_000),
    }),
  },
);

const settings = fc.record({
  min: fc.nat(1),
  max: fc.integer({ min: 1, max: 4 }),
  sharedPerConnection: fc.constantFrom(1, 2, 5),
  maxUses: fc.constantFrom(Infinity, 7),
  maxLifetimeMs: fc.constantFrom(Infinity, 500),
  validateAfterIdleMs: fc.constantFrom(0, 50, Infinity),
  keepaliveMs: fc.constantFrom(30, Infinity),
  failFastAfter: fc.constantFrom(Infinity, 2),
  overload: fc.constantFrom(
    {},
    { codelTargetMs: 20, codelIntervalMs: 50 },
    { newestFirst: true, codelIntervalMs: 20 },
    { rejectLate: true },
  ),
});

/** Who is on which connection, and who has no answer. */
class World {
  readonly clock = new VirtualClock();
  readonly factory = new StubFactory(this.clock, { reset: { slowMs: 2 } });
  readonly #on = new Map<Stub, string[]>();
  unanswered = 0;
  failure: Error | null = null;

  call(
    pool: AdaptivePool<Stub>,
    wish: typeof caller extends fc.Arbitrary<infer W> ? W : never,
  ): void {
    const { kind, worksMs, fails, spoils, timeoutMs, priority, abortsAfterMs } = wish;
    const controller = new AbortController();
    const options = { timeoutMs, priority, signal: controller.signal } as const;
    const work = async (stub: Stub): Promise<void> => {
      const others = this.#on.get(stub) ?? [];
      expect(kind === 'exclusive' ? others : others.filter((one) => one !== 'shared')).toEqual([]);
      this.#on.set(stub, [...others, kind]);
      if (spoils) stub.needsReset = true;
      await this.clock.sleep(worksMs);
      const left = this.#on.get(stub) ?? [];
      left.splice(left.indexOf(kind), 1);
      if (fails) throw new Error('the work failed');
    };
    this.unanswered += 1;
    const answered = (): void => {
      this.unanswered -= 1;
    };
    const outcome = kind === 'exclusive' ? pool.use(work, options) : pool.run(work, options);
    outcome.then(answered, (error: unknown) => {
      answered();
      if (error instanceof Error && error.name === 'AssertionError') this.failure ??= error;
    });
    if (abortsAfterMs !== null)
      this.clock.schedule(abortsAfterMs, () => controller.abort('enough'));
  }
}

it('whatever happens, nobody shares a connection with an exclusive caller, everybody is answered and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.array(step, { maxLength: 40, size: 'max' }),
      fc.constantFrom('idle', 'serve', 'reject', 'force'),
      async (options, steps, ending) => {
        const world = new World();
        const { clock, factory } = world;
        const pool = new AdaptivePool<Stub>({ factory, clock, ...options });
        for (const one of steps) {
          if ('callers' in one) for (const wish of one.callers) world.call(pool, wish);
          else if ('passMs' in one) await clock.advance(one.passMs);
          else if ('dies' in one) factory.stubs.at(-1 - one.dies)?.die();
          else if ('invalidates' in one) pool.invalidateAll();
          else if ('isValid' in one) factory.behaviours.isValid = one.isValid;
          else if ('create' in one) factory.behaviours.create = one.create;
          else pool.reconfigure(one);
        }
        Object.assign(factory.behaviours, { create: { slowMs: 10 }, isValid: true });
        if (ending === 'idle') {
          await clock.advance(20_000);
          const { inUse, pending, shared, size, creating } = pool.stats;
          expect({ inUse, pending }).toEqual({ inUse: 0, pending: 0 });
          expect(shared).toMatchObject({ connections: 0, inFlight: 0, pending: 0 });
          expect(factory.live).toBe(size - creating);
        }
        const deadlineMs = ending === 'force' ? 0 : 10_000;
        void pool.close({ deadlineMs, pending: ending === 'reject' ? 'reject' : 'serve' });
        await clock.advance(20_000);
        if (world.failure !== null) throw world.failure;
        expect([world.unanswered, factory.live, pool.stats.size]).toEqual([0, 0, 0]);
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);
