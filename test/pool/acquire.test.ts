import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import type { Lease } from '../../src/lease.js';
import { harness, settled, watch } from '../support/pool-harness.js';
import type { Stub } from '../support/stub-factory.js';

describe('stats', () => {
  it('are a snapshot that nobody can change, to the inside', () => {
    const { stats } = harness().pool;
    const parts = [stats, stats.shared, stats.gate, stats.wait, stats.use, stats.create];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
  });
});

describe('acquire', () => {
  it('opens nothing before somebody asks', async () => {
    const { clock, factory, pool } = harness({ min: 3 });
    await clock.advance(1_000);
    expect(factory.creates).toBe(0);
    expect(pool.stats).toMatchObject({ size: 0, target: 0, min: 3, max: 4 });
  });

  it('opens a connection for the first caller and lends it', async () => {
    const { clock, factory, pool } = harness();
    const lease = await settled(pool.acquire(), clock);
    expect(lease.resource).toBe(factory.stub(1));
    expect(pool.stats).toMatchObject({ size: 1, inUse: 1, acquired: 1, created: 1 });
  });

  it('lends an idle connection at once, without a turn of the event loop', async () => {
    const { clock, pool } = harness();
    (await settled(pool.acquire(), clock)).release();
    const before = clock.now();
    const lease = await pool.acquire();
    expect(clock.now()).toBe(before);
    expect(lease.isReleased).toBe(false);
  });

  it('serves callers in the order they came', async () => {
    const { clock, pool } = harness({ max: 1, acquireTimeoutMs: Number.POSITIVE_INFINITY });
    const order: number[] = [];
    const callers = Array.from({ length: 20 }, async (_, index) => {
      const lease = await pool.acquire();
      order.push(index);
      await clock.sleep(5);
      lease.release();
    });
    await clock.advance(1_000);
    await Promise.all(callers);
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('gives the connection that comes back to the head of the queue, not to a newcomer', async () => {
    const { clock, pool } = harness({ max: 1 });
    const first = await settled(pool.acquire(), clock);
    const waiting = watch(pool.acquire(), clock);
    first.release();
    expect(pool.tryAcquire()).toBeNull();
    await clock.advance(0);
    expect(waiting.state).toBe('fulfilled');
  });

  it('refuses a caller beyond maxPending at once and keeps those who wait', async () => {
    const { clock, pool } = harness({ max: 1, maxPending: 2 }, { create: 'never' });
    const waiting = [watch(pool.acquire(), clock), watch(pool.acquire(), clock)];
    const refused = watch(pool.acquire(), clock);
    await clock.advance(0);
    expect(refused.reason).toMatchObject({ code: 'ERR_POOL_QUEUE_FULL' });
    expect(waiting.map(({ state }) => state)).toEqual(['pending', 'pending']);
    expect(pool.stats).toMatchObject({ pending: 2, rejected: 1 });
  });

  it('rejects a timeout that is no duration, without asking for anything', async () => {
    const { pool } = harness();
    const wrong = [-1, Number.NaN, '5' as unknown as number];
    for (const timeoutMs of wrong) {
      await expect(pool.acquire({ timeoutMs })).rejects.toMatchObject({
        code: 'ERR_POOL_INVALID_OPTIONS',
        message: expect.stringContaining('timeoutMs must be a number from 0 to Infinity'),
      });
    }
    expect(pool.stats.pending).toBe(0);
  });

  it('may be called from inside the factory', async () => {
    const { clock, factory, pool } = harness();
    const inner: Promise<Lease<Stub>>[] = [];
    factory.whenCreating = () => {
      if (inner.length === 0) inner.push(pool.acquire());
    };
    const outer = await settled(pool.acquire(), clock);
    outer.release();
    const [lease] = await settled(Promise.all(inner), clock);
    lease?.release();
    expect(pool.stats).toMatchObject({ inUse: 0, pending: 0, acquired: 2, released: 2 });
  });
});

describe('tryAcquire', () => {
  it('returns null on a cold pool, and the pool starts to warm', async () => {
    const { clock, pool } = harness({ min: 1 });
    expect(pool.tryAcquire()).toBeNull();
    await clock.advance(20);
    expect(pool.tryAcquire()?.resource.id).toBe(1);
  });

  it('returns null when every connection is in use', async () => {
    const { clock, pool } = harness({ max: 1 });
    await settled(pool.acquire(), clock);
    expect(pool.tryAcquire()).toBeNull();
  });

  it('returns null when the idle connection needs a check first', async () => {
    const { clock, pool } = harness({ min: 1, max: 1, validateAfterIdleMs: 500 });
    await settled(pool.ready(), clock);
    expect(pool.tryAcquire()?.release()).toBeUndefined();
    await clock.advance(600);
    expect(pool.tryAcquire()).toBeNull();
  });

  it('passes over connections whose socket is closed', async () => {
    const { clock, factory, pool } = harness({ min: 1, max: 1 });
    await settled(pool.ready(), clock);
    factory.stub(1).isUsable = false;
    expect(pool.tryAcquire()).toBeNull();
    expect(factory.reasons).toEqual(['invalid']);
  });

  it('returns null once the pool is closed', async () => {
    const { clock, pool } = harness({ min: 1 });
    await settled(pool.ready(), clock);
    void pool.close();
    expect(pool.tryAcquire()).toBeNull();
  });
});

describe('use', () => {
  it('returns what the work returns and gives the connection back', async () => {
    const { clock, pool } = harness();
    const id = await settled(
      pool.use((stub) => stub.id),
      clock,
    );
    expect(id).toBe(1);
    expect(pool.stats).toMatchObject({ idle: 1, inUse: 0 });
  });

  it('gives the connection back when the work throws, at once or later, and passes the error on', async () => {
    const { clock, factory, pool } = harness();
    const error = new Error('no');
    const throwing = (): never => {
      throw error;
    };
    await expect(settled(pool.use(throwing), clock)).rejects.toBe(error);
    await expect(
      settled(
        pool.use(() => Promise.reject(error)),
        clock,
      ),
    ).rejects.toBe(error);
    expect(pool.stats).toMatchObject({ idle: 1, inUse: 0, released: 2 });
    expect(factory.destroyed).toEqual([]);
  });

  it('closes the connection after an error that the factory calls permanent', async () => {
    const { clock, factory, pool } = harness({}, { classify: () => 'permanent' });
    const failing = pool.use(() => Promise.reject(new Error('READONLY')));
    await expect(settled(failing, clock)).rejects.toThrow('READONLY');
    expect(factory.reasons).toEqual(['broken']);
    expect(pool.stats.inUse).toBe(0);
  });

  it('takes an error that cannot be classified for a transient one', async () => {
    const classify = (): never => {
      throw new Error('classify threw');
    };
    const { clock, factory, pool } = harness({}, { classify });
    const failing = pool.use(() => Promise.reject(new Error('no')));
    await expect(settled(failing, clock)).rejects.toThrow('no');
    expect(factory.destroyed).toEqual([]);
  });

  it('hands the signal and the lease to the work, which may destroy it', async () => {
    const { clock, factory, pool } = harness();
    const { signal } = new AbortController();
    const seen = pool.use(
      (_stub, context) => {
        context.lease.destroy();
        return context.signal;
      },
      { signal },
    );
    expect(await settled(seen, clock)).toBe(signal);
    expect(factory.reasons).toEqual(['broken']);
  });

  it("keeps the caller's asynchronous context, also after waiting", async () => {
    const storage = new AsyncLocalStorage<string>();
    const { clock, pool } = harness({ max: 1 });
    const seen: (string | undefined)[] = [];
    const uses = ['a', 'b', 'c'].map((name) =>
      storage.run(name, () =>
        pool.use(async () => {
          seen.push(storage.getStore());
          await clock.sleep(5);
          seen.push(storage.getStore());
        }),
      ),
    );
    await settled(Promise.all(uses), clock);
    expect(seen).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
  });

  it("opens connections outside of every caller's asynchronous context", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const create = (): object => {
      seen.push(storage.getStore());
      return {};
    };
    const pool = new AdaptivePool({ factory: { create, destroy: () => {} }, min: 0 });
    await storage.run('a caller', () => pool.use(() => {}));
    expect(seen).toEqual([undefined]);
    await pool.close();
  });
});
