import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RequestObserver } from '../../src/adaptive-pool.js';
import type { PoolEvents } from '../../src/events.js';
import type { Lease } from '../../src/lease.js';
import { consoleLogger } from '../../src/telemetry/scaling-log.js';
import {
  expectConsistent,
  harness,
  settled,
  watch,
  type Harness,
} from '../support/pool-harness.js';
import { StubFactory, type Stub } from '../support/stub-factory.js';

/** An observer that does nothing, but for these methods. */
function observer(differing: Partial<RequestObserver>): RequestObserver {
  return {
    arrived: () => {},
    granted: () => {},
    released: () => {},
    created: () => {},
    ...differing,
  };
}

function fail(): never {
  throw new Error('user code threw');
}

/** The pool still does its work: as many as `max` are served at once, and all come back. */
async function expectSound({ clock, pool, factory }: Harness): Promise<void> {
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

describe('an observer that throws', () => {
  it.each(['arrived', 'granted', 'released', 'created'] as const)(
    'in %s is removed, reported once, and breaks nothing',
    async (method) => {
      const made = harness({ max: 2 });
      const { clock, errors, pool } = made;
      const heard = vi.fn();
      const before = vi.fn(fail);
      pool.observe(observer({ [method]: before }));
      pool.observe(observer({ [method]: heard }));
      for (let round = 0; round < 3; round += 1) {
        const lease = await settled(pool.acquire(), clock);
        expect(lease.resource.state).toBe('open');
        if (method === 'created') lease.destroy();
        else lease.release();
      }
      await clock.advance(0);
      expect(before).toHaveBeenCalledTimes(1);
      expect(heard.mock.calls.length).toBeGreaterThanOrEqual(3);
      expect(errors).toEqual([
        { pool: 'p', operation: 'observer', error: new Error('user code threw') },
      ]);
      await expectSound(made);
    },
  );

  it('and a listener of its report that calls the pool find the pool complete', async () => {
    const made = harness({ max: 1 });
    const { clock, pool } = made;
    const seen: unknown[] = [];
    pool.on('error', () => {
      expectConsistent(pool.stats);
      seen.push(pool.tryAcquire());
    });
    const end = pool.observe(observer({ granted: fail }));
    const lease = await settled(pool.acquire(), clock);
    await clock.advance(0);
    expect(seen).toEqual([null]);
    end();
    lease.release();
    await expectSound(made);
  });
});

describe('a listener may', () => {
  it.each(['scale', 'create', 'destroy', 'decision'] as const)(
    'release a lease when it hears of %s',
    async (event) => {
      const made = harness({ min: 1, max: 3 });
      const { clock, pool } = made;
      const leases: Lease<Stub>[] = [];
      let released = 0;
      pool.on(event, () => {
        const lease = leases.pop();
        if (lease === undefined) return;
        lease.release();
        released += 1;
        expectConsistent(pool.stats);
      });
      for (let round = 0; round < 4; round += 1) {
        leases.push(await settled(pool.acquire(), clock));
        leases.push(await settled(pool.acquire(), clock));
        const last = await settled(pool.acquire(), clock);
        await clock.advance(150);
        last.destroy();
        await clock.advance(20_000);
        for (const lease of leases.splice(0)) lease.release();
      }
      expect(released).toBeGreaterThan(0);
      await expectSound(made);
    },
  );

  it('acquire when it hears of a timeout; who waits is served in order all the same', async () => {
    const made = harness({ max: 1 });
    const { clock, pool } = made;
    const lease = await settled(pool.acquire(), clock);
    const again: ReturnType<typeof watch<Lease<Stub>>>[] = [];
    pool.once('timeout', () => again.push(watch(pool.acquire(), clock)));
    const late = watch(pool.acquire({ timeoutMs: 20 }), clock);
    const patient = watch(pool.acquire(), clock);
    await clock.advance(20);
    expect(late).toMatchObject({ state: 'rejected', at: clock.now() });
    lease.release();
    await clock.advance(0);
    expect([patient.state, again[0]?.state]).toEqual(['fulfilled', 'pending']);
    patient.value?.release();
    await clock.advance(0);
    again[0]?.value?.release();
    await expectSound(made);
  });

  it('change the options and forget every connection when it hears of a decision to scale', async () => {
    const made = harness({ min: 1, max: 4 });
    const { clock, pool } = made;
    let min = 1;
    pool.on('scale', () => {
      min = Math.min(4, min + 1);
      pool.reconfigure({ min });
      pool.invalidateAll();
      expectConsistent(pool.stats);
    });
    await settled(pool.ready(), clock);
    await clock.advance(500);
    expect(pool.stats).toMatchObject({ min: 4, idle: 4, target: 4 });
    await expectSound(made);
  });

  it.each(['scale', 'create', 'destroy', 'create-error', 'timeout', 'error'] as const)(
    'close the pool when it hears of %s',
    async (event: keyof PoolEvents) => {
      const { clock, factory, pool } = harness({ max: 1 }, { destroy: 'throws' });
      let closed: ReturnType<typeof watch> | undefined;
      pool.on(event, () => {
        closed ??= watch(pool.close({ deadlineMs: 50 }), clock);
      });
      const first = watch(pool.acquire(), clock);
      const second = watch(pool.acquire({ timeoutMs: 20 }), clock);
      await clock.advance(30);
      factory.behaviours.create = 'rejects';
      first.value?.destroy();
      void pool.acquire().catch(() => {});
      await clock.advance(5_000);
      expect(closed?.state).toBe('fulfilled');
      expect(second.state).toBe('rejected');
      expect(pool.stats).toMatchObject({ size: 0, closing: 0, pending: 0 });
      expect(clock.scheduled).toBe(0);
    },
  );

  it('be async and fail later; that is an `error` event and no unhandled rejection', async () => {
    const { clock, errors, pool } = harness({ min: 1 });
    const later: (event: unknown) => Promise<void> = async () => {
      await clock.sleep(5);
      fail();
    };
    pool.on('create', later);
    await settled(pool.ready(), clock);
    await clock.advance(5);
    expect(errors).toMatchObject([
      { operation: 'listener', error: { message: 'user code threw' } },
    ]);
  });
});

describe('inside `use`', () => {
  it('the pool may be closed: the work goes on, its connection goes when it is done', async () => {
    const { clock, factory, pool } = harness();
    let closed: ReturnType<typeof watch> | undefined;
    const work = watch(
      pool.use(async (stub) => {
        closed = watch(pool.close(), clock);
        await clock.sleep(30);
        return stub.state;
      }),
      clock,
    );
    await clock.advance(100);
    expect(work).toMatchObject({ state: 'fulfilled', value: 'open' });
    expect(closed).toMatchObject({ state: 'fulfilled', value: { heldLeases: [] }, at: work.at });
    expect(factory.live).toBe(0);
  });

  it('awaiting the close ends at the deadline, for the work is what it waits for', async () => {
    const { clock, pool } = harness();
    const work = watch(
      pool.use(() => pool.close({ deadlineMs: 40 })),
      clock,
    );
    await clock.advance(100);
    expect(work).toMatchObject({ state: 'fulfilled', at: 50 });
    expect(work.value?.heldLeases).toMatchObject([{ id: 1, heldForMs: 40 }]);
  });
});

describe('a logger', () => {
  it('that throws at every line disturbs nobody', async () => {
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    const made = harness({ min: 1, max: 2, logger, leakThresholdMs: 50 }, { reset: 'throws' });
    const { clock, errors, pool } = made;
    const lease = await settled(pool.acquire(), clock);
    lease.resource.needsReset = true;
    await clock.advance(100);
    lease.release();
    await clock.advance(1_000);
    expect(new Set(errors.map(({ operation }) => operation))).toEqual(
      new Set(['listener', 'reset']),
    );
    await expectSound(made);
  });

  it('may be a console that throws', async () => {
    const print = vi.fn(fail);
    const console = { debug: print, info: print, warn: print, error: print };
    const made = harness({ min: 1, logger: consoleLogger({ console }) });
    await settled(made.pool.ready(), made.clock);
    expect(print).toHaveBeenCalled();
    await expectSound(made);
  });
});

describe('a factory', () => {
  afterEach(() => vi.restoreAllMocks());

  it('may acquire and release while it creates', async () => {
    const made = harness({ max: 2 }, { create: 'ok' });
    const { clock, factory, pool } = made;
    const inside: ReturnType<typeof watch<Lease<Stub>>>[] = [];
    let held: Lease<Stub> | null = null;
    factory.whenCreating = () => {
      if (inside.length < 3) inside.push(watch(pool.acquire(), clock));
      held?.release();
      held = null;
      expectConsistent(pool.stats);
    };
    held = await settled(pool.acquire(), clock);
    const more = watch(pool.acquire(), clock);
    for (let round = 0; round < 10; round += 1) {
      await clock.advance(50);
      for (const { value } of [more, ...inside]) if (value?.isReleased === false) value.release();
    }
    expect([more, ...inside].map(({ state }) => state)).not.toContain('pending');
    expect(inside.length).toBeGreaterThan(0);
    if (held !== null) held.release();
    await expectSound(made);
  });

  it('may report a death inside create: the create failed, what it returns is closed', async () => {
    const made = harness({ max: 1 }, { create: 'ok' });
    const { clock, factory, pool } = made;
    const create = factory.create.bind(factory);
    vi.spyOn(factory, 'create').mockImplementationOnce((context) => {
      context.onDeath(new Error('died young'));
      return create(context);
    });
    const failures: unknown[] = [];
    pool.on('create-error', ({ error }) => failures.push(error));
    const lease = watch(pool.acquire(), clock);
    await clock.advance(500);
    expect(failures).toEqual([new Error('died young')]);
    expect(factory.reasons).toEqual(['late']);
    expect(lease.value?.resource.id).toBe(2);
    lease.value?.release();
    await expectSound(made);
  });

  it('may report a death, and call the pool, inside destroy: it is closed once', async () => {
    const made = harness({ max: 1 }, { create: 'ok' });
    const { clock, factory, pool } = made;
    const destroy = factory.destroy.bind(factory);
    const served: ReturnType<typeof watch<Lease<Stub>>>[] = [];
    vi.spyOn(factory, 'destroy').mockImplementationOnce((stub, context) => {
      stub.die(new Error('died while it closed'));
      served.push(watch(pool.acquire(), clock));
      expectConsistent(pool.stats);
      return destroy(stub, context);
    });
    (await settled(pool.acquire(), clock)).destroy();
    await clock.advance(10);
    expect(factory.destroyed).toEqual([{ id: 1, reason: 'broken' }]);
    expect(served[0]?.value?.resource.id).toBe(2);
    served[0]?.value?.release();
    await expectSound(made);
  });

  it('may release the very lease that is coming back, from isUsable or needsReset', async () => {
    const made = harness({ min: 1, max: 1 }, { create: 'ok' });
    const { clock, factory, pool } = made;
    const lease = await settled(pool.acquire(), clock);
    let refused: unknown;
    factory.needsReset = () => {
      try {
        lease.release();
      } catch (error) {
        refused = error;
      }
      return false;
    };
    lease.release();
    expect(refused).toMatchObject({ code: 'ERR_POOL_LEASE_RELEASED' });
    expect(pool.stats).toMatchObject({ released: 1, idle: 1 });
    await expectSound(made);
  });

  it('whose isUsable throws has its connections replaced', async () => {
    const made = harness({ min: 1, max: 1 }, { create: 'ok' });
    const { clock, factory, pool } = made;
    (await settled(pool.acquire(), clock)).release();
    vi.spyOn(factory, 'isUsable').mockImplementationOnce(fail);
    const lease = await settled(pool.acquire(), clock);
    expect(lease.resource.id).toBe(2);
    expect(factory.reasons).toEqual(['invalid']);
    lease.release();
    await expectSound(made);
  });

  it('whose needsReset throws has that connection closed', async () => {
    const made = harness({ max: 1 }, { create: 'ok' });
    vi.spyOn(made.factory, 'needsReset').mockImplementationOnce(fail);
    (await settled(made.pool.acquire(), made.clock)).release();
    expect(made.factory.reasons).toEqual(['broken']);
    await expectSound(made);
  });

  it('whose classify throws has every error retried, and what `use` throws comes out as it is', async () => {
    const made = harness({ max: 1 }, { create: 'rejects', classify: fail });
    const { clock, factory, pool } = made;
    const kinds: unknown[] = [];
    pool.on('create-error', (event) => kinds.push(event.class));
    const waiting = watch(pool.acquire({ timeoutMs: 5_000 }), clock);
    await clock.advance(0);
    factory.behaviours.create = 'ok';
    await clock.advance(2_000);
    expect(kinds).toEqual(['transient']);
    waiting.value?.release();
    const failed = watch(
      pool.use(() => {
        throw new Error('no such key');
      }),
      clock,
    );
    await clock.advance(0);
    expect(failed.reason).toEqual(new Error('no such key'));
    expect(factory.destroyed).toEqual([]);
    await expectSound(made);
  });

  it('that calls back from every call at once is sound', async () => {
    const made = harness({ min: 1, max: 3, validateAfterIdleMs: 0 });
    const { clock, factory, pool } = made;
    const held: Lease<Stub>[] = [];
    const meddle = (): void => {
      held.pop()?.release();
      const lease = pool.tryAcquire();
      if (lease !== null) held.push(lease);
      expectConsistent(pool.stats);
    };
    for (const call of ['create', 'validate', 'destroy', 'isUsable', 'needsReset'] as const) {
      const original = factory[call].bind(factory) as (...given: unknown[]) => unknown;
      let depth = 0;
      (factory as unknown as Record<string, unknown>)[call] = (...given: unknown[]) => {
        depth += 1;
        if (depth === 1) meddle();
        depth -= 1;
        return original(...given);
      };
    }
    for (let round = 0; round < 20; round += 1) {
      await settled(
        pool.use(() => clock.sleep(7)),
        clock,
      );
      if (round % 5 === 0) pool.invalidateAll();
    }
    for (const call of ['create', 'validate', 'destroy', 'isUsable', 'needsReset'] as const) {
      factory[call] = StubFactory.prototype[call].bind(factory) as never;
    }
    for (const lease of held) lease.release();
    await expectSound(made);
  });
});
