import { describe, expect, it } from 'vitest';
import type { AdaptivePool } from '../../src/adaptive-pool.js';
import type { Lease } from '../../src/lease.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { watched } from '../support/leak-watching.js';
import { harness, settled, watch } from '../support/pool-harness.js';
import type { Stub } from '../support/stub-factory.js';

/** Keeps its lease, as many callers do. */
class Owner {
  lease: Lease<Stub> | undefined;

  async acquire(pool: AdaptivePool<Stub>): Promise<void> {
    this.lease = await pool.acquire();
  }
}

async function acquireHere(pool: AdaptivePool<Stub>): Promise<Lease<Stub>> {
  return await pool.acquire();
}

describe('a lease that is out for longer than leakThresholdMs', () => {
  it('is reported once, at that instant, and once more when it comes back late', async () => {
    const { clock, pool, leaks, ends, lines } = watched();
    const lease = await settled(pool.acquire(), clock);
    await clock.advance(999);
    expect(leaks).toEqual([]);
    await clock.advance(1);
    const leak = { pool: 'p', id: 1, heldForMs: 1_000, kind: 'overdue', isReclaimed: false };
    expect(leaks).toEqual([leak]);
    await clock.advance(5_000);
    expect(leaks).toEqual([leak]);
    expect(lease.resource.id).toBe(1);
    lease.release();
    expect(ends).toEqual([{ pool: 'p', id: 1, heldForMs: 6_000, how: 'released' }]);
    expect(lines).toEqual([
      'warn p: the lease of connection 1 is out for 1 s (not sampled, see leakSampling)',
      'info p: the lease of connection 1 came back after 6 s',
    ]);
    expect(pool.stats).toMatchObject({ idle: 1, inUse: 0 });
  });

  it('is reported with the place that acquired it, when it was sampled', async () => {
    const { clock, pool, leaks, lines } = watched({ leakSampling: 1, max: 1 });
    const first = await settled(acquireHere(pool), clock);
    await clock.advance(1_000);
    expect(leaks[0]?.stack?.split('\n')[0]).toMatch(/^ {4}at AdaptivePool\.acquire /);
    expect(leaks[0]?.stack).toContain('acquireHere');
    expect(lines[0]).toContain('; it was acquired here:\n    at ');
    // Also of one that had to wait, which is lent by whoever releases.
    const waiting = watch(acquireHere(pool), clock);
    first.release();
    await clock.advance(1_000);
    expect(waiting.state).toBe('fulfilled');
    expect(leaks[1]?.stack).toContain('acquireHere');
    expect(leaks[1]?.stack).not.toContain('release');
  });

  it('is told apart from those that come and go', async () => {
    const { clock, pool, leaks } = watched({ max: 2 });
    const leaked = await settled(pool.acquire(), clock);
    for (let round = 0; round < 30; round += 1) {
      await settled(
        pool.use(() => clock.sleep(90)),
        clock,
      );
    }
    expect(leaks).toMatchObject([{ id: leaked.resource.id, heldForMs: 1_000 }]);
  });

  it('is noticed when the threshold is set while it is out, and while the pool closes', async () => {
    const { clock, pool, leaks } = watched({ leakThresholdMs: undefined });
    const lease = await settled(pool.acquire(), clock);
    await clock.advance(5_000);
    expect(leaks).toEqual([]);
    pool.reconfigure({ leakThresholdMs: 6_000 });
    const closed = watch(pool.close({ deadlineMs: Number.POSITIVE_INFINITY }), clock);
    await clock.advance(1_000);
    expect(leaks).toMatchObject([{ heldForMs: 6_000 }]);
    lease.release();
    await clock.advance(0);
    expect(closed.state).toBe('fulfilled');
  });

  it.each(['acquire', 'tryAcquire'] as const)(
    'is reported at that instant too when %s found its connection idle, after a quiet time',
    async (method) => {
      const { clock, pool, leaks } = watched({ min: 1, max: 1, leakThresholdMs: 33 });
      await settled(pool.ready(), clock);
      await clock.advance(5_000);
      const lease = await pool[method]();
      await clock.advance(33);
      expect(leaks).toMatchObject([{ heldForMs: 33 }]);
      lease?.release();
    },
  );

  it('costs no timer while no lease is out', async () => {
    const { clock, pool } = watched({ min: 1, max: 1, keepaliveMs: Infinity });
    (await settled(pool.acquire(), clock)).release();
    await clock.advance(300_000);
    expect(pool.stats.idle).toBe(1);
    expect(clock.scheduled).toBe(0);
  });

  it('may be ended by the listener that hears of another one', async () => {
    const { clock, pool, leaks } = watched({ max: 2 });
    const first = await settled(pool.acquire(), clock);
    const second = await settled(pool.acquire(), clock);
    pool.once('leak', () => {
      first.release();
      second.release();
    });
    await clock.advance(2_000);
    expect(leaks).toHaveLength(1);
    expect(pool.stats).toMatchObject({ inUse: 0, acquired: 2, released: 2 });
  });
});

