import { describe, expect, it } from 'vitest';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import { expectConsistent, harness, settled, watch } from '../support/pool-harness.js';

/**
 * What other pools were found to do wrong, by running them; see the comparison in the README. Each test says what this one
 * does instead.
 */
describe('unlike other pools, this one', () => {
  // generic-pool retries a failed create at once: 200,002 calls in 1.1 s, and no timer got its turn.
  it('pauses longer and longer after creates that fail without any input or output', async () => {
    const { clock, factory, pool } = harness({ acquireTimeoutMs: 1_000 }, { create: 'rejects' });
    const caller = watch(pool.acquire(), clock);
    await clock.advance(1_000);
    expect(caller).toMatchObject({ state: 'rejected', at: 1_000 });
    expect(caller.reason).toMatchObject({ cause: { message: 'create rejected' } });
    expect(factory.creates).toBeGreaterThan(2);
    expect(factory.creates).toBeLessThan(30);
    await clock.advance(60_000);
    const before = factory.creates;
    void pool.acquire().catch(() => {});
    await clock.advance(1_000);
    expect(factory.creates - before).toBeLessThan(30);
  });

  // generic-pool calls `fn(resource).then`: a synchronous throw inside use() kept the connection for ever.
  it('gets the connection back when the work throws at once, returns nothing, or a thenable', async () => {
    const { clock, pool } = harness({ min: 1, max: 1 });
    await settled(pool.ready(), clock);
    const thrown = pool.use(() => {
      throw new Error('at once');
    });
    await expect(thrown).rejects.toThrow('at once');
    expect(pool.stats).toMatchObject({ inUse: 0, idle: 1 });
    expect(await pool.use(() => {})).toBeUndefined();
    // node-redis asks `instanceof Promise` and frees the client before any other thenable settles.
    let settle: (value: string) => void = () => {};
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable
      then: (resolve: (value: string) => void): void => {
        settle = resolve;
      },
    } as unknown as Promise<string>;
    const work = watch(
      pool.use(() => thenable),
      clock,
    );
    await clock.advance(500);
    expect(pool.stats.inUse).toBe(1);
    settle('done');
    await clock.advance(0);
    expect(work).toMatchObject({ state: 'fulfilled', value: 'done' });
    expect(pool.stats.inUse).toBe(0);
  });

  // generic-pool turns { max: 'ten', min: 50 } into 1 and 1; node-redis takes minimum 10 with maximum 2.
  it('repairs no option in silence: it says what is wrong, and 0 means 0', () => {
    expect(() => harness({ max: 'ten' as unknown as number, min: 50 })).toThrow(
      'max must be an integer from 1 to 100000, got "ten"',
    );
    expect(() => harness({ min: 10, max: 2 })).toThrow(
      'min must be at most max, got min 10 and max 2',
    );
    const { options } = harness({ min: 0, acquireTimeoutMs: 0, maxPending: 0 }).pool;
    expect(options).toMatchObject({ min: 0, acquireTimeoutMs: 0, maxPending: 0 });
  });

  // generic-pool's ready() and tarn's destroy() look every 100 ms.
  it('resolves ready() and close() at the very event, without looking again and again', async () => {
    const { clock, pool } = harness({ min: 3 }, { create: { slowMs: 7 }, destroy: { slowMs: 3 } });
    const ready = watch(pool.ready(), clock);
    await clock.advance(100);
    expect(ready).toMatchObject({ state: 'fulfilled', at: 7 });
    const closingAt = clock.now();
    const closed = watch(pool.close(), clock);
    await clock.advance(100);
    expect(closed).toMatchObject({ state: 'fulfilled', at: closingAt + 3 });
  });

  // node-redis' destroy() leaves queued tasks pending for ever; generic-pool's drain() awaits only the last of the queue.
  it('answers everybody who waits when it closes, even those who wait for ever', async () => {
    const { clock, pool } = harness({ max: 1 });
    await settled(pool.acquire(), clock);
    const forever = { timeoutMs: Number.POSITIVE_INFINITY };
    const waiting = Array.from({ length: 5 }, () => watch(pool.acquire(forever), clock));
    const closed = watch(pool.close({ deadlineMs: 100 }), clock);
    await clock.advance(100);
    expect(waiting.map(({ state }) => state)).toEqual(Array(5).fill('rejected'));
    expect(closed.value?.heldLeases).toHaveLength(1);
  });

  // node-redis restarts one timer at each release: 50 clients stayed under 2 calls/s, then fell to 1 in one step.
  it('shrinks step by step although calls keep coming, and keeps the warm ones', async () => {
    const { clock, pool } = harness({ min: 1, max: 50 });
    const sizes: number[] = [];
    pool.on('scale', ({ direction, to }) => {
      if (direction === 'shrink') sizes.push(to);
    });
    for (let round = 0; round < 5; round += 1) {
      for (let caller = 0; caller < 50; caller += 1) void pool.use(() => clock.sleep(200));
      await clock.advance(300);
    }
    const high = pool.stats.size;
    expect(high).toBeGreaterThan(20);
    const used = new Set<number>();
    for (let call = 0; call < 1_200; call += 1) {
      void pool.use(({ id }) => void used.add(id));
      await clock.advance(500);
    }
    expect(pool.stats.size).toBeLessThan(5);
    expect(sizes.length).toBeGreaterThan(5);
    expect(used.size).toBeLessThan(5);
  });

  // node-redis counts a connecting client as in use, and opens one per waiter: 50 for a burst of 50 calls of 2 ms.
  it('counts connections that open apart, and opens fewer than callers wait', async () => {
    const { clock, factory, pool } = harness({ min: 2, max: 50 }, { create: { slowMs: 20 } });
    void pool.ready();
    expect(pool.stats).toMatchObject({ size: 2, creating: 2, inUse: 0 });
    await clock.advance(20);
    for (let round = 0; round < 10; round += 1) {
      await settled(
        pool.use(() => clock.sleep(2)),
        clock,
      );
    }
    const served = Array.from({ length: 50 }, () =>
      watch(
        pool.use(() => clock.sleep(2)),
        clock,
      ),
    );
    await clock.advance(200);
    expect(served.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(factory.creates).toBeLessThan(15);
  });

  // node-redis' pool imports the protocol; generic-pool takes classes to build itself from.
  it('pools anything with create and destroy, a number too', async () => {
    let created = 0;
    const destroyed: number[] = [];
    const pool = new AdaptivePool<number>({
      min: 1,
      max: 1,
      factory: {
        // tarn takes a falsy resource for none.
        create: () => created++,
        destroy: (resource) => void destroyed.push(resource),
      },
    });
    expect(await pool.use((resource) => resource)).toBe(0);
    await pool.close();
    expect(destroyed).toEqual([0]);
  });

  // tarn rewraps what went wrong without code or cause; generic-pool throws a bare Error.
  it('has errors with a code, and the cause as it was', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const { clock, factory, pool } = harness({ acquireTimeoutMs: 10, maxPending: 1 });
    factory.create = () => Promise.reject(cause);
    const late = watch(pool.acquire(), clock);
    await clock.advance(0);
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'ERR_POOL_QUEUE_FULL' });
    await clock.advance(10);
    expect(late.reason).toMatchObject({
      code: 'ERR_POOL_ACQUIRE_TIMEOUT',
      name: 'AcquireTimeoutError',
    });
    expect((late.reason as Error).cause).toBe(cause);
  });

  // tarn opens none of `min: 5` by itself and measures with Date.now; pg-pool has a timer per idle client.
  it('keeps min warm, by a clock that cannot jump, with one timer for all', async () => {
    const { clock, pool } = harness({ min: 5, max: 200, maxLifetimeMs: 3_600_000 });
    await settled(pool.ready(), clock);
    expect(pool.stats.idle).toBe(5);
    const leases = Array.from({ length: 200 }, () =>
      watch(pool.acquire({ timeoutMs: 50_000 }), clock),
    );
    await clock.advance(5_000);
    expect(pool.stats.inUse).toBe(200);
    for (const { value } of leases) value?.release();
    expectConsistent(pool.stats);
    await clock.advance(0);
    expect(clock.scheduled).toBeLessThanOrEqual(2);
  });
});
