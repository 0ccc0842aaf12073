import { expect, it } from 'vitest';
import { harness, settled } from '../support/pool-harness.js';

it('tells an observer who got nothing and why, but not one that does not ask', async () => {
  const { pool, clock } = harness({ min: 1, max: 1, maxPending: 3, acquireTimeoutMs: 50 });
  const heard: unknown[][] = [];
  const nothing = { arrived() {}, granted() {}, released() {}, created() {} };
  const errors: unknown[] = [];
  pool.on('error', (error) => errors.push(error));
  pool.observe(nothing);
  pool.observe({
    ...nothing,
    left: (arrivedAt) => heard.push(['left', arrivedAt - began]),
    refused: (why, waitMs) => heard.push([why, waitMs]),
  });
  await settled(pool.ready(), clock);
  const began = clock.now();
  const lease = await pool.acquire();
  const controller = new AbortController();
  const { signal } = controller;
  const others = [
    pool.acquire({ signal }),
    pool.acquire(),
    pool.acquire({ timeoutMs: 1_000 }),
    pool.acquire(),
  ].map((one) => one.catch(() => null));
  await clock.advance(10);
  expect(pool.tryAcquire()).toBeNull();
  controller.abort();
  await clock.advance(50);
  void pool.close({ pending: 'reject', deadlineMs: 1_000 });
  await Promise.all(others);
  lease.release();
  expect(heard).toEqual([
    ['queue-full', 0],
    ['left', 10],
    ['left', 0],
    ['timeout', 50],
    ['closed', 60],
  ]);
  expect(errors).toEqual([]);
});
