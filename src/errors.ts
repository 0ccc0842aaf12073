import { adviceFor, type Trouble } from './advice.js';
import { textOf } from './clean-error.js';
import { formatMs } from './control/words.js';
import type { PoolStats } from './stats.js';

/** Every `code` an error of this package can carry. */
export type PoolErrorCode =
  | 'ERR_POOL_INVALID_OPTIONS'
  | 'ERR_POOL_ACQUIRE_TIMEOUT'
  | 'ERR_POOL_QUEUE_FULL'
  | 'ERR_POOL_OVERLOADED'
  | 'ERR_POOL_CLOSED'
  | 'ERR_POOL_CREATE_FAILED'
  | 'ERR_POOL_CREATE_TIMEOUT'
  | 'ERR_POOL_NOT_READY'
  | 'ERR_POOL_LEASE_RELEASED'
  | 'ERR_POOL_STATE_REFUSED'
  | 'ERR_POOL_COMMAND_NEEDS_LEASE';

/** Base of every error of this package; tell them apart by `code`. */
export abstract class PoolError extends Error {
  abstract readonly code: PoolErrorCode;
}

/** The options are wrong; `problems` lists every one of them. */
export class InvalidOptionsError extends PoolError {
  readonly code = 'ERR_POOL_INVALID_OPTIONS' as const;
  override readonly name = 'InvalidOptionsError';
  /** One sentence per problem: field, allowed range, value received. */
  readonly problems: readonly string[];

