import { findProblems, numberFrom, oneOf, type FieldRule } from './control/fields.js';
import type { Rank } from './engine/request.js';
import { InvalidOptionsError } from './errors.js';
import type { ResolvedOptions } from './options.js';

/** How one caller waits. All of it concerns the acquire only, not what is done with the lease. */
export interface AcquireOptions {
  /** Gives up waiting when it is aborted; the promise rejects with `signal.reason`. `null` is none. */
  readonly signal?: AbortSignal | null | undefined;
  /** Instead of the pool's `acquireTimeoutMs`, in milliseconds; `Infinity` waits for ever, `0` does not wait. */
  readonly timeoutMs?: number | undefined;
  /**
   * Who is served first: `high` before `normal` before `low`, unless the other has waited a second longer for each step,
   * so that nobody waits for ever.
   * @default 'normal'
   */
  readonly priority?: Priority | undefined;
}

/** Whom to serve first. */
export type Priority = 'high' | 'normal' | 'low';

const RANKS: Readonly<Record<Priority, Rank>> = { high: 1, normal: 0, low: -1 };

/** By what it can do, not by its class: a signal of another realm is as good. */
function isSignal(value: unknown): boolean {
  const signal = value as Partial<AbortSignal>;
  return typeof signal.aborted === 'boolean' && typeof signal.addEventListener === 'function';
}

const RULES = {
  signal: (value) =>
    value === null || isSignal(value)
      ? null
      : 'an AbortSignal, such as the `signal` of a controller',
  timeoutMs: numberFrom(0, Number.POSITIVE_INFINITY),
  priority: oneOf(...Object.keys(RANKS)),
} as const satisfies Record<keyof AcquireOptions, FieldRule>;

/** Every problem of `options` in which fields with rules of their own may stand, too. */
export function problemsOfAcquire(
  options: unknown,
  others: Readonly<Record<string, FieldRule>>,
): readonly string[] {
  return findProblems(options, { ...RULES, ...others });
}

/** How long a caller waits, and for what. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly rank: Rank;
}

/** How a caller waits who says nothing else. */
export function patienceOf({ acquireTimeoutMs }: ResolvedOptions): Patience {
  return { timeoutMs: acquireTimeoutMs, signal: undefined, rank: 0 };
}

/** How a caller with `options` waits, or what is wrong with them; what they do not say is as in `usual`. */
export function patienceFor(
  options: AcquireOptions,
  usual: Patience,
): Patience | InvalidOptionsError {
  const problems = findProblems(options, RULES);
  if (problems.length > 0) return new InvalidOptionsError('options', problems);
  const { signal, timeoutMs = usual.timeoutMs, priority = 'normal' } = options;
  return { timeoutMs, signal: signal ?? undefined, rank: RANKS[priority] };
}
