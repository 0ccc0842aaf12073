import { findProblems, integerFrom, numberFrom, type FieldRule } from './control/fields.js';
import type { Hint } from './control/signals.js';
import { InvalidOptionsError } from './errors.js';

/** Load that is known to come: how much, when, for how long. */
export interface ExpectedLoad {
  /** Callers at the same time, those of today included: an integer from 1 to 1,000,000. This or `ratePerSecond`. */
  readonly concurrency?: number | undefined;
  /** Callers per second in all, from 0.001 to 10,000,000; counts once a use time is known. This or `concurrency`. */
  readonly ratePerSecond?: number | undefined;
  /** When it begins, in milliseconds from now, 0 to a year. @default 0 */
  readonly inMs?: number | undefined;
  /** When it begins, as a `Date` or epoch milliseconds; instead of `inMs`. A moment that has passed is no error. */
  readonly at?: Date | number | undefined;
  /** How long it lasts, in milliseconds, 1 to a year. */
  readonly forMs: number;
}

/** An announcement, for taking it back. */
export interface Expectation {
  /** Takes it back. Without effect when it was taken back, is over, or the pool is closed. */
  cancel(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

const YEAR_MS = 365 * 86_400_000;

const RULES: Readonly<Record<keyof ExpectedLoad, FieldRule>> = {
  concurrency: integerFrom(1, 1_000_000),
  ratePerSecond: numberFrom(0.001, 10_000_000),
  inMs: numberFrom(0, YEAR_MS),
  at: (value) =>
    Number.isFinite(value instanceof Date ? value.getTime() : value)
      ? null
      : 'a valid Date or epoch milliseconds',
  forMs: numberFrom(1, YEAR_MS),
};

/**
 * The announced load by the pool's clock.
 *
 * @throws {@link InvalidOptionsError} that lists every problem
 */
export function hintOf(load: ExpectedLoad, now: number, epochAtZero: number): Hint {
  const problems = findProblems(load, RULES, ['forMs']);
  // Not even an object: there is nothing to compare.
  const { concurrency, ratePerSecond, inMs, at, forMs } = load ?? {};
  if (typeof load === 'object' && load !== null) {
    if ((concurrency === undefined) === (ratePerSecond === undefined)) {
      const got = concurrency === undefined ? 'neither' : 'both';
      problems.push(`concurrency or ratePerSecond is required, and not both; got ${got}`);
    }
    if (inMs !== undefined && at !== undefined) problems.push('inMs and at exclude each other');
  }
  if (problems.length > 0) throw new InvalidOptionsError('expected load', problems);
  const from = at === undefined ? now + (inMs ?? 0) : Number(at) - epochAtZero;
  return {
    from,
    until: from + forMs,
    concurrency: concurrency ?? null,
    ratePerSecond: ratePerSecond ?? null,
  };
}
