import type { Policy } from '../../src/control/policy.js';
import {
  NOTHING_CLOSED,
  observeShrink,
  planShrink,
  type ShrinkState,
} from '../../src/control/shrink.js';
import { baselineDecision, oneAtATime, onePerWaiter } from './baseline.js';

/** HikariCP's default `idleTimeout`, in milliseconds. */
const HIKARI_IDLE_MS = 600_000;
/** Time between two runs of its house keeper, in milliseconds. */
const HIKARI_HOUSEKEEPING_MS = 30_000;
/** Pause of its adder after each connection, in milliseconds. */
const HIKARI_PAUSE_MS = 30;

/** What the HikariCP rule remembers. */
export interface HikariState {
  readonly shrink: ShrinkState;
  /** When the adder last finished a connection, in monotonic milliseconds, or null. */
  readonly addedAt: number | null;
}

/**
 * HikariCP 6 (`pool/HikariPool.java`): one adder thread opens one connection after the other, with 30 ms between two, while
 * the pool is not full and fewer than `minimumIdle` are idle or more callers wait than connections are idle. The house
 * keeper closes connections unused for `idleTimeout` (10 min) every 30 s, down to `minimumIdle` idle ones. `min` stands for
 * `minimumIdle`, which unlike a minimum size asks for idle connections on top of those in use.
 */
export const hikaricp: Policy<HikariState> = {
  name: 'baseline:hikaricp',
  init: () => ({ shrink: NOTHING_CLOSED, addedAt: null }),
  decide(signals, previous) {
    const { now, size, idle, pending, creating, created, min, max, inUse } = signals;
    const shrink = observeShrink(previous.shrink, signals, HIKARI_IDLE_MS);
    const state = { shrink, addedAt: created > 0 ? now : previous.addedAt };
    const isNeeded = size < max && (idle < min || pending > idle);
    if (isNeeded) {
      const pauseMs = state.addedAt === null ? 0 : state.addedAt + HIKARI_PAUSE_MS - now;
      const isBusy = creating > 0 || pauseMs > 0;
      const wanted = isBusy ? size : size + 1;
      const decision = baselineDecision(signals, wanted, state, 'one adder, one after the other');
      return pauseMs > 0 ? { ...decision, wakeInMs: pauseMs } : decision;
    }
    const plan = planShrink(shrink, signals, {
      periodMs: HIKARI_IDLE_MS,
      most: Number.POSITIVE_INFINITY,
      floor: Math.max(min, inUse + min),
      tickMs: HIKARI_HOUSEKEEPING_MS,
      keepAfterFailures: false,
    });
    const wanted = Math.min(size, Math.max(plan.target, min));
    const after = { shrink: plan.state, addedAt: state.addedAt };
    return baselineDecision(signals, wanted, after, 'closed after 10 min without use');
  },
};

/** psycopg_pool's default `max_idle`, in milliseconds. */
const PSYCOPG_IDLE_MS = 600_000;

/** What the psycopg rule remembers. */
export interface PsycopgState {
  /** Start of the current window, in monotonic milliseconds. */
  readonly since: number | null;
  /** Fewest idle connections seen in the window. */
  readonly fewestIdle: number;
}

/**
 * psycopg_pool 3 (`psycopg_pool/pool.py`): `_maybe_grow_pool` lets only one connection grow the pool at a time; when it is
 * there and callers still wait, the next begins. `ShrinkPool` runs every `max_idle` (10 min) and closes one connection if at
 * least one was idle all that time.
 */
export const psycopg: Policy<PsycopgState> = {
  name: 'baseline:psycopg',
  init: () => ({ since: null, fewestIdle: Number.MAX_SAFE_INTEGER }),
  decide(signals, previous) {
    const { now, size, min, idle, lowestIdle, pending } = signals;
    const since = previous.since ?? now;
    const fewestIdle = Math.min(previous.fewestIdle, lowestIdle, idle);
    if (now - since < PSYCOPG_IDLE_MS) {
      const state = { since, fewestIdle };
      return baselineDecision(signals, oneAtATime(signals), state, 'one connection grows the pool');
    }
    const state = { since: now, fewestIdle: idle };
    const isSurplus = fewestIdle > 0 && size > min && pending === 0;
    const wanted = isSurplus ? size - 1 : oneAtATime(signals);
    return baselineDecision(signals, wanted, state, 'one closes if one was idle for 10 min');
  },
};

/** What the FlexyPool rule remembers. */
export interface FlexyPoolState {
  /** Size the wrapped pool may have now. */
  readonly most: number;
  /** When it last grew, in monotonic milliseconds, or null. */
  readonly grewAt: number | null;
}

/**
 * FlexyPool (`IncrementPoolOnTimeoutConnectionAcquiringStrategy.java`): when an acquire took longer than `timeoutMillis`, the
 * largest size of the wrapped pool rises by one, up to `maxOvergrow` more; it never falls. Here the wrapped pool starts at
 * `min`, opens one connection per waiter within its size of the moment, `timeoutMillis` is the wait objective, and a step
 * takes at least that long, since one slow acquire after another makes it.
 */
export const flexyPool: Policy<FlexyPoolState> = {
  name: 'baseline:flexypool',
  init: () => ({ most: 0, grewAt: null }),
  decide(signals, previous, { waitObjectiveMs }) {
    const { now, min, max, size, oldestWaitMs, pending } = signals;
    const before = Math.max(1, min, previous.most);
    const { grewAt } = previous;
    const isSlow = pending > 0 && oldestWaitMs > waitObjectiveMs;
    const isDue = grewAt === null || now - grewAt >= waitObjectiveMs;
    const grows = isSlow && isDue && before < max;
    const state = { most: grows ? before + 1 : before, grewAt: grows ? now : grewAt };
    const wanted = Math.max(size, Math.min(state.most, onePerWaiter(signals)));
    return baselineDecision(signals, wanted, state, `may have ${state.most}, one more per timeout`);
  },
};
