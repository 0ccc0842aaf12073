import { describe, expect, it } from 'vitest';
import { harness, settled, watch, type Harness } from '../support/pool-harness.js';
import type { Behaviours } from '../support/stub-factory.js';

/** A pool of one connection that is stale enough to be checked at the next borrow. */
async function stale(behaviours: Partial<Behaviours>): Promise<Harness> {
  const it = harness(
    { min: 1, max: 1, validateAfterIdleMs: 100, createTimeoutMs: 200 },
    behaviours,
  );
  await settled(it.pool.ready(), it.clock);
  await it.clock.advance(150);
  return it;
}

describe('a check on borrow', () => {
  it('is made of a connection unused for validateAfterIdleMs, and not of a fresh one', async () => {
    const { clock, factory, pool } = await stale({ validate: { slowMs: 4 } });
    const start = clock.now();
    const caller = watch(pool.acquire(), clock);
    expect(pool.stats).toMatchObject({ checking: 1, pending: 1 });
    await clock.advance(10);
    expect(caller).toMatchObject({ state: 'fulfilled', at: start + 4 });
    caller.value?.release();
    (await pool.acquire()).release();
    expect(factory.checks).toBe(1);
  });

  it('that answers false replaces the connection, for the same caller', async () => {
    const { clock, errors, factory, pool } = await stale({ isValid: false });
    const lease = await settled(pool.acquire(), clock);
    expect(lease.resource.id).toBe(2);
    expect(factory.destroyed).toEqual([{ id: 1, reason: 'invalid' }]);
    expect(errors).toEqual([]);
  });

  it.each([undefined, 'PONG', 1, null])(
    'that answers %s, which is neither true nor false, replaces the connection and is reported',
    async (answer) => {
      const { clock, errors, factory, pool } = await stale({
        isValid: answer as unknown as boolean,
      });
      const lease = await settled(pool.acquire(), clock);
      expect(lease.resource.id).toBe(2);
      expect(factory.destroyed).toEqual([{ id: 1, reason: 'invalid' }]);
      expect(errors).toEqual([
        {
          pool: 'p',
          operation: 'validate',
          error: new TypeError(`factory.validate must answer true or false, got ${typeof answer}`),
        },
      ]);
    },
  );

  it.each(['throws', 'rejects'] as const)(
    'that %s replaces the connection and is reported, with the cause',
    async (validate) => {
      const { clock, errors, factory, pool } = await stale({ validate });
      const destroyed: unknown[] = [];
      pool.on('destroy', (event) => destroyed.push(event));
      const lease = await settled(pool.acquire(), clock);
      expect(lease.resource.id).toBe(2);
      expect(errors).toMatchObject([{ operation: 'validate' }]);
      expect(destroyed).toEqual([{ pool: 'p', id: 1, reason: 'invalid', cause: errors[0]?.error }]);
      expect(factory.checks).toBe(1);
    },
  );

  it('that hangs is given up at its deadline', async () => {
    const { clock, errors, factory, pool } = await stale({ validate: 'never' });
    const start = clock.now();
    const caller = watch(pool.acquire({ timeoutMs: 5_000 }), clock);
    await clock.advance(2_000);
    expect(caller).toMatchObject({ state: 'fulfilled', at: start + 1_000 + 10 });
    expect(String(errors[0]?.error)).toContain('validate took longer than 1000 ms');
    expect(factory.signals.find(({ call }) => call === 'validate')?.signal.aborted).toBe(true);
  });

  it('that is slow costs nobody else: another connection that comes back serves the caller', async () => {
    const { clock, pool } = harness(
      { min: 2, max: 2, validateAfterIdleMs: 100 },
      { validate: 'never' },
    );
    await settled(pool.ready(), clock);
    const held = await pool.acquire();
    await clock.advance(150);
    const caller = watch(pool.acquire(), clock);
    held.release();
    await clock.advance(0);
    expect(caller.state).toBe('fulfilled');
  });

  it('is asked of every neighbour of a connection that died', async () => {
    const { clock, factory, pool } = harness({ min: 3, max: 3, keepaliveMs: Infinity });
    await settled(pool.ready(), clock);
    await clock.advance(5);
    factory.stub(1).die();
    (await settled(pool.acquire(), clock)).release();
    expect(factory.checks).toBe(1);
  });
});
