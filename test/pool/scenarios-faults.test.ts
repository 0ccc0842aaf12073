import { describe, expect, it } from 'vitest';
import { CreateFailedError } from '../../src/errors.js';
import { settled, watch } from '../support/pool-harness.js';
import { scenario, tookMs } from '../support/scenario.js';

describe('of the scenarios that pools are compared by, those of a backend that fails', () => {
  it('7: a server that comes back after 300 ms serves the caller who waited', async () => {
    const made = scenario({}, { create: 'rejects' });
    const served = made.call(5, 1_000);
    await made.clock.advance(300);
    made.factory.behaviours.create = { slowMs: 10 };
    await made.clock.advance(700);
    expect(served.outcome.state).toBe('fulfilled');
    // Fewer than twenty attempts in 300 ms.
    expect(made.pool.stats.createFailures).toBeLessThan(20);
    await made.finish();
  });

  it('8: while creates fail, a connection that comes back goes to the caller who waits', async () => {
    const made = scenario();
    const holder = made.call(250);
    await made.clock.advance(10);
    made.factory.behaviours.create = 'rejects';
    const waiting = made.call(5, 1_000);
    await made.clock.advance(1_000);
    expect(tookMs([holder, waiting])).toEqual([260, 255]);
    expect(made.factory.opened).toBe(1);
    await made.finish();
  });

  it('9: a create that hangs for ever is given up at its deadline and keeps nobody from opening', async () => {
    const made = scenario({ createTimeoutMs: 100 }, { create: 'never' });
    const first = made.call(5, 1_000);
    await made.clock.advance(1);
    made.factory.behaviours.create = { slowMs: 10 };
    const second = made.call(500, 1_000);
    await made.clock.advance(99);
    expect(made.pool.stats.created).toBe(1);
    expect([first, second].filter(({ outcome }) => outcome.state === 'pending')).toHaveLength(1);
    await made.clock.advance(900);
    expect(tookMs([first, second])).toHaveLength(2);
    expect(made.pool.stats.createFailures).toBe(1);
    await made.finish();
  });

  it.each<[string, () => never | Promise<never>]>([
    [
      'throws at once',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects with a text', () => Promise.reject('down')],
    ['rejects with nothing', () => Promise.reject(undefined)],
    [
      'throws null',
      () => {
        throw null as unknown as Error;
      },
    ],
  ])('10: a create that %s is a failure like any other', async (_how, create) => {
    const made = scenario({ min: 1 });
    const errors: unknown[] = [];
    made.pool.on('create-error', ({ error }) => errors.push(error));
    const works = made.factory.create.bind(made.factory);
    made.factory.create = () => {
      made.factory.creates += 1;
      return create();
    };
    const acquiring = watch(made.pool.acquire({ timeoutMs: 100 }), made.clock);
    await made.clock.advance(100);
    expect(acquiring.reason).toMatchObject({ code: 'ERR_POOL_ACQUIRE_TIMEOUT' });
    expect(String(acquiring.reason)).toContain('no connection within 100 ms');
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toBeDefined();
    made.factory.create = works;
    await settled(made.pool.ready(), made.clock);
    await made.finish();
  });

  it('13: a server that admits three connections serves everybody with three, and is seldom asked for more', async () => {
    const made = scenario(
      { min: 0, max: 10, acquireTimeoutMs: 5_000 },
      { classify: () => 'server-limit' },
    );
    const { clock, factory, pool } = made;
    let refused = 0;
    factory.whenCreating = () => {
      const admitted = factory.creates - 1 - refused - factory.destroyed.length;
      if (admitted < 3) return;
      refused += 1;
      throw new Error('max number of clients reached');
    };
    for (let round = 0; round < 100; round += 1) {
      for (let nth = 0; nth < 5; nth += 1) made.call(30);
      await clock.advance(100);
    }
    await clock.advance(1_000);
    expect(pool.stats).toMatchObject({ acquired: 500, released: 500, timeouts: 0 });
    expect(factory.live).toBeLessThanOrEqual(3);
    // In eleven seconds; the pause begins at half a second to one.
    expect(pool.stats.createFailures).toBeLessThanOrEqual(12);
    await made.finish();
  });

  it('14: a failure that no retry cures refuses all who wait, with its cause, and all who come', async () => {
    const made = scenario({ max: 2 }, { create: 'rejects', classify: () => 'permanent' });
    const calls = Array.from({ length: 50 }, () => made.call(5, 10_000));
    await made.clock.advance(1);
    const late = made.call(5, 10_000);
    await made.clock.advance(1);
    for (const { outcome } of [...calls, late]) {
      expect(outcome.state).toBe('rejected');
      expect(outcome.reason).toBeInstanceOf(CreateFailedError);
      expect(outcome.reason).toMatchObject({ cause: { message: 'create rejected' } });
    }
    Object.assign(made.factory.behaviours, { create: 'ok', classify: () => 'transient' });
    await made.clock.advance(6_000);
    const served = made.call(5, 1_000);
    await made.clock.advance(1_000);
    expect(served.outcome.state).toBe('fulfilled');
    await made.finish();
  });

  it('15: a backend that swallows everything costs callers their timeout and no more, until it answers again', async () => {
    const made = scenario({
      max: 2,
      acquireTimeoutMs: 200,
      createTimeoutMs: 100,
      validateTimeoutMs: 50,
      validateAfterIdleMs: 20,
      destroyTimeoutMs: 50,
    });
    const { clock, factory, pool } = made;
    made.call(5);
    made.call(40);
    await clock.advance(100);
    Object.assign(factory.behaviours, { create: 'never', validate: 'never', destroy: 'never' });
    const lost = Array.from({ length: 5 }, () => watch(pool.acquire(), clock));
    const start = clock.now();
    await clock.advance(3_000);
    for (const { state, at } of lost) {
      expect({ state, at }).toEqual({ state: 'rejected', at: start + 200 });
    }
    Object.assign(factory.behaviours, { create: { slowMs: 10 }, validate: 'ok', destroy: 'ok' });
    const { reopensInMs } = pool.stats.gate;
    const healed = made.call(5, 10_000);
    // A create may have begun a moment before.
    await clock.advance(reopensInMs + 1_000);
    expect(tookMs([healed])).toHaveLength(1);
    await made.finish();
  });

  it('16: while the backend is down, attempts are as few for 2,000 callers as for one', async () => {
    const attempts = async (callers: number): Promise<number> => {
      const made = scenario({ min: 1, maxPending: callers }, { create: 'rejects' });
      for (let nth = 0; nth < callers; nth += 1) made.call(1, 20_000);
      await made.clock.advance(20_000);
      const { creates } = made.factory;
      await made.finish();
      return creates;
    };
    // Pauses of 25 to 50 ms, doubling up to 0.5 to 1 s: at most six in the first second, then two a second.
    expect(await attempts(1)).toBeLessThanOrEqual(45);
    expect(await attempts(2_000)).toBeLessThanOrEqual(45);
  });

  it('17: when every idle connection dies at once, nobody gets a dead one, and as few are opened at a time as ever', async () => {
    const made = scenario({ min: 20, max: 20, createConcurrency: 4 });
    const { clock, factory, pool } = made;
    await settled(pool.ready(), clock);
    let most = 0;
    const check = factory.whenCreating;
    factory.whenCreating = () => {
      most = Math.max(most, pool.stats.creating);
      check();
    };
    for (const stub of factory.stubs.slice()) stub.die(new Error('reset'));
    const calls = Array.from({ length: 30 }, () => made.call(5));
    await clock.advance(5_000);
    // Every holder looks at its connection; see `scenario`.
    expect(tookMs(calls)).toHaveLength(30);
    expect(factory.live).toBe(20);
    expect(most).toBeLessThanOrEqual(4);
    await made.finish();
  });

  it('17: when connections are dead without knowing, one failed check has all others checked before anybody gets them', async () => {
    const made = scenario({ min: 20, max: 20, keepaliveMs: 1_000, validateAfterIdleMs: 2_000 });
    const { clock, factory, pool } = made;
    await settled(pool.ready(), clock);
    factory.behaviours.isValid = false;
    // The background finds out first.
    await clock.advance(1_001);
    expect(factory.destroyed.length).toBeGreaterThan(0);
    const dead = new Set(factory.stubs.slice(0, 20).map(({ id }) => id));
    const given: number[] = [];
    for (let caller = 0; caller < 20; caller += 1) {
      void pool.use(({ id }) => given.push(id)).catch(() => undefined);
    }
    factory.behaviours.isValid = true;
    await clock.advance(1_000);
    expect(given).toHaveLength(20);
    expect(factory.destroyed.filter(({ id }) => dead.has(id)).length).toBeGreaterThan(0);
    // What was lent was proven after the first failure, or is new.
    expect(factory.live).toBe(20);
    await made.finish();
  });

  it('18: connections made at one moment do not reach the end of their lives at one moment', async () => {
    const made = scenario({ min: 20, max: 20, maxLifetimeMs: 60_000, tickMs: 1_000 });
    const { clock, factory, pool } = made;
    await settled(pool.ready(), clock);
    const ends: number[] = [];
    pool.on('destroy', ({ reason }) => {
      if (reason === 'lifetime') ends.push(clock.now());
    });
    await clock.advance(62_000);
    expect(ends).toHaveLength(20);
    expect(Math.max(...ends) - Math.min(...ends)).toBeGreaterThan(5_000);
    const inOneSecond = ends.map(
      (at) => ends.filter((end) => end >= at && end < at + 1_000).length,
    );
    // A tenth of the pool in each second, wherever a second begins.
    expect(Math.max(...inOneSecond)).toBeLessThanOrEqual(4);
    expect(factory.live).toBe(20);
    await made.finish();
  });
});
