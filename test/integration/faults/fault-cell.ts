import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { AdaptivePool, type PoolStats } from '../../../src/index.js';
import { redisFactory } from '../../../src/redis/index.js';
import { LoopLag } from '../../support/loop-lag.js';
import { FaultLoad, type Call } from './fault-load.js';
import { FaultWorld, PASSWORD } from '../../support/fault-world.js';
import type { Fault } from './faults.js';

/** What the pool's connections are doing when a fault begins. */
export const STATES = ['idle', 'in use', 'creating'] as const;
type State = (typeof STATES)[number];

/** A tenth of usual values, as the faults last a tenth of what they would. */
export const OPTIONS = {
  min: 2,
  max: 8,
  acquireTimeoutMs: 200,
  createTimeoutMs: 400,
  validateTimeoutMs: 100,
  validateAfterIdleMs: 3_000,
  destroyTimeoutMs: 200,
} as const;
/** Name of the pool's connections on the server. */
const CLIENT_NAME = 'under-faults';
/** The client's own: nothing else saves a command on a dead network. */
export const COMMAND_TIMEOUT_MS = 300;
const CALLERS = 20;
/** In each direction, so that creates last long enough to be hit. */
const CREATING_LATENCY_MS = 25;
/** Load goes on for this long after the first answer. */
const AFTERWARDS_MS = 150;
const PATIENCE_MS = 15_000;

export interface Cell {
  readonly fault: Fault;
  readonly state: State;
  readonly lastsMs: number;
  readonly callers?: number;
}

/** What happened in a cell; times by `performance.now()`. */
export interface Outcome {
  readonly calls: readonly Call[];
  readonly lag: Pick<LoopLag, 'allowanceMs'>;
  /** When creates began that came to an end while the fault lasted. */
  readonly attempts: readonly number[];
  /** Connections that reached the proxy while the fault lasted. */
  readonly connects: number;
  readonly isOpenable: boolean;
  readonly creatingAtBegin: number;
  readonly beganAt: number;
  readonly endedAt: number;
  readonly firstAnswerAt: number | null;
  /** The gate's last pause before the first answer. */
  readonly backOffMs: number;
  /** When it had become quiet again. */
  readonly stats: PoolStats;
  /** Connections of the pool that the server knew then. */
  readonly connections: number;
  /** Value of the key of every call. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Puts load on a pool, lets the fault strike and end, and waits until everything is quiet. */
export async function runCell({ fault, state, lastsMs, callers }: Cell): Promise<Outcome> {
  await using world = await FaultWorld.start();
  const { host, port } = world.proxy;
  const factory = redisFactory({
    host,
    port,
    password: PASSWORD,
    connectionName: CLIENT_NAME,
    commandTimeout: COMMAND_TIMEOUT_MS,
  });
  const pool = new AdaptivePool<Redis>({ ...OPTIONS, factory });
  const history = watch(pool);
  await pool.ready();
  using lag = new LoopLag();
  const load = new FaultLoad(pool);
  const count = callers ?? CALLERS;

  if (state !== 'idle') {
    load.start(count);
    await until(() => pool.stats.inUse > 0);
  }
  if (state === 'creating') {
    await world.proxy.set({ kind: 'latency', ms: CREATING_LATENCY_MS });
    pool.invalidateAll();
    await until(() => pool.stats.creating > 0);
  }
  const creatingAtBegin = pool.stats.creating;
  const beganAt = performance.now();
  await fault.begin(world);
  if (state === 'idle') load.start(count);
  await sleep(lastsMs);
  await fault.end(world);
  await world.proxy.set({ kind: 'pass' });
  const endedAt = performance.now();
  await until(() => load.firstAnswerAfter(endedAt) !== null);
  const firstAnswerAt = load.firstAnswerAfter(endedAt);
  const backOffMs = history.lastPauseMs;
  await sleep(AFTERWARDS_MS);
  await load.stop();
  const { stats, connections } = await atRest(pool, world);
  const counts = await countsOf(world, load.calls);
  await pool.close({ deadlineMs: 0 });
  const isInFault = (at: number): boolean => at >= beganAt && at <= endedAt;
  return {
    calls: load.calls,
    lag,
    attempts: history.attempts.filter(isInFault),
    connects: world.proxy.connects.filter(isInFault).length,
    isOpenable: fault.isOpenable === true,
    creatingAtBegin,
    beganAt,
    endedAt,
    firstAnswerAt,
    backOffMs,
    stats,
    connections,
    counts,
  };
}

function watch(pool: AdaptivePool<Redis>): { readonly attempts: number[]; lastPauseMs: number } {
  const history = { attempts: [] as number[], lastPauseMs: 0 };
  pool.on('create', ({ tookMs }) => history.attempts.push(performance.now() - tookMs));
  pool.on('create-error', ({ tookMs, retryInMs }) => {
    history.attempts.push(performance.now() - tookMs);
    history.lastPauseMs = retryInMs;
  });
  return history;
}

/** The pool and what the server knows once both are at rest and agree, or at the end of all patience. */
async function atRest(
  pool: AdaptivePool<Redis>,
  world: FaultWorld,
): Promise<Pick<Outcome, 'stats' | 'connections'>> {
  let rest = { stats: pool.stats, connections: Number.NaN };
  await until(async () => {
    const { created, destroyed } = pool.stats;
    const connections = await world.connections(CLIENT_NAME);
    const { stats } = pool;
    rest = { stats, connections };
    const hasMoved = stats.created !== created || stats.destroyed !== destroyed;
    const isBusy = stats.creating + stats.checking + stats.closing > 0;
    return !hasMoved && !isBusy && connections === stats.size && stats.size >= OPTIONS.min;
  });
  return rest;
}

async function countsOf(
  world: FaultWorld,
  calls: readonly Call[],
): Promise<ReadonlyMap<string, number>> {
  const keys = calls.map(({ key }) => key);
  const values = keys.length === 0 ? [] : await world.admin.mget(keys);
  return new Map(keys.map((key, index) => [key, Number(values[index] ?? 0)]));
}

/** Waits for `isTrue`, but not for ever: who comes after sees that it is not. */
async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end && !(await isTrue())) await sleep(5);
}
