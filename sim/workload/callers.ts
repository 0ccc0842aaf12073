import { exponential, sampler } from '../kernel/distributions.js';
import type { RandomStream } from '../kernel/random.js';
import type { ClosedWorkload } from './workload.js';

/** How callers who were rejected or timed out come back. */
export interface Retries {
  /** Most times that a caller comes back, an integer from 1. */
  readonly attempts: number;
  /** Mean pause before the first return, in milliseconds. */
  readonly backoffMs: number;
  /** Each further pause is this many times as long, 1 or more. */
  readonly factor: number;
  /** Longest mean pause, in milliseconds. */
  readonly maxBackoffMs: number;
}

/** Someone who may come again: with the same work after a rejection, with new work as a user of a closed workload. */
export interface Caller {
  workMs: number;
  /** Times that it came back with this work. */
  returns: number;
  readonly isUser: boolean;
}

/** Says when callers come again. */
export class Callers {
  readonly #retries: Retries | null;
  readonly #backoff: RandomStream;
  readonly #think: (() => number) | null;
  readonly #horizonMs: number;

  /** @param horizonMs Users who would come later stay away; those who retry do come. */
  constructor(
    retries: Retries | null,
    closed: ClosedWorkload | null,
    streamOf: (name: string) => RandomStream,
    horizonMs: number,
  ) {
    this.#retries = retries;
    this.#backoff = streamOf('backoff');
    this.#think = closed === null ? null : sampler(closed.thinkMs, streamOf('think'));
    this.#horizonMs = horizonMs;
  }

  /** When a user who has been served or has given up comes again; Infinity = never. */
  afterThinking(caller: Caller, now: number): number {
    if (!caller.isUser || this.#think === null) return Number.POSITIVE_INFINITY;
    const at = now + this.#think();
    return at < this.#horizonMs ? at : Number.POSITIVE_INFINITY;
  }

  /** When a caller without success comes back with the same work; Infinity when it gives up. */
  afterFailure(caller: Caller, now: number): number {
    const retries = this.#retries;
    if (retries === null || caller.returns >= retries.attempts) return Number.POSITIVE_INFINITY;
    const { backoffMs, factor, maxBackoffMs } = retries;
    const meanMs = Math.min(backoffMs * factor ** caller.returns, maxBackoffMs);
    // Exponential, so that those who failed together do not come back together.
    return now + meanMs * exponential(this.#backoff);
  }
}
