import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { AdaptivePool, type AdaptivePoolOptions } from '../../src/index.js';
import { redisFactory } from '../../src/redis/index.js';
import { NETWORK_FAULTS, SERVER_FAULTS, type Fault } from '../integration/faults/faults.js';
import { FaultWorld, PASSWORD } from '../support/fault-world.js';
import { randomFrom } from '../support/random.js';
import { SoakLoad } from './soak-load.js';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 600);
/** Before the first measurement, so that caches are full and code is compiled. */
const WARM_UP_SHARE = 0.25;
const SEED = Number(process.env['SOAK_SEED'] ?? 1);
const QUIET_MS = 30_000;
const MOST_GROWTH = 0.05;
/** Part of the heap; who frees less than that in a few collections frees no more. */
const STEADY = 0.001;

const FAULTS: readonly Fault[] = [
  ...NETWORK_FAULTS,
  ...SERVER_FAULTS,
  {
    name: 'clients that are killed',
    begin: (world) => world.killClients(),
    end: async () => undefined,
  },
];

/** Pools as different as the options allow; each is the name of its connections. */
const POOLS: Readonly<Record<string, Omit<AdaptivePoolOptions<Redis>, 'factory'>>> = {
  usual: { min: 2, max: 16 },
  empty: { min: 0, max: 8, policy: 'littles-law' },
  fixed: { min: 4, max: 4, policy: 'fixed' },
  suspicious: { min: 1, max: 8, validateAfterIdleMs: 0 },
  short: { min: 2, max: 12, maxLifetimeMs: 400 },
  strict: { min: 1, max: 6, maxPending: 3, createConcurrency: 1 },
};

it(
  `leaks nothing in ${SECONDS} seconds of load and faults`,
  async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    const random = randomFrom(SEED);
    const shared = new AbortController();
    await using world = await FaultWorld.start();
    const { host, port } = world.proxy;
    const members = Object.entries(POOLS).map(([name, options]) => {
      const factory = redisFactory({
        host,
        port,
        password: PASSWORD,
        connectionName: name,
        commandTimeout: 300,
      });
      const pool = new AdaptivePool<Redis>({
        acquireTimeoutMs: 300,
        createTimeoutMs: 500,
        validateTimeoutMs: 200,
        destroyTimeoutMs: 200,
        ...options,
        name,
        factory,
      });
      return { pool, load: new SoakLoad(pool, random, shared.signal) };
    });
    const struck = new Map<string, number>();

    await stir(SECONDS * WARM_UP_SHARE);
    const before = await measure();
    await stir(SECONDS * (1 - WARM_UP_SHARE));
    const after = await measure();

    console.log(`faults: ${[...struck].map(([name, times]) => `${times} × ${name}`).join(', ')}`);
    for (const { pool, load } of members) {
      const { acquired, timeouts, rejected, aborted, created, createFailures, destroyed } =
        pool.stats;
      console.log(
        `${pool.name}: ${load.begun} acquires (${acquired} granted, ${timeouts} timed out, ${rejected} refused, ${aborted} aborted), ${load.answered} answers, ${created} connections opened, ${destroyed} closed, ${createFailures} failures`,
      );
      expect(load.settled, `${pool.name}: acquires that settled`).toBe(load.begun);
      expect(pool.stats.acquired).toBe(pool.stats.released);
      await pool.close({ deadlineMs: 0 });
    }
    console.log(`heap ${inMegabytes(before.heap)} before, ${inMegabytes(after.heap)} after`);
    process.off('unhandledRejection', onUnhandled);
    expect(unhandled).toEqual([]);
    expect(after.listeners).toEqual(before.listeners);
    expect(after.listeners[0]).toBe(0);
    expect(after.heap).toBeLessThan(before.heap * (1 + MOST_GROWTH));

    /** Load on every pool, and one fault after the other. */
    async function stir(seconds: number): Promise<void> {
      const end = performance.now() + 1_000 * seconds;
      for (const { load } of members) load.start();
      while (performance.now() < end) {
        await sleep(100 + 1_400 * random());
        const fault = FAULTS[Math.floor(FAULTS.length * random())];
        if (fault === undefined) continue;
        struck.set(fault.name, (struck.get(fault.name) ?? 0) + 1);
        await fault.begin(world);
        await sleep(50 + 950 * random());
        await fault.end(world);
        await world.proxy.set({ kind: 'pass' });
      }
      for (const { load } of members) await load.stop();
    }

    /** What is held once everything is quiet and every pool as small as it can be, so that both times compare the same. */
    async function measure(): Promise<{ heap: number; listeners: readonly number[] }> {
      for (const { pool } of members) pool.reconfigure({ max: Math.max(1, pool.options.min) });
      const quiet = members.map(({ pool: { name, options } }) => {
        const size = options.min === 0 ? expect.any(Number) : options.min;
        return { pool: name, unrest: 0, surplus: 0, size };
      });
      await expect.poll(levels, { timeout: QUIET_MS, interval: 50 }).toEqual(quiet);
      world.proxy.connects.length = 0;
      // The client's timer for connecting holds on to one that failed for ten seconds.
      await sleep(11_000);
      const heap = await heapUsed();
      for (const { pool } of members) pool.reconfigure({ max: POOLS[pool.name]?.max });
      const listeners = [
        getEventListeners(shared.signal, 'abort').length,
        ...process.eventNames().map((name) => process.listenerCount(name)),
      ];
      return { heap, listeners };
    }

    async function levels(): Promise<readonly object[]> {
      return Promise.all(
        members.map(async ({ pool }) => levelsOf(pool, await world.connections(pool.name))),
      );
    }
  },
  SECONDS * 1_000 + 120_000,
);

/** What is under way in a pool, and how many connections the server knows that the pool does not. */
function levelsOf(pool: AdaptivePool<Redis>, connections: number): object {
  const { creating, checking, inUse, closing, pending, size } = pool.stats;
  const unrest = creating + checking + inUse + closing + pending;
  return { pool: pool.name, unrest, surplus: connections - size, size };
}

/**
 * Bytes that are held when everything that can go is gone, without the machine's code: of that the compiler goes on
 * making some for rare paths, and throws some away.
 */
async function heapUsed(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  let before = Number.POSITIVE_INFINITY;
  let held = Number.MAX_SAFE_INTEGER;
  // What has finalizers, and what compiled code alone refers to, takes several collections.
  while (held < before * (1 - STEADY)) {
    before = held;
    for (let round = 0; round < 5; round += 1) {
      await sleep(100);
      gc();
    }
    held = process.memoryUsage().heapUsed - getHeapCodeStatistics().code_and_metadata_size;
  }
  return held;
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
