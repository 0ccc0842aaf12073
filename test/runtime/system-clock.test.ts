import { createServer } from 'node:net';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { AdaptivePool } from '../../src/index.js';
import { systemClock } from '../../src/runtime/system-clock.js';

/** Keeps the event loop from anything else for so long. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('after a block of the event loop, what lies in the sockets is read before a timer that is late', async () => {
  const server = createServer((socket) => socket.end('answer')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const order: string[] = [];
  const socket = connect(port, '127.0.0.1');
  socket.on('data', () => order.push('answer'));
  await once(socket, 'connect');
  const timer = new Promise<void>((resolve) => {
    systemClock.schedule(5, () => {
      order.push('timer');
      resolve();
    });
  });
  // The server is in this process: it writes in the turn after this one, and the answer lies there at the next.
  await new Promise((resolve) => setImmediate(resolve));
  block(100);
  await timer;
  socket.destroy();
  server.close();
  expect(order).toEqual(['answer', 'timer']);
});

it('a late timer that is cancelled before its turn does not run', async () => {
  let ran = false;
  const late = systemClock.schedule(5, () => {
    ran = true;
  });
  // Both are due after the block; the late one has made way for the sockets when the other cancels it.
  setTimeout(() => late.cancel(), 6);
  block(60);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ran).toBe(false);
});

it('a timer in time runs without a detour', async () => {
  const before = performance.now();
  const at = await new Promise<number>((resolve) => {
    systemClock.schedule(10, () => resolve(performance.now())).keepAlive(true);
  });
  expect(at - before).toBeGreaterThanOrEqual(9);
});

it('under the fake timers of a test framework a pool lives by the real time', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const factory = { create: () => ({}), destroy: () => {} };
  const pool = new AdaptivePool({ factory, max: 1, acquireTimeoutMs: 20 });
  const lease = await pool.acquire();
  await expect(pool.acquire()).rejects.toMatchObject({ code: 'ERR_POOL_ACQUIRE_TIMEOUT' });
  lease.release();
  await pool.close();
});
