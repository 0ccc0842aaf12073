/** A size that was once recommended. */
export interface Recommendation {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly size: number;
}

/** Most recommendations that a window remembers. */
const PER_WINDOW = 60;

/**
 * Adds a recommendation and forgets those older than `windowMs`. Only what can still be the largest is kept: sizes fall from
 * the first to the last.
 */
export function recommend(
  earlier: readonly Recommendation[],
  latest: Recommendation,
  windowMs: number,
): readonly Recommendation[] {
  const { at, size } = latest;
  const kept = earlier.filter((one) => one.at <= at && one.at >= at - windowMs && one.size > size);
  const last = kept.at(-1);
  // What comes right after a larger size is left out: the list stays short, and the window is a sixtieth shorter at most.
  if (last !== undefined && at - last.at < windowMs / PER_WINDOW) return kept;
  return [...kept, latest];
}

/** The largest size recommended within the window; 0 without any. */
export function largest(recommendations: readonly Recommendation[]): number {
  return recommendations[0]?.size ?? 0;
}
