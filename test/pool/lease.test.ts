import { describe, expect, it } from 'vitest';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import { harness, settled, watch } from '../support/pool-harness.js';

const RELEASED = expect.objectContaining({ code: 'ERR_POOL_LEASE_RELEASED' });

describe('a lease', () => {
  it('is released once; the second time throws, whoever has the connection by then', async () => {
    const { clock, pool } = harness({ max: 1 });
    const lease = await settled(pool.acquire(), clock);
    lease.release();
    expect(lease.isReleased).toBe(true);
    expect(() => lease.release()).toThrow(RELEASED);
    const next = await pool.acquire();
    expect(() => lease.release()).toThrow(RELEASED);
    expect(() => lease.destroy()).toThrow(RELEASED);
    expect(next.isReleased).toBe(false);
    expect(pool.stats).toMatchObject({ inUse: 1, acquired: 2, released: 1 });
  });

  it('shows no connection after its release', async () => {
    const { clock, pool } = harness();
    const lease = await settled(pool.acquire(), clock);
    lease.release();
    await clock.advance(12);
    expect(() => lease.resource).toThrow('p: this lease was already released 12 ms ago');
    const destroyed = await pool.acquire();
    destroyed.destroy();
    expect(() => destroyed.release()).toThrow('p: this lease was already destroyed 0 ms ago');
  });

  it('names its first release, with the place when it was sampled', async () => {
    const { clock, pool } = harness({ leakSampling: 1 });
    const lease = await settled(pool.acquire(), clock);
    const releaseFirst = (): void => lease.release();
    releaseFirst();
    await clock.advance(30);
    expect(() => lease.release()).toThrow(
      expect.objectContaining({
        how: 'released',
        agoMs: 30,
        firstStack: expect.stringMatching(/^ {4}at Lease\.release .*\n.*releaseFirst/),
        message: expect.stringMatching(/already released 30 ms ago, here:\n {4}at Lease\.release/),
      }),
    );
  });

  it('that ended does not bother the caller who has its connection now', async () => {
    const { clock, factory, pool } = harness({ max: 1 });
    const stale = await settled(pool.acquire(), clock);
    stale.release();
    const next = await pool.acquire();
    let asked = 0;
    factory.needsReset = () => {
      asked += 1;
      return false;
    };
    expect(() => stale.release()).toThrow(RELEASED);
    expect(() => stale.destroy()).toThrow(RELEASED);
    expect(asked).toBe(0);
    expect(next.resource.id).toBe(1);
    expect(factory.destroyed).toEqual([]);
  });

  it('gives itself back at the end of the block that declared it', async () => {
    const { clock, pool } = harness();
    {
      await using lease = await settled(pool.acquire(), clock);
      expect(lease.resource.id).toBe(1);
      expect(pool.stats.inUse).toBe(1);
    }
    {
      using lease = await pool.acquire();
      lease.release();
    }
    expect(pool.stats).toMatchObject({ inUse: 0, idle: 1, released: 2 });
  });

  it('closes its connection when destroyed, and a waiter gets a new one', async () => {
    const { clock, factory, pool } = harness({ max: 1 });
    const lease = await settled(pool.acquire(), clock);
    const waiting = watch(pool.acquire(), clock);
    lease.destroy();
    await clock.advance(20);
    expect(factory.destroyed).toEqual([{ id: 1, reason: 'broken' }]);
    expect(waiting.value?.resource.id).toBe(2);
  });

  it('may be of a connection that is falsy', async () => {
    const { clock } = harness();

    const pool = new AdaptivePool<number>({
      clock,
      factory: { create: () => 0, destroy: () => {} },
    });
    expect(
      await settled(
        pool.use((zero) => zero),
        clock,
      ),
    ).toBe(0);
  });

  it('of a connection found closed on release closes it', async () => {
    const { clock, factory, pool } = harness();
    const lease = await settled(pool.acquire(), clock);
    lease.resource.isUsable = false;
    lease.release();
    expect(factory.reasons).toEqual(['broken']);
    expect(pool.stats.idle).toBe(0);
  });
});

describe('a reset', () => {
  it('is made only when the connection asks for it, before the next lease', async () => {
    const { clock, factory, pool } = harness({ max: 1 }, { reset: { slowMs: 5 } });
    const lease = await settled(pool.acquire(), clock);
    lease.resource.needsReset = true;
    lease.release();
    expect(pool.stats).toMatchObject({ checking: 1, idle: 0 });
    const next = await settled(pool.acquire(), clock);
    expect(next.resource.needsReset).toBe(false);
    next.release();
    expect(factory.resets).toBe(1);
    expect(pool.stats).toMatchObject({ checking: 0, idle: 1 });
  });

  it('is made after every lease when the factory does not say when that is needed', async () => {
    const { clock, factory, pool } = harness({ max: 1 });
    Object.assign(factory, { needsReset: undefined });
    for (let lease = 1; lease <= 3; lease += 1) {
      await settled(
        pool.use(() => {}),
        clock,
      );
      expect(factory.resets).toBe(lease);
    }
  });

  it.each([
    ['rejects', 0],
    ['throws', 0],
    ['never', 1_000],
  ] as const)('that %s closes the connection and is reported', async (reset, afterMs) => {
    const { clock, errors, factory, pool } = harness({ max: 1 }, { reset });
    const lease = await settled(pool.acquire(), clock);
    lease.resource.needsReset = true;
    const waiting = watch(pool.acquire({ timeoutMs: 2_000 }), clock);
    const releasedAt = clock.now();
    lease.release();
    await clock.advance(2_000);
    expect(errors).toMatchObject([{ pool: 'p', operation: 'reset' }]);
    expect(factory.destroyed).toEqual([{ id: 1, reason: 'invalid' }]);
    expect(waiting).toMatchObject({ state: 'fulfilled', at: releasedAt + afterMs + 10 });
    expect(factory.signals.find(({ call }) => call === 'reset')?.signal.aborted).toBe(
      reset === 'never',
    );
  });

  it('is given up when the connection dies meanwhile', async () => {
    const { clock, errors, factory, pool } = harness({ max: 1 }, { reset: 'never' });
    const lease = await settled(pool.acquire(), clock);
    lease.resource.needsReset = true;
    lease.release();
    factory.stub(1).die(new Error('reset by peer'));
    expect(factory.signals.find(({ call }) => call === 'reset')?.signal.aborted).toBe(true);
    await clock.advance(2_000);
    expect(factory.reasons).toEqual(['died']);
    expect(errors).toEqual([]);
  });
});
