import type { Policy } from '../../src/control/policy.js';
import {
  NOTHING_CLOSED,
  observeShrink,
  planShrink,
  type ShrinkState,
} from '../../src/control/shrink.js';
import { baselineDecision, onePerWaiter } from './baseline.js';

const GROW = 'one connection per waiter';

/**
 * generic-pool 3.9: `_dispense` in `lib/Pool.js` creates a resource for every waiter that has no idle resource and no
 * create in flight, all at once up to `max`. It never shrinks: the evictor is off unless `evictionRunIntervalMillis` is set.
 */
export const genericPool: Policy<null> = {
  name: 'baseline:generic-pool',
  init: () => null,
  decide: (signals, state) => baselineDecision(signals, onePerWaiter(signals), state, GROW),
};

/** pg-pool's default `idleTimeoutMillis`, in milliseconds. */
const PG_IDLE_MS = 10_000;

/**
 * pg-pool 3 (`packages/pg-pool/index.js` of node-postgres): `connect` opens a client whenever none is idle and the pool
 * is not full, without a limit on connects in flight. Each client closes after `idleTimeoutMillis` (10 s) without use; the
 * idle list is last in, first out, so that the coldest go; `min` clients stay.
 */
export const pgPool: Policy<ShrinkState> = {
  name: 'baseline:pg-pool',
  init: () => NOTHING_CLOSED,
  decide(signals, previous, config) {
    const state = observeShrink(previous, signals, PG_IDLE_MS);
    if (signals.pending > 0) return baselineDecision(signals, onePerWaiter(signals), state, GROW);
    const plan = planShrink(state, signals, {
      periodMs: PG_IDLE_MS,
      most: Number.POSITIVE_INFINITY,
      floor: signals.min,
      tickMs: config.tickMs,
      keepAfterFailures: false,
    });
    const note = 'each closes after 10 s without use';
    return baselineDecision(signals, Math.max(plan.target, signals.min), plan.state, note);
  },
};

/** node-redis' default `cleanupDelay`, in milliseconds. */
const NODE_REDIS_CLEANUP_MS = 3_000;

/** What the node-redis rule remembers. */
export interface NodeRedisState {
  /** When a client last came back, in monotonic milliseconds, or null before the first. */
  readonly returnedAt: number | null;
}

/**
 * node-redis 5 (`packages/client/lib/client/pool.ts`): `execute` creates a client for every task that finds none idle,
 * up to `maximum`. One timer of `cleanupDelay` (3 s) starts anew whenever a client comes back; when it fires, every idle
 * client above `minimum` goes at once. So a pool that is never quiet for 3 s never shrinks.
 */
export const nodeRedis: Policy<NodeRedisState> = {
  name: 'baseline:node-redis',
  init: () => ({ returnedAt: null }),
  decide(signals, previous) {
    const { now, pending, completions, size, idle, min } = signals;
    const state = completions > 0 ? { returnedAt: now } : previous;
    if (pending > 0) return baselineDecision(signals, onePerWaiter(signals), state, GROW);
    const { returnedAt } = state;
    const isQuiet = returnedAt !== null && now - returnedAt >= NODE_REDIS_CLEANUP_MS;
    const wanted = isQuiet ? Math.max(min, size - idle) : Math.max(min, size);
    return baselineDecision(signals, wanted, state, 'all idle ones close after 3 s of quiet');
  },
};

/** Time between two samples of Npgsql's pruning, in milliseconds: `ConnectionPruningInterval`. */
const NPGSQL_SAMPLE_MS = 10_000;
/** Samples per pruning: `ConnectionIdleLifetime` (300 s) / `ConnectionPruningInterval` (10 s). */
const NPGSQL_SAMPLES = 30;

/** What the Npgsql rule remembers. */
export interface NpgsqlState {
  /** Idle counts sampled since the last pruning. */
  readonly samples: readonly number[];
  /** When the last sample was taken, in monotonic milliseconds; null while the pool is at its minimum. */
  readonly sampledAt: number | null;
}

/**
 * Npgsql (`src/Npgsql/PoolingDataSource.cs`): whoever finds no idle connector opens one if the pool is not full. While the
 * pool is above its minimum the number of idle connectors is sampled every 10 s; after 30 samples the median (the lower of
 * the two in the middle) of connectors closes at once, never below the minimum.
 */
export const npgsql: Policy<NpgsqlState> = {
  name: 'baseline:npgsql',
  init: () => ({ samples: [], sampledAt: null }),
  decide(signals, previous) {
    const { now, pending, size, idle, min } = signals;
    const wanted = onePerWaiter(signals);
    if (size <= min) {
      return baselineDecision(signals, wanted, { samples: [], sampledAt: null }, GROW);
    }
    const sampledAt = previous.sampledAt ?? now;
    if (now - sampledAt < NPGSQL_SAMPLE_MS) {
      return baselineDecision(signals, wanted, { samples: previous.samples, sampledAt }, GROW);
    }
    const samples = [...previous.samples, idle];
    if (samples.length < NPGSQL_SAMPLES) {
      return baselineDecision(signals, wanted, { samples, sampledAt: now }, GROW);
    }
    const sorted = samples.toSorted((a, b) => a - b);
    const median = sorted[Math.floor((samples.length - 1) / 2)] as number;
    const state = { samples: [], sampledAt: now };
    if (pending > 0) return baselineDecision(signals, wanted, state, GROW);
    const kept = Math.max(min, size - Math.min(median, idle));
    return baselineDecision(
      signals,
      kept,
      state,
      'the median of idle connectors over 300 s closes',
    );
  },
};
