import { once } from 'node:events';
import { AdaptivePool, type Logger } from 'adaptive-pool';
import { redisFactory } from 'adaptive-pool/redis';
import genericPool from 'generic-pool';
import { Redis } from 'ioredis';
import { keyOf } from './server.js';

/** What one run of 1,000 GETs came to. */
export interface Run {
  /** Milliseconds from each call to its reply, in the order of the calls. */
  readonly latencies: readonly number[];
  readonly wallMs: number;
  /** Connections opened from the first to the last reply. */
  readonly opened: number;
  /** Connections open at the end. */
  readonly open: number;
}

const CALLS = 1_000;
const MIN = 10;

/** 1,000 GETs one after the other on one connection. */
export async function sequential(url: string): Promise<Run> {
  const redis = new Redis(url);
  await redis.ping();
  const latencies: number[] = [];
  const start = performance.now();
  for (let call = 0; call < CALLS; call += 1) latencies.push(await timed(() => get(redis, call)));
  const wallMs = performance.now() - start;
  redis.disconnect();
  return { latencies, wallMs, opened: 1, open: 1 };
}

/** 1,000 GETs at once on one connection, which ioredis sends as one pipeline. */
export async function shared(url: string): Promise<Run> {
  const redis = new Redis(url);
  await redis.ping();
  const burst = await atOnce((call) => get(redis, call));
  redis.disconnect();
  return { ...burst, opened: 1, open: 1 };
}

/** Two bursts on a generic-pool that may open 1,000 connections: the first finds it cold, the second warm. */
export async function generic(url: string): Promise<{ cold: Run; warm: Run }> {
  let opened = 0;
  const create = async (): Promise<Redis> => {
    opened += 1;
    const redis = new Redis(url, { lazyConnect: true });
    await redis.connect();
    return redis;
  };
  const pool = genericPool.createPool({ create, destroy: disconnect }, { min: 0, max: CALLS });
  const burst = (): ReturnType<typeof atOnce> =>
    atOnce((call) => pool.use((redis) => get(redis, call)));
  const cold = await burst();
  const openedCold = opened;
  const warm = await burst();
  const open = pool.size;
  await pool.drain();
  await pool.clear();
  return {
    cold: { ...cold, opened: openedCold, open },
    warm: { ...warm, opened: opened - openedCold, open },
  };
}

/**
 * Two bursts on an `AdaptivePool` with 10 warm connections: the first is the first use it ever sees. Also returns its use
 * and create times for the simulator.
 */
export async function adaptive(
  url: string,
  logger: Logger,
): Promise<{ cold: Run; warm: Run; useMs: number; createMs: number }> {
  await using pool = new AdaptivePool({
    name: 'demo',
    factory: redisFactory(url),
    min: MIN,
    max: CALLS,
    acquireTimeoutMs: 10_000,
    logger,
  });
  await pool.ready();
  const createMs = pool.stats.create.p50Ms ?? 1;
  const burst = (): ReturnType<typeof atOnce> =>
    atOnce((call) => pool.use((redis) => get(redis, call)));
  const cold = await burst();
  const after = pool.stats;
  const warm = await burst();
  const { created, size } = pool.stats;
  return {
    cold: { ...cold, opened: after.created, open: after.size },
    warm: { ...warm, opened: created - after.created, open: size },
    useMs: after.use.meanMs ?? 1,
    createMs,
  };
}

async function get(redis: Redis, call: number): Promise<void> {
  const value = await redis.get(keyOf(call));
  if (value !== `value ${call}`) throw new Error(`GET ${keyOf(call)} answered ${String(value)}`);
}

async function atOnce(
  work: (call: number) => PromiseLike<void>,
): Promise<Pick<Run, 'latencies' | 'wallMs'>> {
  const start = performance.now();
  const latencies = await Promise.all(
    Array.from({ length: CALLS }, (_, call) => timed(() => work(call))),
  );
  return { latencies, wallMs: performance.now() - start };
}

async function timed(work: () => PromiseLike<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Waits for the end: a thousand goodbyes would otherwise fall into the time of whoever is measured next. */
async function disconnect(redis: Redis): Promise<void> {
  const ended = once(redis, 'end');
  redis.disconnect();
  await ended;
}
