import { hideSecrets } from './clean-error.js';
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
  | 'ERR_POOL_STATE_REFUSED';

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

/** A lease was used, released or destroyed after it had been given back. */
export class LeaseReleasedError extends PoolError {
  readonly code = 'ERR_POOL_LEASE_RELEASED' as const;
  override readonly name = 'LeaseReleasedError';

  constructor(pool: string) {
    super(`${pool}: this lease was already released`);
  }
}

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

/** What the errors below share: the numbers of the pool at that moment, and the last create failure as `cause`. */
abstract class StatsError extends PoolError {
  /** The pool when the error arose. Errors of one sweep share one snapshot. */
  readonly stats: PoolStats;

  constructor(stats: PoolStats, cause: unknown) {
    super(undefined, cause === undefined ? undefined : { cause });
    this.stats = stats;
  }

  protected abstract describe(): string;

  /** Built when it is read: many thousand of these may arise at once. */
  override get message(): string {
    const { name, size, max, inUse, creating, pending } = this.stats;
    const cause =
      this.cause instanceof Error ? `; last create failed: ${hideSecrets(this.cause.message)}` : '';
    return `${name}: ${this.describe()} (size ${size}/${max}, in use ${inUse}, creating ${creating}, pending ${pending}${cause})`;
  }
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

  constructor(timeoutMs: number, stats: PoolStats, cause: unknown) {
    super(stats, cause);
    this.timeoutMs = timeoutMs;
  }

  protected override describe(): string {
    return `no connection within ${this.timeoutMs} ms`;
  }
}

/** `maxPending` callers wait already. */
export class QueueFullError extends StatsError {
  readonly code = 'ERR_POOL_QUEUE_FULL' as const;
  override readonly name = 'QueueFullError';

  protected override describe(): string {
    return 'too many callers wait (maxPending)';
  }
}

/** More callers wait than can be served in time, and the option `overload` says to refuse them. */
export class OverloadedError extends StatsError {
  readonly code = 'ERR_POOL_OVERLOADED' as const;
  override readonly name = 'OverloadedError';

  protected override describe(): string {
    return 'more callers wait than can be served in time (overload)';
  }
}

/** The pool is closing or closed. */
export class PoolClosedError extends StatsError {
  readonly code = 'ERR_POOL_CLOSED' as const;
  override readonly name = 'PoolClosedError';

  protected override describe(): string {
    return 'the pool is closed';
  }
}

/** Connections cannot be opened, and waiting for it would not help; `cause` has the reason. */
export class CreateFailedError extends StatsError {
  readonly code = 'ERR_POOL_CREATE_FAILED' as const;
  override readonly name = 'CreateFailedError';

  protected override describe(): string {
    return 'connections cannot be opened';
  }
}

/** `min` connections were not ready within `readyTimeoutMs`. */
export class NotReadyError extends StatsError {
  readonly code = 'ERR_POOL_NOT_READY' as const;
  override readonly name = 'NotReadyError';
  readonly timeoutMs: number;

  constructor(timeoutMs: number, stats: PoolStats, cause: unknown) {
    super(stats, cause);
    this.timeoutMs = timeoutMs;
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
  | StateRefusedError;