  constructor(what: string, problems: readonly string[]) {
    super(`invalid ${what}: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** A lease was used, released or destroyed after it had ended. */
export class LeaseReleasedError extends PoolError {
  readonly code = 'ERR_POOL_LEASE_RELEASED' as const;
  override readonly name = 'LeaseReleasedError';
  /** How the lease ended first: by its holder, by `reclaimLeaks`, or by the deadline of `close`. */
  readonly how: 'released' | 'destroyed' | 'reclaimed' | 'pool closed';
  /** How long ago that was, in milliseconds. */
  readonly agoMs: number;
  /** Where its holder ended it first, if the lease was sampled (`leakSampling`). */
  readonly firstStack: string | undefined;

  constructor(
    pool: string,
    how: LeaseReleasedError['how'],
    agoMs: number,
    firstStack: string | undefined,
  ) {
    const where = firstStack === undefined ? '' : `, here:\n${firstStack}\n  and is used again:`;
    super(`${pool}: ${ENDS[how]} ${formatMs(agoMs)} ago${where}`);
    this.how = how;
    this.agoMs = agoMs;
    this.firstStack = firstStack;
  }
}

const ENDS = {
  released: 'this lease was already released',
  destroyed: 'this lease was already destroyed',
  reclaimed: 'this lease was out for longer than leakThresholdMs and was taken back',
  'pool closed': 'the pool closed under this lease',
} as const;

/** A create did not finish within `createTimeoutMs`. */
export class CreateTimeoutError extends PoolError {
  readonly code = 'ERR_POOL_CREATE_TIMEOUT' as const;
  override readonly name = 'CreateTimeoutError';
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`the connection was not ready within ${timeoutMs} ms (createTimeoutMs)`);
    this.timeoutMs = timeoutMs;
  }
}

/** The option `initialState` cannot be used, so the policy begins with nothing learnt. Only an `error` event carries it. */
export class StateRefusedError extends PoolError {
  readonly code = 'ERR_POOL_STATE_REFUSED' as const;
  override readonly name = 'StateRefusedError';

  /** @param problem field, what it must be, what it is */
  constructor(pool: string, problem: string) {
    super(`${pool}: ${problem}`);
  }
}

/** A command cannot run on a connection that others use at the same time. */
export class CommandNeedsLeaseError extends PoolError {
  readonly code = 'ERR_POOL_COMMAND_NEEDS_LEASE' as const;
  override readonly name = 'CommandNeedsLeaseError';
  /** Name of the command. */
  readonly command: string;

  /** @param why what the command does, as the end of a sentence */
  constructor(command: string, why: string) {
    super(
      `${command} ${why}, which others use at the same time: run it with a connection of its own, by pool.use()`,
    );
    this.command = command;
  }
}

/** What the errors below share: the numbers of the pool at that moment, and the last create failure as `cause`. */
abstract class StatsError extends PoolError {
  /** The pool when the error arose. Errors of one sweep share one snapshot. Not enumerable. */
  declare readonly stats: PoolStats;
  /** How long this caller waited, in milliseconds; more than it asked for if the event loop was late. */
  readonly waitedMs: number;

  constructor(what: string, trouble: Trouble, waitedMs: number, stats: PoolStats, cause: unknown) {
    const hasCause = cause !== undefined;
    const advice = adviceFor(trouble, stats, hasCause);
    const text = `${stats.name}: ${what} (${numbersOf(stats, cause)}). ${advice}`;
    super(text, hasCause ? { cause } : undefined);
    this.waitedMs = waitedMs;
    // Printed with every error, some fifty figures would bury the message, which has those that matter.
    Object.defineProperty(this, 'stats', { value: stats });
  }
}

/** Many thousand errors may arise from one snapshot. */
const texts = new WeakMap<PoolStats, { readonly cause: unknown; readonly text: string }>();

function numbersOf(stats: PoolStats, cause: unknown): string {
  const known = texts.get(stats);
  if (known !== undefined && known.cause === cause) return known.text;
  const { size, max, inUse, idle, creating, pending, oldestLeaseMs } = stats;
  const oldest = oldestLeaseMs === null ? '' : `, oldest lease ${formatMs(oldestLeaseMs)}`;
  const failed = cause === undefined ? '' : `; last create failed: ${textOf(cause)}`;
  const text = `size ${size}/${max}, in use ${inUse}, idle ${idle}, creating ${creating}, pending ${pending}${oldest}${failed}`;
  texts.set(stats, { cause, text });
  return text;
}

/** Makes an error without a stack: where thousands fail at once, stacks that all say "a timer" are only cost. */
export function withoutStack<E extends Error>(make: () => E): E {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** No connection became free within the acquire timeout. */
export class AcquireTimeoutError extends StatsError {
  readonly code = 'ERR_POOL_ACQUIRE_TIMEOUT' as const;
  override readonly name = 'AcquireTimeoutError';
  /** How long this caller was ready to wait, in milliseconds. */
  readonly timeoutMs: number;

  constructor(timeoutMs: number, waitedMs: number, stats: PoolStats, cause: unknown) {
    const trouble = { kind: 'timeout', timeoutMs, waitedMs } as const;
    super(`no connection within ${timeoutMs} ms`, trouble, waitedMs, stats, cause);
    this.timeoutMs = timeoutMs;
  }
}

/** `maxPending` callers wait already. */
export class QueueFullError extends StatsError {
  readonly code = 'ERR_POOL_QUEUE_FULL' as const;
  override readonly name = 'QueueFullError';

  constructor(waitedMs: number, stats: PoolStats, cause: unknown) {
    super('too many callers wait (maxPending)', { kind: 'queue-full' }, waitedMs, stats, cause);
  }
}

/** More callers wait than can be served in time, and the option `overload` says to refuse them. */
export class OverloadedError extends StatsError {
  readonly code = 'ERR_POOL_OVERLOADED' as const;
  override readonly name = 'OverloadedError';

  constructor(waitedMs: number, stats: PoolStats, cause: unknown) {
    super(
      'more callers wait than can be served in time (overload)',
      { kind: 'overload' },
      waitedMs,
      stats,
      cause,
    );
  }
}

/** The pool is closing or closed. */
export class PoolClosedError extends StatsError {
  readonly code = 'ERR_POOL_CLOSED' as const;
  override readonly name = 'PoolClosedError';

  constructor(waitedMs: number, stats: PoolStats, cause: unknown) {
    super('the pool is closed', { kind: 'closed' }, waitedMs, stats, cause);
  }
}

/** Connections cannot be opened, and waiting for it would not help; `cause` has the reason. */
export class CreateFailedError extends StatsError {
  readonly code = 'ERR_POOL_CREATE_FAILED' as const;
  override readonly name = 'CreateFailedError';

  constructor(waitedMs: number, stats: PoolStats, cause: unknown) {
    super('connections cannot be opened', { kind: 'create-failed' }, waitedMs, stats, cause);
  }
}

/** `min` connections were not ready within `readyTimeoutMs`. */
export class NotReadyError extends StatsError {
  readonly code = 'ERR_POOL_NOT_READY' as const;
  override readonly name = 'NotReadyError';
  readonly timeoutMs: number;

  constructor(timeoutMs: number, waitedMs: number, stats: PoolStats, cause: unknown) {
    const what = `fewer than ${stats.min} connections after ${timeoutMs} ms`;
    super(what, { kind: 'not-ready' }, waitedMs, stats, cause);
    this.timeoutMs = timeoutMs;
  }
}

/** Any error of this package; `switch (error.code)` narrows it. */
export type AnyPoolError =
  | InvalidOptionsError
  | LeaseReleasedError
  | CreateTimeoutError
  | AcquireTimeoutError
  | QueueFullError
  | OverloadedError
  | PoolClosedError
  | CreateFailedError
  | NotReadyError
  | StateRefusedError
  | CommandNeedsLeaseError;
