/** Buckets after which a straight line through them means something. */
const FEWEST_BUCKETS = 10;
/** Seasons after which a season means something. */
const FEWEST_SEASONS = 2;

/** Weights of the newest bucket, each above 0 and up to 1. */
export interface ForecastWeights {
  readonly level: number;
  readonly slope: number;
  readonly season: number;
}

/** What is remembered of the demand so far. */
export interface ForecastState {
  /** Buckets seen; those of the first two seasons at least. */
  readonly count: number;
  /** Demand now, in connections, without the season. */
  readonly level: number;
  /** Rise per bucket. */
  readonly slope: number;
  /** What each bucket of the season adds to the level; the sum of two seasons until those are over. Empty without a season. */
  readonly season: readonly number[];
  /** Sums of all buckets of the first and the second season. */
  readonly sums: readonly [number, number];
}

/** Nothing was seen yet; a season has as many buckets as are given here, none for a straight line. */
export function noForecast(seasonBuckets: number): ForecastState {
  const season = Array.from({ length: seasonBuckets }, () => 0);
  return { count: 0, level: 0, slope: 0, season, sums: [0, 0] };
}

/**
 * Adds the demand of buckets, oldest first.
 *
 * Level, slope and season of Holt and Winters, additive (Holt, "Forecasting seasonals and trends by exponentially weighted
 * moving averages", 1957; Winters, "Forecasting sales by exponentially weighted moving averages", 1960). The first two
 * seasons give the season its initial values: the mean of both, without the rise from one to the other. Until then level
 * and slope alone follow the demand, as without any season.
 */
export function observeForecast(
  state: ForecastState,
  values: readonly number[],
  weights: ForecastWeights,
): ForecastState {
  if (values.length === 0) return state;
  let { count, level, slope } = state;
  const sums: [number, number] = [...state.sums];
  const season = [...state.season];
  const buckets = season.length;
  const learning = FEWEST_SEASONS * buckets;
  for (const value of values) {
    const phase = buckets === 0 ? 0 : count % buckets;
    const isSeasonal = buckets > 0 && count >= learning;
    const usual = isSeasonal ? (season[phase] as number) : 0;
    const expected = count === 0 ? value : level + slope;
    const before = level;
    level = expected + weights.level * (value - usual - expected);
    if (count > 0) slope += weights.slope * (level - before - slope);
    if (isSeasonal) season[phase] = usual + weights.season * (value - expected - usual);
    else if (buckets > 0) {
      season[phase] = (season[phase] as number) + value;
      sums[count < buckets ? 0 : 1] += value;
    }
    count += 1;
    if (buckets > 0 && count === learning) ({ level, slope } = initialSeason(season, sums));
    // Whole seasons may go, so that the count stays small and keeps its phase.
    else if (count > 2 * learning + FEWEST_BUCKETS) count -= Math.max(learning, 1);
  }
  return { count, level, slope, season, sums };
}

/** Turns the sums of two seasons into what each bucket adds to the level, in place. */
function initialSeason(
  season: number[],
  [first, second]: readonly [number, number],
): { readonly level: number; readonly slope: number } {
  const buckets = season.length;
  const mean = (first + second) / (2 * buckets);
  const slope = (second - first) / buckets ** 2;
  const middle = (buckets - 1) / 2;
  for (const [phase, sum] of season.entries()) {
    season[phase] = sum / 2 - mean - slope * (phase - middle);
  }
  return { level: second / buckets + slope * middle, slope };
}

/** Whether the season counts. */
export function hasSeason({ count, season }: ForecastState): boolean {
  return season.length > 0 && count >= FEWEST_SEASONS * season.length;
}

/**
 * The highest demand expected in the next `ahead` buckets, in connections, or null while too little was seen: ten buckets for
 * a straight line, two seasons for a season.
 */
export function forecastPeak(state: ForecastState, ahead: number): number | null {
  const { count, level, slope, season } = state;
  if (count < FEWEST_BUCKETS) return null;
  const isSeasonal = hasSeason(state);
  let peak = 0;
  for (let step = 1; step <= ahead; step += 1) {
    const usual = isSeasonal ? (season[(count + step - 1) % season.length] as number) : 0;
    peak = Math.max(peak, level + step * slope + usual);
  }
  return peak;
}
