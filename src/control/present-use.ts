import { measured } from './numbers.js';
import type { Signals } from './signals.js';

/** How long evidence counts, in milliseconds. */
const MEMORY_MS = 100;
/** Standard deviations by which returns must fall short before uses are called longer. */
const DEVIATIONS = 2;
/** Returns that chance may leave out between two of them: `e^−3` is one time in twenty. */
const CHANCE_GAP = 3;
/** Evidence below this is none, in connection-milliseconds. */
const FORGOTTEN_MS = 0.001;

/** What came back while callers waited: sums that fade. */
export interface PresentUse {
  readonly isWaiting: boolean;
  /** Connection-milliseconds in use. */
  readonly busyMs: number;
  readonly completions: number;
  /** Connection-milliseconds in use since anything came back. */
  readonly silentMs: number;
}

/** Nobody waits. */
export const NO_PRESENT_USE: PresentUse = {
  isWaiting: false,
  busyMs: 0,
  completions: 0,
  silentMs: 0,
};

/**
 * Adds one interval.
 *
 * Only the time in which callers wait counts: before, uses were as long as usual, and that would hide for as long as it is
 * remembered that they have changed. A silence counts for no more than one use of everybody and what chance may leave
 * out, since it says that the server stalls, or this process, and not how long a use takes.
 *
 * @param useMs What uses take as a rule, in milliseconds, or null while that is unknown.
 */
export function observePresentUse(
  previous: PresentUse,
  signals: Signals,
  useMs: number | null,
): PresentUse {
  const isWaiting = signals.pending > 0;
  if (!isWaiting && previous.busyMs < FORGOTTEN_MS) return NO_PRESENT_USE;
  const keep = Math.exp(-measured(signals.intervalMs) / MEMORY_MS);
  const busyMs = previous.busyMs * keep;
  const completions = previous.completions * keep;
  const hasWaited = isWaiting && previous.isWaiting;
  if (!hasWaited || useMs === null) return { isWaiting, busyMs, completions, silentMs: 0 };

  const { inUse } = signals;
  const returns = measured(signals.completions);
  const silentMs = previous.silentMs + measured(signals.inUseMs);
  const most =
    (measured(inUse) + CHANCE_GAP * (returns + 1)) * presentUseMs(previous, inUse, useMs);
  const credited = Math.min(silentMs, most) - Math.min(previous.silentMs, most);
  return {
    isWaiting,
    busyMs: busyMs + credited,
    completions: completions + returns,
    silentMs: returns > 0 ? 0 : silentMs,
  };
}

/**
 * Use time at present in milliseconds, at least `useMs`. If uses took no longer than usual, `∫inUse dt / S` would have come
 * back, or one less per connection where all of them have just begun. When returns N fall short of that by two standard
 * deviations, the use time is `∫inUse dt / (N + √N + 1)`, which is what it takes less what chance may have added.
 */
export function presentUseMs(
  { busyMs, completions }: PresentUse,
  inUse: number,
  useMs: number,
): number {
  const expected = Math.max(0, busyMs / useMs - measured(inUse));
  if (completions + DEVIATIONS * Math.sqrt(expected) >= expected) return useMs;
  return Math.max(useMs, busyMs / (completions + Math.sqrt(completions) + 1));
}
