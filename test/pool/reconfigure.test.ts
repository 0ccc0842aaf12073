import { describe, expect, it } from 'vitest';
import type { TunableOptions } from '../../src/options.js';
import { harness, settled, watch } from '../support/pool-harness.js';

describe('reconfigure()', () => {
  it('raises min at once', async () => {
    const { clock, pool } = harness({ min: 1, max: 8 });
    await settled(pool.ready(), clock);
    pool.reconfigure({ min: 5 });
    await settled(pool.ready(), clock);
    expect(pool.stats).toMatchObject({ min: 5, idle: 5 });
    expect(pool.options).toMatchObject({ min: 5, max: 8 });
  });

  it('lowers max: idle connections close at once, those in use when they come back', async () => {
    const { clock, factory, pool } = harness({ min: 4, max: 4 });
    await settled(pool.ready(), clock);
    const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    pool.reconfigure({ min: 1, max: 2 });
    expect(pool.stats).toMatchObject({ size: 3, inUse: 3, idle: 0 });
    for (const lease of leases) lease.release();
    expect(pool.stats).toMatchObject({ size: 2, idle: 2 });
    expect(factory.reasons).toEqual(['surplus', 'surplus']);
  });

  it.each([
    'adaptive',
    'littles-law',
    'target-tracking',
    'step',
    'gradient',
    'predictive',
  ] as const)('says from where to where a lower max took the pool: %s', async (policy) => {
    const { clock, pool } = harness({ min: 6, max: 8, policy });
    await settled(pool.ready(), clock);
    const from = pool.stats.target;
    const messages: string[] = [];
    pool.on('scale', ({ message }) => messages.push(message));
    pool.reconfigure({ min: 1, max: 3 });
    expect(messages[0]).toContain(`p shrink ${from}→3 (min 1): min 1 and max 3 were set`);
    expect(pool.stats).toMatchObject({ target: 3, size: 3 });
  });

  it('comes after the decision for a first caller, and what a listener of that changes stays', async () => {
    const { clock, pool } = harness({ min: 0, max: 8 });
    const told: string[] = [];
    pool.on('decision', ({ cause, from, to, max }) => {
      told.push(`${cause} ${from}→${to} of ${max}`);
      if (told.length === 1) pool.reconfigure({ waitObjectiveMs: 20 });
    });
    const waiting = watch(pool.acquire(), clock);
    await clock.advance(1);
    expect(told).toEqual([]);
    pool.reconfigure({ max: 5 });
    expect(told).toEqual(['pressure 0→1 of 8', 'manual 1→1 of 8', 'manual 1→1 of 5']);
    expect(pool.options).toMatchObject({ max: 5, waitObjectiveMs: 20 });
    await clock.advance(50);
    expect(waiting.state).toBe('fulfilled');
  });

  it('raises max for those who wait', async () => {
    const { clock, pool } = harness({ max: 1, policy: 'fixed' });
    await settled(pool.acquire(), clock);
    const waiting = watch(pool.acquire(), clock);
    pool.reconfigure({ max: 2 });
    await clock.advance(20);
    expect(waiting.state).toBe('fulfilled');
  });

  it('switches the policy', async () => {
    const { clock, pool } = harness({ min: 1, max: 6 });
    await settled(pool.ready(), clock);
    expect(pool.policy.name).toBe('adaptive');
    pool.reconfigure({ policy: { name: 'fixed', size: 6 } });
    await clock.advance(50);
    expect(pool.policy.name).toBe('fixed');
    expect(pool.stats).toMatchObject({ target: 6, idle: 6 });
  });

  it('applies new timeouts to what begins from then on', async () => {
    const { clock, pool } = harness({ createTimeoutMs: 1_000 }, { create: 'never' });
    pool.reconfigure({ acquireTimeoutMs: 30, createTimeoutMs: 20 });
    const failures: number[] = [];
    pool.on('create-error', ({ tookMs }) => failures.push(tookMs));
    const caller = watch(pool.acquire(), clock);
    await clock.advance(100);
    expect(caller.at).toBe(30);
    expect(failures[0]).toBe(20);
  });

  it('lists every problem and changes nothing then', async () => {
    const { pool } = harness({ min: 2, max: 4 });
    const before = pool.options;
    const wrong = { min: 5, acquireTimeoutMs: -1, factory: 7, policy: 'guess' };
    expect(() => pool.reconfigure(wrong as unknown as TunableOptions)).toThrow(
      expect.objectContaining({
        code: 'ERR_POOL_INVALID_OPTIONS',
        problems: [
          'acquireTimeoutMs must be a number from 0 to Infinity, got -1',
          expect.stringContaining('factory is not an option'),
          expect.stringContaining('policy must be one of'),
          'min must be at most max, which is 4 now, got 5: raise max as well',
        ],
      }),
    );
    expect(pool.options).toBe(before);
  });

  it('says of a bound that crosses the other one what that is and what to do', () => {
    const { pool } = harness({ min: 2, max: 4 });
    expect(() => pool.reconfigure({ max: 1 })).toThrow(
      'max must be at least min, which is 2 now, got 1: lower min as well',
    );
    expect(() => pool.reconfigure({ min: 3, max: 1 })).toThrow(
      'min must be at most max, got min 3 and max 1',
    );
    pool.reconfigure({ min: 1, max: 1 });
    expect(pool.options).toMatchObject({ min: 1, max: 1 });
  });

  it('checks inherited changes, those with an inside too', () => {
    const { pool } = harness();
    const changes = Object.create({ policy: 'guess', overload: { newest: true } }) as object;
    expect(() => pool.reconfigure(changes)).toThrow(
      /policy must be one of .*overload\.newest is not an option/,
    );
  });

  it.each([null, undefined, 7])('refuses %s', (changes) => {
    const { pool } = harness();
    expect(() => pool.reconfigure(changes as unknown as TunableOptions)).toThrow(
      expect.objectContaining({ code: 'ERR_POOL_INVALID_OPTIONS' }),
    );
  });

  it('changes nothing when the new policy cannot start', async () => {
    const { clock, pool } = harness({ min: 1, max: 4 });
    await settled(pool.ready(), clock);
    const before = { options: pool.options, policy: pool.policy };
    const policy = {
      name: 'stillborn',
      init: (): never => {
        throw new Error('no licence');
      },
      decide: (): never => {
        throw new Error('never asked');
      },
    };
    expect(() => pool.reconfigure({ policy, min: 3 })).toThrow('no licence');
    expect({ options: pool.options, policy: pool.policy }).toEqual(before);
    await clock.advance(500);
    expect(pool.stats).toMatchObject({ min: 1, idle: 1 });
  });

  it('of keepaliveMs holds for connections that are open already', async () => {
    const { clock, factory, pool } = harness({ min: 2, max: 2, keepaliveMs: Infinity });
    await settled(pool.ready(), clock);
    await clock.advance(5_000);
    expect(factory.checks).toBe(0);
    pool.reconfigure({ keepaliveMs: 1_000 });
    await clock.advance(1_000);
    expect(factory.checks).toBe(2);
  });
});
