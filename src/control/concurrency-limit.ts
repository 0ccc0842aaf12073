import { clamp } from './numbers.js';
import type { UseSample } from './use-window.js';

/** The algorithms of Netflix' concurrency-limits. */
export type LimitAlgorithm = 'gradient2' | 'vegas' | 'aimd';

/** What a concurrency limit remembers. */
export interface ConcurrencyLimit {
  /** Most connections in use at once; not rounded, so that small steps add up. */
  readonly permits: number;
  /** `gradient2`: long-term mean use time. `vegas`: the shortest use time. In milliseconds, or null before the first window. */
  readonly baseMs: number | null;
  /** `gradient2`: windows in that mean, up to those of the warm-up. `vegas`: windows since the shortest was measured anew. */
  readonly windows: number;
}

/** How a concurrency limit moves. */
export interface LimitRule {
  readonly limit: LimitAlgorithm;
  readonly minPermits: number;
  readonly maxPermits: number;
  readonly smoothing: number;
  readonly tolerance: number;
  readonly queueSize: number;
  readonly backoffRatio: number;
  readonly slowUseMs: number;
}

/** Windows in the long-term mean of `gradient2`. */
const LONG_WINDOWS = 600;
/** Windows of which `gradient2` takes the plain mean. */
const WARM_UP_WINDOWS = 10;
/** Long-term over present use time above which the former is out of date, and what it is then multiplied by. */
const OUT_OF_DATE = { ratio: 2, factor: 0.95 } as const;
/** Most that `gradient2` takes away at once, before smoothing. */
const STEEPEST = 0.5;
/** `vegas` measures the shortest use time anew every 30·limit windows, times a jitter of 0.5 to 1 of which this is the mean. */
const WINDOWS_PER_PERMIT = 0.75 * 30;

/** The limit after one more window. */
export function moveLimit(
  state: ConcurrencyLimit,
  sample: UseSample,
  rule: LimitRule,
): ConcurrencyLimit {
  switch (rule.limit) {
    case 'gradient2':
      return gradient2(state, sample, rule);
    case 'vegas':
      return vegas(state, sample, rule);
    default:
      return aimd(state, sample, rule);
  }
}

/** A limit of which less than half is used says nothing about what the backend can take. */
function isHardlyUsed({ permits }: ConcurrencyLimit, { peakInUse }: UseSample): boolean {
  return peakInUse < permits / 2;
}

/**
 * `L ← 0.8·L + 0.2·(L·g + 4)` with `g = clamp(1.5 · long-term mean / mean, 0.5, 1)` (`Gradient2Limit.java`). It grows by at
 * most 0.8 per window and does not look at failures.
 */
function gradient2(state: ConcurrencyLimit, sample: UseSample, rule: LimitRule): ConcurrencyLimit {
  const { permits } = state;
  const { useMs } = sample;
  const windows = Math.min(state.windows + 1, WARM_UP_WINDOWS);
  const isWarmingUp = state.windows < WARM_UP_WINDOWS;
  const weight = isWarmingUp ? 1 / windows : 2 / (LONG_WINDOWS + 1);
  const before = state.baseMs ?? useMs;
  const mean = before + weight * (useMs - before);
  const baseMs = mean / useMs > OUT_OF_DATE.ratio ? mean * OUT_OF_DATE.factor : mean;
  if (isHardlyUsed(state, sample)) return { permits, baseMs, windows };
  const gradient = clamp((rule.tolerance * baseMs) / useMs, STEEPEST, 1);
  const next = permits * gradient + rule.queueSize;
  const smoothed = permits + rule.smoothing * (next - permits);
  return { permits: clamp(smoothed, rule.minPermits, rule.maxPermits), baseMs, windows };
}

/**
 * The queue in the backend is `L·(1 − shortest / mean)` callers long, and L moves so that it stays between 3 and 6 times
 * `log10 L` (`VegasLimit.java`, after TCP Vegas). Every 22.5·L windows the present mean becomes the shortest, for the
 * backend may have changed for good.
 */
function vegas(state: ConcurrencyLimit, sample: UseSample, rule: LimitRule): ConcurrencyLimit {
  const { permits, baseMs } = state;
  const { useMs, hasFailed } = sample;
  const windows = state.windows + 1;
  if (windows >= WINDOWS_PER_PERMIT * permits) return { permits, baseMs: useMs, windows: 0 };
  if (baseMs === null || useMs < baseMs) return { permits, baseMs: useMs, windows };
  const queue = Math.ceil(permits * (1 - baseMs / useMs));
  const step = Math.max(1, Math.floor(Math.log10(permits)));
  let next = permits;
  if (hasFailed) next -= step;
  else if (isHardlyUsed(state, sample)) return { permits, baseMs, windows };
  else if (queue <= step) next += 6 * step;
  else if (queue < 3 * step) next += step;
  else if (queue > 6 * step) next -= step;
  const held = clamp(next, rule.minPermits, rule.maxPermits);
  return { permits: permits + rule.smoothing * (held - permits), baseMs, windows };
}

/** One more per window, nine tenths after a failure or a mean above 5 s (`AIMDLimit.java`, after TCP). */
function aimd(state: ConcurrencyLimit, sample: UseSample, rule: LimitRule): ConcurrencyLimit {
  const { permits } = state;
  let next = permits;
  if (sample.hasFailed || sample.useMs > rule.slowUseMs) {
    next = Math.floor(permits * rule.backoffRatio);
  } else if (!isHardlyUsed(state, sample)) next += 1;
  return { ...state, permits: clamp(next, rule.minPermits, rule.maxPermits) };
}
