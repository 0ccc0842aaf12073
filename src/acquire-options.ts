import { findProblems, numberFrom, objectWith, oneOf, type FieldRule } from './control/fields.js';

/** How one caller waits. Both bound the acquire only, not what is done with the lease. */
export interface AcquireOptions {
  /** Gives up waiting when it is aborted; the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
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

/** Of each field on its own. */
export const ACQUIRE_RULES: Readonly<Record<keyof AcquireOptions, FieldRule>> = {
  signal: objectWith('addEventListener', 'removeEventListener'),
  timeoutMs: numberFrom(0, Number.POSITIVE_INFINITY),
  priority: oneOf('high', 'normal', 'low'),
};

/** Every problem of {@link AcquireOptions}, where fields with rules of their own may stand, too. */
export function problemsOfAcquire(
  given: unknown,
  others: Readonly<Record<string, FieldRule>> = {},
): string[] {
  return findProblems(given, { ...ACQUIRE_RULES, ...others });
}
