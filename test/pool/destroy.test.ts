import { describe, expect, it } from 'vitest';
import { harness, settled, watch } from '../support/pool-harness.js';

describe('a destroy', () => {
  it.each(['throws', 'rejects'] as const)(
    'that %s is reported and the connection forgotten',
    async (destroy) => {
      const { clock, errors, pool } = harness({ max: 1 }, { destroy });
      (await settled(pool.acquire(), clock)).destroy();
      await clock.advance(0);
      expect(errors).toMatchObject([{ operation: 'destroy', pool: 'p' }]);
      expect(pool.stats).toMatchObject({ inUse: 0, closing: 0, destroyed: 1 });
    },
  );

  it('that hangs is told so at its deadline, reported and forgotten', async () => {
    const { clock, errors, factory, pool } = harness({ max: 1 }, { destroy: 'never' });
    (await settled(pool.acquire(), clock)).destroy();
    expect(pool.stats).toMatchObject({ inUse: 0, closing: 1 });
    await clock.advance(1_999);
    expect(pool.stats.closing).toBe(1);
    await clock.advance(1);
    expect(pool.stats).toMatchObject({ closing: 0, destroyed: 1 });
    expect(factory.signals.find(({ call }) => call === 'destroy')?.signal.aborted).toBe(true);
    expect(String(errors[0]?.error)).toContain('destroy took longer than 2000 ms');
  });

  it('that is slow delays no caller: one more connection may be closing than max', async () => {
    const { clock, pool } = harness({ max: 1 }, { destroy: 'never' });
    const lease = await settled(pool.acquire(), clock);
    const start = clock.now();
    lease.destroy();
    const next = watch(pool.acquire(), clock);
    await clock.advance(100);
    expect(next).toMatchObject({ state: 'fulfilled', at: start + 10 });
    expect(pool.stats).toMatchObject({ size: 1, closing: 1 });
  });

  it('happens once, though the connection dies while it is lent and again while it closes', async () => {
    const { clock, factory, pool } = harness({ max: 1 }, { destroy: { slowMs: 20 } });
    const lease = await settled(pool.acquire(), clock);
    const cause = new Error('reset by peer');
    const events: unknown[] = [];
    pool.on('destroy', (event) => events.push(event));
    lease.resource.die(cause);
    lease.resource.die(new Error('again'));
    expect(pool.stats.inUse).toBe(1);
    lease.release();
    factory.stub(1).die();
    await clock.advance(50);
    factory.stub(1).die();
    expect(events).toEqual([{ pool: 'p', id: 1, reason: 'died', cause }]);
    expect(pool.stats).toMatchObject({ inUse: 0, closing: 0 });
  });
});
