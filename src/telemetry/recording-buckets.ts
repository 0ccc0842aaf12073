/** Buckets per doubling: at most 1/64 wide. */
const PER_OCTAVE = 64;
/** Below this many microseconds every one has a bucket of its own. */
const EXACT_US = 2 * PER_OCTAVE;

/** Number of the last bucket, of durations of 285 years. */
export const LAST_BUCKET: number = EXACT_US + 46 * PER_OCTAVE - 1;

/** The bucket of a duration: 0 for none, then the longer the higher. */
export function bucketOf(ms: number): number {
  const us = Math.min(Math.max(0, Math.round(ms * 1_000)), Number.MAX_SAFE_INTEGER);
  if (us < EXACT_US) return us;
  const octave = Math.floor(Math.log2(us)) - 6;
  return EXACT_US + (octave - 1) * PER_OCTAVE + Math.floor(us / 2 ** octave) - PER_OCTAVE;
}

/** The middle of a bucket in microseconds. */
export function middleOf(bucket: number): number {
  if (bucket < EXACT_US) return bucket;
  const octave = Math.floor((bucket - EXACT_US) / PER_OCTAVE) + 1;
  return (((bucket - EXACT_US) % PER_OCTAVE) + PER_OCTAVE + 0.5) * 2 ** octave;
}
