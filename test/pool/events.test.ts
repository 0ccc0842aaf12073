import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import type { Policy } from '../../src/control/policy.js';
import { harness, settled } from '../support/pool-harness.js';

/** Answers whatever `target` says. */
function policyOf(target: (seen: number) => number): Policy<null> {
  return {
    name: 'mine',
    init: () => null,
    decide: (signals) => ({
      target: target(signals.target),
      permits: null,
      reason: 'custom',
      note: 'because',
      limitedBy: [],
      candidates: {},
      state: null,
      wakeInMs: null,
    }),
  };
}

describe('events', () => {
  it('tell of each connection and each caller who got none', async () => {
    const { clock, factory, pool } = harness({ max: 1 });
    const heard: unknown[] = [];
    pool.on('create', (event) => heard.push(['create', event]));
    pool.on('create-error', (event) => heard.push(['create-error', event]));
    pool.on('destroy', (event) => heard.push(['destroy', event]));
    pool.on('timeout', (event) => heard.push(['timeout', event]));
    const lease = await settled(pool.acquire(), clock);
    const late = pool.acquire({ timeoutMs: 5 });
    const error: unknown = await settled(late, clock).catch((reason: unknown) => reason);
    factory.behaviours.create = 'rejects';
    lease.destroy();
    await clock.advance(0);
    expect(heard).toEqual([
      ['create', { pool: 'p', id: 1, tookMs: 10 }],
      ['timeout', { pool: 'p', error }],
      ['destroy', { pool: 'p', id: 1, reason: 'broken' }],
      [
        'create-error',
        {
          pool: 'p',
          id: 2,
          tookMs: 0,
          error: new Error('create rejected'),
          class: 'transient',
          failuresInARow: 1,
          retryInMs: expect.any(Number),
        },
      ],
    ]);
  });

  it("reach listeners and the log outside of every caller's asynchronous context", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen = new Set<string | undefined>();
    const log = (): unknown => seen.add(storage.getStore());
    const logger = { debug: log, info: log, warn: log, error: log };
    const { clock, pool } = harness({ max: 1, logger });
    for (const event of ['scale', 'create', 'timeout', 'destroy'] as const) pool.on(event, log);
    await storage.run('a caller', async () => {
      const lease = await settled(pool.acquire(), clock);
      await settled(pool.acquire({ timeoutMs: 5 }), clock).catch(() => {});
      lease.destroy();
    });
    await clock.advance(0);
    expect([...seen]).toEqual([undefined]);
  });

  it('tell of scaling: `scale` when the target changes, `decision` always', async () => {
    const { clock, pool } = harness({ min: 1 });
    const scaled = vi.fn();
    const decided = vi.fn();
    pool.on('scale', scaled);
    pool.on('decision', decided);
    await settled(pool.ready(), clock);
    await clock.advance(500);
    expect(scaled).toHaveBeenCalledTimes(1);
    expect(scaled.mock.calls[0]?.[0]).toMatchObject({
      event: 'pool.scale',
      pool: 'p',
      seq: 1,
      cause: 'manual',
      direction: 'grow',
      from: 0,
      to: 1,
    });
    expect(decided.mock.calls.length).toBeGreaterThan(1);
    expect(decided.mock.calls.at(-1)?.[0]).toMatchObject({ direction: 'hold', from: 1, to: 1 });
  });

  it('keep coming when a listener throws; no caller, no controller and no other listener notices', async () => {
    const { clock, errors, pool } = harness({ min: 1, max: 2 });
    const others = { create: vi.fn(), scale: vi.fn(), destroy: vi.fn() };
    const throwing = (): never => {
      throw new Error('listener threw');
    };
    for (const event of ['create', 'scale', 'destroy', 'decision', 'timeout'] as const) {
      pool.on(event, throwing);
    }
    pool.on('create', others.create);
    pool.on('scale', others.scale);
    pool.on('destroy', others.destroy);
    await settled(pool.ready(), clock);
    (await pool.acquire()).destroy();
    await clock.advance(50);
    expect(pool.stats).toMatchObject({ idle: 1, created: 2, destroyed: 1 });
    expect(others.create).toHaveBeenCalledTimes(2);
    expect(others.scale).toHaveBeenCalledTimes(1);
    expect(others.destroy).toHaveBeenCalledTimes(1);
    expect(errors.length).toBeGreaterThanOrEqual(4);
    expect(errors[0]).toEqual({
      pool: 'p',
      operation: 'listener',
      error: new Error('listener threw'),
    });
  });

  it.each([
    [
      'throws',
      (): never => {
        throw new Error('even here');
      },
    ],
    ['rejects', (): Promise<never> => Promise.reject(new Error('even here'))],
  ])('drop what a listener of `error` %s, and tell it of the next one', async (_, fails) => {
    const { clock, errors, pool } = harness({}, { destroy: 'throws' });
    // A listener that hears of its own failures would call itself for ever.
    const listener = vi.fn((): unknown => (listener.mock.calls.length < 50 ? fails() : undefined));
    pool.on('error', listener);
    for (let round = 0; round < 2; round += 1) {
      (await settled(pool.acquire(), clock)).destroy();
      await clock.advance(50);
    }
    expect(errors.map(({ operation }) => operation)).toEqual(['destroy', 'destroy']);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('hear what a function throws for other events that listens to `error` as well', async () => {
    const { clock, errors, pool } = harness();
    const throwing = (): never => {
      throw new Error('everywhere');
    };
    pool.on('error', throwing);
    pool.on('create', throwing);
    await settled(pool.acquire(), clock);
    expect(errors).toMatchObject([{ operation: 'listener', error: new Error('everywhere') }]);
  });

  it.each(['on', 'once', 'addListener'] as const)(
    'refuse with `%s` a listener that is no function, by event and value',
    (method) => {
      const { pool } = harness();
      expect(() => pool[method]('scale', undefined as unknown as () => void)).toThrow(
        new TypeError("listener of 'scale' must be a function, got undefined"),
      );
      expect(() => pool[method]('destroy', 5 as unknown as () => void)).toThrow(
        new TypeError("listener of 'destroy' must be a function, got 5"),
      );
    },
  );

  it('are heard once with `once`, and not after `off`', async () => {
    const { clock, pool } = harness({ max: 2 });
    const once = vi.fn();
    const never = vi.fn();
    const removed = vi.fn();
    pool.once('create', once);
    pool.once('create', never);
    pool.on('create', removed);
    pool.off('create', never);
    pool.off('create', removed);
    await settled(pool.acquire(), clock);
    await settled(pool.acquire(), clock);
    expect(pool.stats.created).toBe(2);
    expect(once).toHaveBeenCalledTimes(1);
    expect(never).not.toHaveBeenCalled();
    expect(removed).not.toHaveBeenCalled();
    expect(pool.listenerCount('create')).toBe(0);
  });

  it('may change the pool from within', async () => {
    const { clock, pool } = harness({ min: 1 });
    pool.once('scale', () => pool.reconfigure({ min: 3 }));
    await settled(pool.ready(), clock);
    await clock.advance(100);
    expect(pool.stats).toMatchObject({ idle: 3, target: 3 });
  });
});

describe("a user's own policy", () => {
  it('sizes the pool, within min and max', async () => {
    let wanted = 100;
    const { clock, pool } = harness({ min: 1, max: 4, policy: policyOf(() => wanted) });
    const limits: unknown[] = [];
    pool.on('scale', ({ to, limitedBy, note }) => limits.push([to, limitedBy, note]));
    await settled(pool.ready(), clock);
    await clock.advance(150);
    wanted = 2.4;
    await clock.advance(150);
    wanted = -3;
    await clock.advance(150);
    expect(limits).toEqual([
      [4, ['max'], 'because'],
      [2, [], 'because'],
      [1, ['min'], 'because'],
    ]);
  });

  it.each([
    [
      'throws',
      () =>
        policyOf(() => {
          throw new Error('no idea');
        }),
    ],
    ['answers NaN', () => policyOf(() => Number.NaN)],
  ])(
    'that %s leaves the target where it is, and min in force; it is reported once',
    async (_, make) => {
      const { clock, errors, pool } = harness({ min: 2, policy: make() });
      await settled(pool.ready(), clock);
      await clock.advance(1_000);
      expect(errors).toMatchObject([{ operation: 'policy' }]);
      expect(pool.stats).toMatchObject({ target: 2, idle: 2 });
      pool.reconfigure({ min: 3 });
      await clock.advance(1_000);
      expect(pool.stats).toMatchObject({ target: 3, idle: 3 });
    },
  );

  it('that fails again after it worked is reported again', async () => {
    let fails = true;
    const policy = policyOf((target) => (fails ? Number.NaN : target));
    const { clock, errors, pool } = harness({ min: 1, max: 3, policy });
    const lease = await settled(pool.acquire(), clock);
    await clock.advance(300);
    fails = false;
    await clock.advance(300);
    fails = true;
    await clock.advance(300);
    lease.release();
    expect(errors).toHaveLength(2);
  });
});
