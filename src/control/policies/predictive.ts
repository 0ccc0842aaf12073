import { ask } from '../ask.js';
import type { Decision, Limit } from '../decision.js';
import { observeSeries, startOf, type OpenBucket } from '../demand-series.js';
import { numberFrom, type FieldRule } from '../fields.js';
import {
  forecastPeak,
  hasSeason,
  noForecast,
  observeForecast,
  type ForecastState,
  type ForecastWeights,
} from '../forecast.js';
import { UNKNOWN_CREATE_MS } from '../load.js';
import { clamp, instant, measured, wholeConnections } from '../numbers.js';
import type { Policy, PolicyConfig, ResolvedPolicy } from '../policy.js';
import type { Signals } from '../signals.js';
import { NO_USE, observeUse, useTimeMs, type UseTimeState } from '../use-time.js';
import { formatMs } from '../words.js';

/** Most buckets in a season: those of a day are five minutes long. */
const MOST_BUCKETS = 288;
/** Fewest buckets in a season. */
const FEWEST_BUCKETS = 4;
/** A bucket has at least as many ticks. */
const TICKS_PER_BUCKET = 10;
/** Buckets ahead that are looked at, at most. */
const FARTHEST = 288;
/** Buckets without any decision after which a straight line begins anew. */
const LONGEST_GAP = 1_000;
/** Below this many connections a forecast is none. */
const NEGLIGIBLE_DEMAND = 0.5;

/**
 * Options of the policy `predictive`: another policy, with a forecast of the demand as a floor under its target, so that
 * connections are open before the load comes. For load that repeats itself, or that rises slowly.
 */
export interface PredictiveOptions {
  /**
   * Time after which the load repeats itself, in milliseconds, 10,000 to 2,678,400,000 (31 days), such as 86,400,000 for a
   * day. It counts once two seasons were seen.
   * @default none: a straight line through the demand of late
   */
  readonly seasonMs?: number | undefined;
  /**
   * The policy that decides above the forecast.
   * @default 'adaptive'
   */
  readonly over?: unknown;
  /**
   * What the forecast is multiplied by, 1 to 10.
   * @default 1.15
   */
  readonly headroom?: number | undefined;
  /**
   * Weight of the newest bucket in the level, 0.001 to 1.
   * @default 0.3
   */
  readonly levelWeight?: number | undefined;
  /**
   * Weight of the newest rise in the slope, 0.001 to 1.
   * @default 0.1
   */
  readonly slopeWeight?: number | undefined;
  /**
   * Weight of the newest season in the season, 0.001 to 1.
   * @default 0.3
   */
  readonly seasonWeight?: number | undefined;
}

/** Resolved options of `predictive`. */
export interface PredictiveConfig extends PolicyConfig {
  readonly over: ResolvedPolicy;
  readonly headroom: number;
  readonly weights: ForecastWeights;
  /** Buckets in a season, 0 without one. */
  readonly seasonBuckets: number;
  readonly bucketMs: number;
}

/** What `predictive` remembers. */
export interface PredictiveState {
  /** What the policy below remembers. */
  readonly over: unknown;
  readonly use: UseTimeState;
  readonly bucket: OpenBucket | null;
  readonly forecast: ForecastState;
}

const someWeight = numberFrom(0.001, 1);

/** What the fields of {@link PredictiveOptions} must be; `over` is looked at by whoever knows all policies. */
export const predictiveRules: Readonly<Record<string, FieldRule>> = {
  seasonMs: numberFrom(10_000, 2_678_400_000),
  over: () => null,
  headroom: numberFrom(1, 10),
  levelWeight: someWeight,
  slopeWeight: someWeight,
  seasonWeight: someWeight,
};

/** {@link PredictiveOptions} with defaults. */
export function resolvePredictive(
  options: PredictiveOptions,
  over: ResolvedPolicy,
  base: PolicyConfig,
): PredictiveConfig {
  const { seasonMs } = options;
  const shortestMs = TICKS_PER_BUCKET * base.tickMs;
  const seasonBuckets =
    seasonMs === undefined
      ? 0
      : clamp(Math.floor(seasonMs / shortestMs), FEWEST_BUCKETS, MOST_BUCKETS);
  return {
    ...base,
    over,
    headroom: options.headroom ?? 1.15,
    weights: {
      level: options.levelWeight ?? 0.3,
      slope: options.slopeWeight ?? 0.1,
      season: options.seasonWeight ?? 0.3,
    },
    seasonBuckets,
    bucketMs: seasonMs === undefined ? shortestMs : seasonMs / seasonBuckets,
  };
}

