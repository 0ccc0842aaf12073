import type { RefusalReason } from './engine/ports.js';
import {
  AcquireTimeoutError,
  CreateFailedError,
  NotReadyError,
  OverloadedError,
  PoolClosedError,
  QueueFullError,
  withoutStack,
} from './errors.js';
import type { Clock } from './runtime/clock.js';
import type { PoolStats } from './stats.js';

/** One snapshot of the statistics serves all errors that arise within this time, in milliseconds. */
const SNAPSHOT_MS = 1;

/** Makes the errors of callers who get nothing; thousands may be due in one sweep. */
export class Rejections {
  readonly #clock: Clock;
  readonly #readStats: () => PoolStats;
  #snapshot: PoolStats | null = null;
  #snapshotAt: number = Number.NEGATIVE_INFINITY;
  /** Why connections do not open at present; undefined when the last create succeeded. */
  lastCreateError: unknown = undefined;

  constructor(clock: Clock, readStats: () => PoolStats) {
    this.#clock = clock;
    this.#readStats = readStats;
  }

  /** Why `acquire` failed. */
  ofAcquire(why: RefusalReason, timeoutMs: number, waitedMs: number): Error {
    const stats = this.#stats();
    const cause = this.lastCreateError;
    return withoutStack(() => {
      if (why === 'closed') return new PoolClosedError(waitedMs, stats, cause);
      if (why === 'queue-full') return new QueueFullError(waitedMs, stats, cause);
      if (why === 'overload') return new OverloadedError(waitedMs, stats, cause);
      if (why === 'unavailable') return new CreateFailedError(waitedMs, stats, cause);
      return new AcquireTimeoutError(timeoutMs, waitedMs, stats, cause);
    });
  }

  readonly closed = (waitedMs: number): Error =>
    withoutStack(() => new PoolClosedError(waitedMs, this.#stats(), this.lastCreateError));

  readonly createFailed = (waitedMs: number): Error =>
    withoutStack(() => new CreateFailedError(waitedMs, this.#stats(), this.lastCreateError));

  notReady(timeoutMs: number, waitedMs: number): Error {
    const cause = this.lastCreateError;
    return withoutStack(() => new NotReadyError(timeoutMs, waitedMs, this.#stats(), cause));
  }

  #stats(): PoolStats {
    const now = this.#clock.now();
    if (this.#snapshot === null || now - this.#snapshotAt > SNAPSHOT_MS) {
      this.#snapshot = this.#readStats();
      this.#snapshotAt = now;
    }
    return this.#snapshot;
  }
}
