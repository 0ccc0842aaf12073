import { ask } from '../ask.js';
import {
  moveLimit,
  type ConcurrencyLimit,
  type LimitAlgorithm,
  type LimitRule,
} from '../concurrency-limit.js';
import type { Decision } from '../decision.js';
import { integerFrom, numberFrom, oneOf, type FieldRule } from '../fields.js';
import { clamp, measured } from '../numbers.js';
import type { Policy, PolicyConfig, ResolvedPolicy } from '../policy.js';
import type { Signals } from '../signals.js';
import { NO_WINDOW, observeWindow, type UseWindow } from '../use-window.js';

/**
 * Options of the policy `gradient`: another policy decides how many connections there are, and one of the limits of Netflix'
 * concurrency-limits how many of them may be in use at once. Defaults are that library's.
 */
export interface GradientOptions {
  /**
   * How the limit moves: `gradient2`, `vegas` or `aimd`.
   * @default 'gradient2'
   */
  readonly limit?: LimitAlgorithm | undefined;
  /**
   * The policy that decides the target.
   * @default 'adaptive'
   */
  readonly over?: unknown;
  /**
   * Time between two moves of the limit, in milliseconds, 1 to 3,600,000; longer where it saw fewer than ten uses.
   * @default 1_000
   */
  readonly windowMs?: number | undefined;
  /**
   * The limit at first, an integer from 1 to 100,000, held within the two below.
   * @default 20
   */
  readonly initialPermits?: number | undefined;
  /**
   * The lowest limit, an integer from 1 to 100,000.
   * @default 20, 1 for `vegas`
   */
  readonly minPermits?: number | undefined;
  /**
   * The highest limit, an integer from 1 to 100,000; `minPermits` wins where it is higher.
   * @default 200, 1_000 for `vegas`
   */
  readonly maxPermits?: number | undefined;
  /**
   * Part of the way to its new value that the limit goes at once, 0.01 to 1; for `gradient2` and `vegas`.
   * @default 0.2, 1 for `vegas`
   */
  readonly smoothing?: number | undefined;
  /**
   * Ratio of present to long-term use time that is no sign of a queue yet, 1 to 100; for `gradient2`.
   * @default 1.5
   */
  readonly tolerance?: number | undefined;
  /**
   * Callers who may queue in the backend, an integer from 0 to 100,000; for `gradient2`.
   * @default 4
   */
  readonly queueSize?: number | undefined;
  /**
   * What the limit is multiplied by after a failure, 0.5 to 0.999; for `aimd`.
   * @default 0.9
   */
  readonly backoffRatio?: number | undefined;
  /**
   * Mean use time that counts as a failure, in milliseconds, 1 to 3,600,000; for `aimd`.
   * @default 5_000
   */
  readonly slowUseMs?: number | undefined;
}

/** Resolved options of `gradient`. */
export interface GradientConfig extends PolicyConfig, LimitRule {
  readonly over: ResolvedPolicy;
  readonly windowMs: number;
  readonly initialPermits: number;
}

/** What `gradient` remembers. */
export interface GradientState {
  /** What the policy below remembers. */
  readonly over: unknown;
  readonly window: UseWindow;
  readonly limit: ConcurrencyLimit;
}

const somePermits = integerFrom(1, 100_000);

/** What the fields of {@link GradientOptions} must be; `over` is looked at by whoever knows all policies. */
export const gradientRules: Readonly<Record<string, FieldRule>> = {
  limit: oneOf('gradient2', 'vegas', 'aimd'),
  over: () => null,
  windowMs: numberFrom(1, 3_600_000),
  initialPermits: somePermits,
  minPermits: somePermits,
  maxPermits: somePermits,
  smoothing: numberFrom(0.01, 1),
  tolerance: numberFrom(1, 100),
  queueSize: integerFrom(0, 100_000),
  backoffRatio: numberFrom(0.5, 0.999),
  slowUseMs: numberFrom(1, 3_600_000),
};

/** {@link GradientOptions} with defaults. */
export function resolveGradient(
  options: GradientOptions,
  over: ResolvedPolicy,
  base: PolicyConfig,
): GradientConfig {
  const { limit = 'gradient2' } = options;
  const isVegas = limit === 'vegas';
  const minPermits = options.minPermits ?? (isVegas ? 1 : 20);
  const maxPermits = Math.max(minPermits, options.maxPermits ?? (isVegas ? 1_000 : 200));
  return {
    ...base,
    over,
    limit,
    windowMs: options.windowMs ?? 1_000,
    initialPermits: clamp(options.initialPermits ?? 20, minPermits, maxPermits),
    minPermits,
    maxPermits,
    smoothing: options.smoothing ?? (isVegas ? 1 : 0.2),
    tolerance: options.tolerance ?? 1.5,
    queueSize: options.queueSize ?? 4,
    backoffRatio: options.backoffRatio ?? 0.9,
    slowUseMs: options.slowUseMs ?? 5_000,
  };
}

/**
 * The target of the policy below, and a limit on leases that follows the use time: when uses take longer than they used to,
 * callers queue in the backend and fewer at a time are better (Netflix' concurrency-limits). The limit closes nothing, but
 * no connection is opened that it would leave unused.
 */
export const gradientPolicy: Policy<GradientState, GradientConfig> = {
  name: 'gradient',
  init: ({ over, initialPermits }) => ({
    over: over.policy.init(over.config),
    window: NO_WINDOW,
    limit: { permits: initialPermits, baseMs: null, windows: 0 },
  }),
  decide(signals, previous, config): Decision<GradientState> {
    const { over } = config;
    const { window, sample } = observeWindow(previous.window, signals, config.windowMs);
    const limit = sample === null ? previous.limit : moveLimit(previous.limit, sample, config);
    const below = ask(over, signals, previous.over);
    const state: GradientState = { over: below.state, window, limit };
    const permits = Math.floor(limit.permits);
    const candidates = { ...below.candidates, permits };
    if (permits >= signals.max) return { ...below, candidates, state };
    const target = usable(below.target, permits, signals);
    return {
      ...below,
      target,
      permits: Math.min(permits, below.permits ?? permits),
      limitedBy: target < below.target ? [...below.limitedBy, 'permits'] : below.limitedBy,
      candidates,
      state,
    };
  },
};

/** The target without connections that are not there yet and could not be used. */
function usable(target: number, permits: number, { target: before, min }: Signals): number {
  return Math.min(target, Math.max(permits, measured(before), min));
}