/**
 * The policy below, told that `min` is what the forecast asks for: 1.15 times the highest demand expected until a connection
 * begun in one bucket's time would be ready.
 *
 * The demand of a bucket is what it would have taken to serve it: the offered load `λ·S` (Little's law) or, if that is more,
 * `D·S / (S + W)` for the most callers D there were at once, since a caller may wait for W, the wait objective.
 */
export const predictivePolicy: Policy<PredictiveState, PredictiveConfig> = {
  name: 'predictive',
  init: ({ over, seasonBuckets }) => ({
    over: over.policy.init(over.config),
    use: NO_USE,
    bucket: null,
    forecast: noForecast(seasonBuckets),
  }),
  decide(signals, previous, config): Decision<PredictiveState> {
    const seen = observe(signals, previous, config);
    const { over, bucketMs } = config;
    const { min, max } = signals;
    const horizonMs = bucketMs + createTimeMs(signals);
    const endsInMs = startOf(seen.bucket, bucketMs) + bucketMs - instant(signals.now);
    // The bucket that is not over counts, and every one that begins until then.
    const ahead = 1 + Math.ceil(Math.max(0, horizonMs - endsInMs) / bucketMs);
    const peak = forecastPeak(seen.forecast, Math.min(ahead, FARTHEST)) ?? 0;
    const need = peak < NEGLIGIBLE_DEMAND ? 0 : wholeConnections(config.headroom * peak);
    const floor = clamp(need, min, max);
    const below = ask(over, { ...signals, min: floor }, previous.over);
    return {
      ...below,
      ...(floor > min ? raised(below, floor, signals, horizonMs) : {}),
      candidates: { ...below.candidates, floor: min, forecast: need },
      state: { ...seen, over: below.state },
      wakeInMs: hasSeason(seen.forecast) ? sooner(below.wakeInMs, endsInMs) : below.wakeInMs,
    };
  },
};

interface Seen {
  readonly use: UseTimeState;
  readonly bucket: OpenBucket;
  readonly forecast: ForecastState;
}

/** The measurements of one interval added to the memory. */
function observe(signals: Signals, previous: PredictiveState, config: PredictiveConfig): Seen {
  const { bucketMs, seasonBuckets, waitObjectiveMs } = config;
  const use = observeUse(previous.use, signals);
  const useMs = useTimeMs(use, signals.inUse, signals.use);
  const demandOf = (arrivalsPerMs: number, peakDemand: number): number => {
    if (useMs === null) return peakDemand;
    const atOnce = (peakDemand * useMs) / (useMs + waitObjectiveMs);
    return measured(Math.max(arrivalsPerMs * useMs, atOnce));
  };
  const longestGap = seasonBuckets === 0 ? LONGEST_GAP : 2 * seasonBuckets;
  const shape = { bucketMs, longestGap };
  const { open, closed, hasRestarted } = observeSeries(previous.bucket, signals, shape, demandOf);
  const before = hasRestarted ? noForecast(seasonBuckets) : previous.forecast;
  return { use, bucket: open, forecast: observeForecast(before, closed, config.weights) };
}

function createTimeMs({ create }: Signals): number {
  return create.meanMs === null ? UNKNOWN_CREATE_MS : measured(create.meanMs);
}

/** What is different because the forecast stands under the policy's answer instead of `min`. */
function raised(
  below: Decision<unknown>,
  floor: number,
  signals: Signals,
  horizonMs: number,
): Partial<Decision<never>> {
  const isHeld = below.limitedBy.includes('min') || below.target < floor;
  const others = below.limitedBy.filter((limit) => limit !== 'min');
  const limitedBy: readonly Limit[] = isHeld ? [...others, 'forecast'] : below.limitedBy;
  const target = Math.max(below.target, floor);
  const decides = target === floor && target >= signals.target;
  if (!decides || (!isHeld && below.reason !== 'floor')) return { target, limitedBy };
  const note = `within ${formatMs(horizonMs)}`;
  return { target, reason: 'forecast', note, limitedBy: others };
}

/** The earlier of the two; a quiet pool must look again, since the season goes on without any caller. */
function sooner(wakeInMs: number | null, endsInMs: number): number {
  const untilMs = Math.max(1, endsInMs);
  return wakeInMs === null ? untilMs : Math.min(wakeInMs, untilMs);
}
