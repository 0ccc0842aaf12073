import {
  addSamples,
  elasticity,
  NO_SAMPLE,
  sumSamples,
  usesAtOnce,
  type Sample,
} from './throughput.js';
import { WORTHWHILE } from './knee-search.js';

/** Completions below which the next tick belongs to the same stretch, and how many stretches are remembered. */
const STRETCH_COMPLETIONS = 70;
const MOST_STRETCHES = 12;
/** Stretches, and completions, that make a measurement. */
const FEW_STRETCHES = 3;
const ENOUGH_COMPLETIONS = 200;
/** Growth during saturation that is large enough to see what it brought. */
const VISIBLE_GROWTH = 1.3;

/** Adds a tick to the saturated time before it. */
export function extendStretches(stretches: readonly Sample[], tick: Sample): readonly Sample[] {
  const last = stretches.at(-1);
  if (last === undefined || last.completions >= STRETCH_COMPLETIONS) {
    return [...stretches, tick].slice(-MOST_STRETCHES);
  }
  return [...stretches.slice(0, -1), addSamples(last, tick)];
}

/** The last stretches as one measurement: as many as saw no create, and as it needs; null if that is too little. */
export function lastStretches(stretches: readonly Sample[], settledMs: number): Sample | null {
  let sum = NO_SAMPLE;
  let count = 0;
  for (const stretch of stretches.toReversed()) {
    const isEnough = count >= FEW_STRETCHES && sum.completions >= ENOUGH_COMPLETIONS;
    if (isEnough && sum.ms + stretch.ms > settledMs) break;
    sum = addSamples(sum, stretch);
    count += 1;
  }
  return sum.completions >= ENOUGH_COMPLETIONS ? sum : null;
}

/**
 * Whether the uses at once rose during saturation and the throughput did not. Only a suspicion, because the backend may
 * have changed meanwhile: the test compares two measurements of one time.
 */
export function broughtNothing(stretches: readonly Sample[]): boolean {
  // Something may have changed in the middle of the first one.
  const first = sumSamples(stretches.slice(1, 1 + FEW_STRETCHES));
  const last = sumSamples(stretches.slice(1 + FEW_STRETCHES).slice(-FEW_STRETCHES));
  if (Math.min(first.completions, last.completions) < ENOUGH_COMPLETIONS) return false;
  const found = elasticity(first, last);
  const isVisible = usesAtOnce(last) >= VISIBLE_GROWTH * usesAtOnce(first);
  return isVisible && found !== null && found.value < WORTHWHILE;
}
