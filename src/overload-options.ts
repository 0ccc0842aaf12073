import { findProblems, numberFrom, trueOrFalse, type FieldRule } from './control/fields.js';
import { PLAIN, type OverloadConfig } from './engine/config.js';

/**
 * What to do with callers while more of them wait than can be served. All of it is off unless asked for: first come,
 * first served, until the acquire timeout.
 */
export interface OverloadOptions {
  /**
   * Refuse a caller at once, with `OverloadedError`, whose wait by the present pace of the queue would be longer than
   * its timeout.
   * @default false
   */
  readonly rejectLate?: boolean | undefined;
  /**
   * Longest wait, in milliseconds, of callers who come while a queue stands; then they get `OverloadedError`. Controlled
   * delay (CoDel, Nichols and Jacobson 2012) as used for queues of requests: a queue that never runs empty only adds
   * delay.
   * @default Infinity
   */
  readonly codelTargetMs?: number | undefined;
  /** A queue stands once it did not run empty for this long, in milliseconds. @default 100 */
  readonly codelIntervalMs?: number | undefined;
  /** Serve the newest caller first while a queue stands: the oldest are likely to have given up. @default false */
  readonly newestFirst?: boolean | undefined;
}

const RULES = {
  rejectLate: trueOrFalse,
  codelTargetMs: numberFrom(0, Number.POSITIVE_INFINITY),
  codelIntervalMs: numberFrom(0, Number.POSITIVE_INFINITY),
  newestFirst: trueOrFalse,
} as const satisfies Record<keyof OverloadOptions, FieldRule>;

/** What is wrong with the option `overload`. */
export function findOverloadProblems(overload: unknown): string[] {
  return findProblems(overload, RULES, [], 'overload');
}

/** Fills in what is in force, or the defaults. */
export function resolveOverload(
  given: OverloadOptions | undefined,
  base: OverloadConfig = PLAIN.overload,
): OverloadConfig {
  return Object.freeze({
    rejectLate: given?.rejectLate ?? base.rejectLate,
    codelTargetMs: given?.codelTargetMs ?? base.codelTargetMs,
    codelIntervalMs: given?.codelIntervalMs ?? base.codelIntervalMs,
    newestFirst: given?.newestFirst ?? base.newestFirst,
  });
}