describe('reclaimLeaks', () => {
  it('closes the connection of a lease that is out for too long, and its slot serves again', async () => {
    const { clock, factory, pool, leaks } = watched({ reclaimLeaks: true, max: 1 });
    const lease = await settled(pool.acquire(), clock);
    const lentAt = clock.now();
    const waiting = watch(pool.acquire({ timeoutMs: 5_000 }), clock);
    await clock.advance(1_100);
    expect(leaks).toMatchObject([{ kind: 'overdue', isReclaimed: true }]);
    expect(factory.destroyed).toEqual([{ id: 1, reason: 'broken' }]);
    expect(waiting).toMatchObject({ state: 'fulfilled', at: lentAt + 1_000 + 10 });
    expect(() => lease.resource).toThrow(
      'p: this lease was out for longer than leakThresholdMs and was taken back 100 ms ago',
    );
  });

  it('lets the late release be quiet, once, and tells of it', async () => {
    const { clock, pool, ends, lines } = watched({ reclaimLeaks: true });
    const lease = await settled(pool.acquire(), clock);
    await clock.advance(1_500);
    expect(lease.isReleased).toBe(false);
    lease.release();
    expect(ends).toEqual([{ pool: 'p', id: 1, heldForMs: 1_500, how: 'released' }]);
    expect(lines.at(-1)).toBe('info p: the lease of connection 1 came back after 1.5 s');
    await clock.advance(7);
    expect(() => lease.release()).toThrow('p: this lease was already released 7 ms ago');
    expect(pool.stats).toMatchObject({ acquired: 1, released: 1, inUse: 0 });
  });

  it('takes back what `use` holds; the work ends as it would', async () => {
    const { clock, pool, ends } = watched({ reclaimLeaks: true });
    const work = watch(
      pool.use(async () => {
        await clock.sleep(3_000);
        return 'done';
      }),
      clock,
    );
    await clock.advance(4_000);
    expect(work).toMatchObject({ state: 'fulfilled', value: 'done' });
    expect(ends).toMatchObject([{ how: 'released', heldForMs: 3_000 }]);
  });

  it('is refused without a threshold', () => {
    const { pool } = harness();
    expect(() => pool.reconfigure({ reclaimLeaks: true })).toThrow(
      'reclaimLeaks needs a finite leakThresholdMs, got Infinity',
    );
    pool.reconfigure({ reclaimLeaks: true, leakThresholdMs: 5_000 });
    expect(() => pool.reconfigure({ leakThresholdMs: Number.POSITIVE_INFINITY })).toThrow(
      'reclaimLeaks',
    );
    expect(() => harness({ leakSampling: 2, leakThresholdMs: 0 })).toThrow(
      /leakThresholdMs must be a number from 1 to Infinity, got 0; leakSampling must be a number from 0 to 1, got 2/,
    );
  });
});

