import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { AdaptivePool, PoolStats } from '../../../src/index.js';
import { LoopLag } from '../../support/loop-lag.js';
import type { SentinelWorld } from '../../support/sentinel-world.js';
import { FaultLoad, type Call } from '../faults/fault-load.js';

export const OPTIONS = { min: 4, max: 8, acquireTimeoutMs: 200, createTimeoutMs: 1_000 } as const;
/** Name of the pool's connections on the servers. */
export const CLIENT_NAME = 'under-failover';
const CALLERS = 6;
/** Longer than a replica needs to confirm, shorter than anybody notices. */
const WAIT_MS = 50;
const BEFORE_MS = 300;
const AFTERWARDS_MS = 500;
const PATIENCE_MS = 20_000;

/** What happened in a failover under load; times by `performance.now()`. */
export interface Failover {
  /** Each sets its key, and its answer says how many replicas confirmed that. */
  readonly calls: readonly Call[];
  readonly lag: Pick<LoopLag, 'allowanceMs'>;
  /** When the first of the sentinels announced the new master. */
  readonly announcedAt: number;
  readonly firstAnswerAt: number | null;
  /** The gate's last pause before that. */
  readonly backOffMs: number;
  /** Keys of calls that the new master has not, although their client was told that they are set. */
  readonly lost: readonly Call[];
  /** Causes of the connections that died. */
  readonly causes: readonly string[];
  /** Connections of the pool that the new master knew at the end. */
  readonly onNewMaster: number;
  readonly stats: PoolStats;
}

/** Puts load on a pool of the master, has it fail over, and waits until all connections lead to the new one. */
export async function failOverUnderLoad(
  world: SentinelWorld,
  pool: AdaptivePool<Redis>,
  strike: () => Promise<void>,
): Promise<Failover> {
  let pauseMs = 0;
  const causes: string[] = [];
  pool.on('create-error', ({ retryInMs }) => (pauseMs = retryInMs));
  pool.on('destroy', ({ cause }) => causes.push(String(cause)));
  await pool.ready();
  using lag = new LoopLag();
  const load = new FaultLoad(pool, setAndWait);
  load.start(CALLERS);
  await sleep(BEFORE_MS);
  const announcement = await world.announcement();
  await strike();
  const announcedAt = await announcement.announcedAt;
  await until(() => load.firstAnswerAfter(announcedAt) !== null);
  const firstAnswerAt = load.firstAnswerAfter(announcedAt);
  const backOffMs = pauseMs;
  await sleep(AFTERWARDS_MS);
  await load.stop();
  await until(async () => (await world.connections(world.second, CLIENT_NAME)) === pool.stats.size);
  const { calls } = load;
  const lost = await lostOf(world, calls);
  const onNewMaster = await world.connections(world.second, CLIENT_NAME);
  const { stats } = pool;
  return { calls, lag, announcedAt, firstAnswerAt, backOffMs, lost, causes, onNewMaster, stats };
}

async function setAndWait(redis: Redis, key: string): Promise<number> {
  await redis.set(key, '1');
  return redis.wait(1, WAIT_MS);
}

async function lostOf(world: SentinelWorld, calls: readonly Call[]): Promise<Call[]> {
  const told = calls.filter(({ answeredAt }) => answeredAt !== null);
  const values = await world.client(world.second).mget(told.map(({ key }) => key));
  return told.filter((_, nth) => values[nth] === null);
}

/** Waits for `isTrue`, but not for ever: who comes after sees that it is not. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end && !(await isTrue())) await sleep(10);
}
