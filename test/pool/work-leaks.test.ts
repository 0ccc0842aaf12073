import { describe, expect, it } from 'vitest';
import { watched } from '../support/leak-watching.js';
import { settled } from '../support/pool-harness.js';

describe('work given to run that does not settle within leakThresholdMs', () => {
  it('is reported once, at most a quarter of that later, and once more when it settles late', async () => {
    const { clock, pool, leaks, ends, lines } = watched({ min: 1 });
    await settled(pool.ready(), clock);
    const late = pool.run(() => clock.sleep(5_000));
    const never = pool.run(() => clock.sleep(6_000));
    await clock.advance(999);
    expect(leaks).toEqual([]);
    await clock.advance(251);
    const found = { pool: 'p', id: 1, kind: 'overdue', isReclaimed: false, sharedWork: 2 };
    expect(leaks).toEqual([{ ...found, heldForMs: 1_000 }]);
    await clock.advance(4_000);
    await late;
    expect(ends).toEqual([]);
    await clock.advance(1_000);
    await never;
    expect(leaks).toHaveLength(1);
    expect(ends).toMatchObject([{ pool: 'p', id: 1, how: 'settled' }]);
    expect(lines).toEqual([
      'warn p: 2 pieces of work have not settled for 1 s on connection 1, which others share',
      expect.stringMatching(/^info p: the shared work on connection 1 has settled after 5\.\d s$/),
    ]);
  });

  it('is found among others that come and go on the same connection all the time', async () => {
    const { clock, pool, leaks } = watched({ min: 1 });
    await settled(pool.ready(), clock);
    void pool.run(() => new Promise(() => {}));
    for (let ms = 0; ms < 5_000; ms += 10) {
      await settled(
        pool.run(() => clock.sleep(20)),
        clock,
      );
    }
    expect(leaks).toMatchObject([{ id: 1, sharedWork: 1 }]);
  });

  it('is reported by a threshold that comes later, and by none if that goes', async () => {
    const { clock, pool, leaks } = watched({ min: 1, leakThresholdMs: Infinity });
    await settled(pool.ready(), clock);
    void pool.run(() => new Promise(() => {}));
    await clock.advance(10_000);
    expect(leaks).toEqual([]);
    pool.reconfigure({ leakThresholdMs: 400 });
    pool.reconfigure({ leakThresholdMs: Infinity });
    await clock.advance(10_000);
    expect(leaks).toEqual([]);
    pool.reconfigure({ leakThresholdMs: 400 });
    await clock.advance(500);
    expect(leaks).toMatchObject([{ id: 1, sharedWork: 1, heldForMs: 400 }]);
  });

  it('is found though the pool is reconfigured all the time', async () => {
    const { clock, pool, leaks } = watched({ min: 1 });
    await settled(pool.ready(), clock);
    void pool.run(() => new Promise(() => {}));
    for (let ms = 0; ms < 1_250; ms += 50) {
      pool.reconfigure({ max: 2 + (ms % 3) });
      await clock.advance(50);
    }
    expect(leaks).toMatchObject([{ id: 1, sharedWork: 1 }]);
  });

  it('is not what settles in time, or fails', async () => {
    const { clock, pool, leaks } = watched({ min: 1 });
    await settled(pool.ready(), clock);
    for (let ms = 0; ms < 5_000; ms += 400) {
      const failing = pool.run(() => Promise.reject(new Error('no'))).catch(() => 'failed');
      await settled(
        pool.run(() => clock.sleep(400)),
        clock,
      );
      expect(await failing).toBe('failed');
    }
    expect(leaks).toEqual([]);
  });
});
