import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AdaptivePool } from '../../src/index.js';
import { Lease } from '../../src/lease.js';
import { harness, settled, watch } from '../support/pool-harness.js';
import { expectSound, look } from '../support/sound-pool.js';
import { StubFactory, type Stub } from '../support/stub-factory.js';

function fail(): never {
  throw new Error('user code threw');
}

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
      look(pool);
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
      look(pool);
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

  it.each([
    ['acquires', (pool: AdaptivePool<Stub>) => pool.tryAcquire(), true],
    ['reports its death', (_: AdaptivePool<Stub>, stub: Stub) => stub.die(), false],
    ['invalidates all', (pool: AdaptivePool<Stub>) => pool.invalidateAll(), true],
  ] as const)(
    'whose isUsable %s lends nothing twice, and nothing that is closed',
    async (_, act, answer) => {
      const made = harness({ min: 2, max: 2 }, { create: 'ok' });
      const { clock, factory, pool } = made;
      await settled(pool.ready(), clock);
      const inside: unknown[] = [];
      vi.spyOn(factory, 'isUsable').mockImplementationOnce((stub) => {
        inside.push(act(pool, stub));
        return answer;
      });
      const outer = watch(pool.acquire({ timeoutMs: 1_000 }), clock);
      await clock.advance(100);
      const leases = [outer.value, ...inside].filter((one) => one instanceof Lease);
      const ids = leases.map(({ resource }) => resource.id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(factory.destroyed.map(({ id }) => id)).not.toContain(ids[0]);
      expect(pool.stats.inUse).toBe(ids.length);
      for (const lease of leases) lease.release();
      await expectSound(made);
    },
  );

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
      look(pool);
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

describe('a factory that answers at once', () => {
  it('may close the pool while it creates; what it opens is closed', async () => {
    const { clock, factory, pool } = harness({ min: 1, max: 2 }, { create: 'ok' });
    let closed: ReturnType<typeof watch> | null = null;
    factory.whenCreating = () => {
      closed ??= watch(pool.close(), clock);
    };
    const caller = watch(pool.acquire({ timeoutMs: 100 }), clock);
    await clock.advance(10_000);
    expect(closed).toMatchObject({ state: 'fulfilled' });
    expect(caller.state).toBe('rejected');
    expect(factory.live).toBe(0);
  });

  it('may change the options while it creates and fails', async () => {
    const { clock, factory, pool } = harness({ min: 3, max: 4 }, { create: 'throws' });
    factory.whenCreating = () => {
      factory.whenCreating = () => {};
      pool.reconfigure({ min: 0, max: 1 });
    };
    const caller = watch(pool.acquire({ timeoutMs: 500 }), clock);
    await clock.advance(1_000);
    expect(caller.reason).toMatchObject({ code: 'ERR_POOL_ACQUIRE_TIMEOUT' });
  });

  it('makes ready() fail at once when it closes the pool', async () => {
    const { clock, factory, pool } = harness({ min: 1, max: 2 });
    factory.whenCreating = () => void pool.close();
    const ready = watch(pool.ready(), clock);
    await clock.advance(0);
    expect(ready.reason).toMatchObject({ code: 'ERR_POOL_CLOSED' });
  });
});
