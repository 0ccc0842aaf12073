import { adviceFor, type Trouble } from './advice.js';
import { hideSecrets } from './clean-error.js';
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
  /** The pool when the error arose. Errors of one sweep share one snapshot. */
  readonly stats: PoolStats;
  /** How long this caller waited, in milliseconds; more than it asked for if the event loop was late. */
  readonly waitedMs: number;

  constructor(waitedMs: number, stats: PoolStats, cause: unknown) {
    super(undefined, cause === undefined ? undefined : { cause });
    this.waitedMs = waitedMs;
    this.stats = stats;
  }

  protected abstract describe(): string;
  protected abstract get trouble(): Trouble;

  /** Built when it is read: many thousand of these may arise at once. */
  override get message(): string {
    const { name, size, max, inUse, idle, creating, pending, oldestLeaseMs } = this.stats;
    const oldest = oldestLeaseMs === null ? '' : `, oldest lease ${formatMs(oldestLeaseMs)}`;
    const cause = this.cause === undefined ? '' : `; last create failed: ${textOf(this.cause)}`;
    const numbers = `size ${size}/${max}, in use ${inUse}, idle ${idle}, creating ${creating}, pending ${pending}${oldest}${cause}`;
    const advice = adviceFor(this.trouble, this.stats, this.cause !== undefined);
    return `${name}: ${this.describe()} (${numbers}). ${advice}`;
  }
}

function textOf(cause: unknown): string {
  return hideSecrets(
    cause instanceof Error && cause.message !== '' ? cause.message : String(cause),
  );
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
    super(waitedMs, stats, cause);
    this.timeoutMs = timeoutMs;
  }

  protected override describe(): string {
    return `no connection within ${this.timeoutMs} ms`;
  }

  protected override get trouble(): Trouble {
    return { kind: 'timeout', timeoutMs: this.timeoutMs, waitedMs: this.waitedMs };
  }
}

/** `maxPending` callers wait already. */
export class QueueFullError extends StatsError {
  readonly code = 'ERR_POOL_QUEUE_FULL' as const;
  override readonly name = 'QueueFullError';

  protected override describe(): string {
    return 'too many callers wait (maxPending)';
  }

  protected override get trouble(): Trouble {
    return { kind: 'queue-full' };
  }
}

/** More callers wait than can be served in time, and the option `overload` says to refuse them. */
export class OverloadedError extends StatsError {
  readonly code = 'ERR_POOL_OVERLOADED' as const;
  override readonly name = 'OverloadedError';

  protected override describe(): string {
    return 'more callers wait than can be served in time (overload)';
  }

  protected override get trouble(): Trouble {
    return { kind: 'overload' };
  }
}

/** The pool is closing or closed. */
export class PoolClosedError extends StatsError {
  readonly code = 'ERR_POOL_CLOSED' as const;
  override readonly name = 'PoolClosedError';

  protected override describe(): string {
    return 'the pool is closed';
  }

  protected override get trouble(): Trouble {
    return { kind: 'closed' };
  }
}

/** Connections cannot be opened, and waiting for it would not help; `cause` has the reason. */
export class CreateFailedError extends StatsError {
  readonly code = 'ERR_POOL_CREATE_FAILED' as const;
  override readonly name = 'CreateFailedError';

  protected override describe(): string {
    return 'connections cannot be opened';
  }

  protected override get trouble(): Trouble {
    return { kind: 'create-failed' };
  }
}

/** `min` connections were not ready within `readyTimeoutMs`. */
export class NotReadyError extends StatsError {
  readonly code = 'ERR_POOL_NOT_READY' as const;
  override readonly name = 'NotReadyError';
  readonly timeoutMs: number;

  constructor(timeoutMs: number, waitedMs: number, stats: PoolStats, cause: unknown) {
    super(waitedMs, stats, cause);
    this.timeoutMs = timeoutMs;
  }

  protected override get trouble(): Trouble {
    return { kind: 'not-ready' };
  }

  protected override describe(): string {
    return `fewer than ${this.stats.min} connections after ${this.timeoutMs} ms`;
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
