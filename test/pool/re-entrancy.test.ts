import { describe, expect, it, vi } from 'vitest';
import type { RequestObserver } from '../../src/adaptive-pool.js';
import type { PoolEvents } from '../../src/events.js';
import type { Lease } from '../../src/lease.js';
import { consoleLogger } from '../../src/telemetry/scaling-log.js';
import { harness, settled, watch } from '../support/pool-harness.js';
import { expectSound, look } from '../support/sound-pool.js';
import type { Stub } from '../support/stub-factory.js';

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
      look(pool);
      seen.push(pool.tryAcquire());
    });
    const end = pool.observe(observer({ released: fail }));
    const lease = await settled(pool.acquire(), clock);
    const waiting = watch(pool.acquire(), clock);
    lease.release();
    await clock.advance(0);
    expect(seen).toEqual([null]);
    end();
    waiting.value?.release();
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
        look(pool);
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
      look(pool);
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
    const later = (): unknown => clock.sleep(5).then(fail);
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