describe('a sampled lease that the program drops', () => {
  it('is reported with its place and its connection closed, whatever reclaimLeaks says', async () => {
    const { clock, factory, pool, leaks, lines } = watched({
      leakSampling: 1,
      leakThresholdMs: undefined,
      max: 1,
    });
    await settled(
      acquireHere(pool).then(() => {}),
      clock,
    );
    const waiting = watch(pool.acquire(), clock);
    await collectGarbage(() => leaks.length > 0);
    expect(leaks).toMatchObject([{ id: 1, kind: 'dropped', isReclaimed: true }]);
    expect(leaks[0]?.stack).toContain('acquireHere');
    expect(lines[0]).toContain('was dropped without a release, its connection is closed');
    expect(factory.reasons).toEqual(['broken']);
    await clock.advance(20);
    expect(waiting.value?.resource.id).toBe(2);
    waiting.value?.release();
    expect(pool.stats).toMatchObject({ acquired: 2, released: 2 });
  });

  it('is noticed too when it had to wait for its connection', async () => {
    const { clock, pool, leaks } = watched({ leakSampling: 1, max: 1 });
    const first = await settled(pool.acquire(), clock);
    void pool.acquire();
    first.release();
    await collectGarbage(() => leaks.length > 0);
    expect(leaks).toMatchObject([{ kind: 'dropped' }]);
  });

  it('is noticed too when the object that acquired it had kept it', async () => {
    const { clock, pool, leaks } = watched({ leakSampling: 1 });
    await settled(new Owner().acquire(pool), clock);
    await collectGarbage(() => leaks.length > 0);
    expect(leaks).toMatchObject([{ kind: 'dropped' }]);
  });

  it('and that was reported as overdue ends that report', async () => {
    const { clock, pool, leaks, ends } = watched({ leakSampling: 1 });
    await settled(
      pool.acquire().then(() => {}),
      clock,
    );
    await clock.advance(1_000);
    await collectGarbage(() => ends.length > 0);
    expect(leaks).toMatchObject([{ kind: 'overdue' }]);
    expect(ends).toMatchObject([{ how: 'dropped' }]);
    expect(pool.stats.inUse).toBe(0);
  });

  it('is no leak while `use` works with its connection, nor after a release', async () => {
    const { clock, pool, leaks } = watched({ leakSampling: 1, leakThresholdMs: undefined });
    const work = watch(
      pool.use(() => clock.sleep(50)),
      clock,
    );
    await clock.advance(30);
    (await settled(pool.acquire(), clock)).release();
    await collectGarbage(() => leaks.length > 0);
    expect(leaks).toEqual([]);
    await clock.advance(100);
    expect(work.state).toBe('fulfilled');
  });
});

describe('a sampled lease that has ended', () => {
  it.each(['release', 'destroy'] as const)('by %s is garbage once nobody has it', async (end) => {
    const { clock, pool } = watched({ leakSampling: 1 });
    const lease = await settled(
      acquireHere(pool).then((lent) => {
        lent[end]();
        return new WeakRef(lent);
      }),
      clock,
    );
    await collectGarbage(() => lease.deref() === undefined);
    expect(lease.deref()).toBeUndefined();
  });
});

describe('leakSampling', () => {
  it('is the share of acquires whose place is kept', async () => {
    const { clock, pool, leaks } = watched({
      leakSampling: 0.25,
      leakThresholdMs: 1,
      min: 400,
      max: 400,
    });
    await settled(pool.ready(), clock);
    const leases = [];
    for (let left = 400; left > 0; left -= 1) {
      leases.push(pool.tryAcquire());
      await clock.advance(5);
    }
    expect(leaks).toHaveLength(400);
    // Six standard deviations of 400 coins.
    const sampled = leaks.filter(({ stack }) => stack !== undefined).length;
    expect(sampled).toBeGreaterThan(100 - 52);
    expect(sampled).toBeLessThan(100 + 52);
    pool.reconfigure({ leakSampling: 1 });
    for (const lease of leases) lease?.release();
    pool.tryAcquire();
    await clock.advance(1);
    expect(leaks.at(-1)?.stack).toContain('leaks.test.ts');
  });

  it('takes one acquire in 5 ms at most, unless it is 1', async () => {
    const options = { leakSampling: 0.999, leakThresholdMs: 1, min: 100, max: 100 };
    const { clock, pool, leaks } = watched(options);
    await settled(pool.ready(), clock);
    const sampled = (): number => leaks.filter(({ stack }) => stack !== undefined).length;
    const leases = Array.from({ length: 100 }, () => pool.tryAcquire());
    await clock.advance(4);
    for (const lease of leases) lease?.release();
    expect(leaks).toHaveLength(100);
    expect(sampled()).toBe(1);
    await clock.advance(1);
    pool.reconfigure({ leakSampling: 1 });
    for (let left = 100; left > 0; left -= 1) pool.tryAcquire();
    await clock.advance(1);
    expect(sampled()).toBe(101);
  });
});
