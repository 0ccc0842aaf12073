import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { harness, settled, watch } from '../support/pool-harness.js';

describe('an abort signal', () => {
  it('ends the wait with its reason, whatever that is', async () => {
    const { clock, pool } = harness({}, { create: 'never' });
    for (const reason of [new Error('gone'), 'a word', null, { code: 7 }]) {
      const controller = new AbortController();
      const caller = watch(pool.acquire({ signal: controller.signal }), clock);
      controller.abort(reason);
      await clock.advance(0);
      expect(caller).toMatchObject({ state: 'rejected', reason });
    }
    expect(pool.stats).toMatchObject({ pending: 0, aborted: 4, timeouts: 0, rejected: 0 });
  });

  it('that is aborted already keeps the pool out of it', async () => {
    const { factory, pool } = harness();
    const reason = new Error('too late');
    await expect(pool.acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(pool.use(() => 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(factory.creates).toBe(0);
  });

  it('gets one listener for a thousand waiters, and none afterwards', async () => {
    const { clock, pool } = harness({ max: 1 });
    const lease = await settled(pool.acquire(), clock);
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    const waiting = Array.from({ length: 1_000 }, () => pool.use(() => 1, { signal }));
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove).not.toHaveBeenCalled();
    lease.release();
    await settled(Promise.all(waiting), clock);
    expect(remove).toHaveBeenCalledTimes(1);
    expect(remove.mock.calls[0]?.[1]).toBe(add.mock.calls[0]?.[1]);
  });

  it('is let go when its waiters time out', async () => {
    const { clock, pool } = harness({}, { create: 'never' });
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, 'removeEventListener');
    const waiting = Array.from({ length: 3 }, () => watch(pool.acquire({ signal }), clock));
    await clock.advance(1_000);
    expect(waiting.every(({ state }) => state === 'rejected')).toBe(true);
    expect(remove).toHaveBeenCalledTimes(1);
  });

  it('does not end a lease that was granted', async () => {
    const { clock, pool } = harness();
    const controller = new AbortController();
    const lease = await settled(pool.acquire({ signal: controller.signal }), clock);
    controller.abort();
    expect(lease.isReleased).toBe(false);
    expect(pool.stats).toMatchObject({ inUse: 1, aborted: 0 });
  });

  it('leaves the create alone, which serves the next in line', async () => {
    const { clock, factory, pool } = harness();
    const controller = new AbortController();
    void pool.acquire({ signal: controller.signal }).catch(() => {});
    const other = watch(pool.acquire(), clock);
    await clock.advance(5);
    controller.abort();
    await clock.advance(10);
    expect(other).toMatchObject({ state: 'fulfilled', at: 10 });
    expect(factory.live).toBe(pool.stats.size);
  });

  it('loses no connection when it fires between the grant and its delivery', async () => {
    const { clock, factory, pool } = harness({ min: 1, max: 1 }, { create: 'ok' });
    const held = await pool.acquire();
    const controller = new AbortController();
    const caller = watch(pool.acquire({ signal: controller.signal }), clock);
    // Two creates start in one breath: the first serves the caller, the second aborts before the caller hears of it.
    factory.whenCreating = () => {
      if (factory.creates === 3) controller.abort(new Error('changed my mind'));
    };
    pool.reconfigure({ min: 3, max: 3 });
    await clock.advance(10);
    expect(controller.signal.aborted).toBe(true);
    expect(caller.state).toBe('fulfilled');
    caller.value?.release();
    held.release();
    expect(pool.stats).toMatchObject({ inUse: 0, idle: 3, pending: 0, acquired: 2, released: 2 });
  });

  it.each(['acquire', 'run'] as const)(
    'adds one listener for 20,000 callers of %s with the same signal, and ends them all',
    async (method) => {
      const { clock, pool } = harness({ max: 1, maxPending: Infinity, acquireTimeoutMs: Infinity });
      const held = await settled(pool.acquire(), clock);
      const warnings: Error[] = [];
      const onWarning = (warning: Error): number => warnings.push(warning);
      process.on('warning', onWarning);
      const { signal, abort } = abortable();
      const calls = Array.from({ length: 20_000 }, () =>
        method === 'acquire' ? pool.acquire({ signal }) : pool.run(() => 0, { signal }),
      );
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      abort('enough');
      const outcomes = await Promise.allSettled(calls);
      expect(new Set(outcomes.map((one) => (one as PromiseRejectedResult).reason))).toEqual(
        new Set(['enough']),
      );
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
      expect(pool.stats).toMatchObject({ pending: 0, aborted: 20_000 });
      await clock.advance(0);
      process.off('warning', onWarning);
      expect(warnings).toEqual([]);
      held.release();
    },
  );
});

function abortable(): { signal: AbortSignal; abort: (reason: string) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}
