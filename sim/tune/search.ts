import type { Candidate, PolicySettings } from './candidate.js';
import { keyOf, neighboursOf } from './candidate.js';
import { better, type Evaluation, type Evaluator } from './evaluation.js';

/** Part of every limit that the search stays below: fresh random numbers must not cross the limit itself. */
const AIM = 0.9;
/** Policies that survive the first round. */
const SURVIVORS = 3;
/** Most rounds of the walk; it ends earlier, when its step is below one. */
const MOST_STEPS = 24;
/** Orders of the search. */
const ORDER = better(AIM);

/** Where to look. */
export interface SearchSpace {
  readonly variants: readonly PolicySettings[];
  /** Sizes to begin with, ascending. */
  readonly sizes: readonly number[];
  /** Most connections allowed. */
  readonly ceiling: number;
  /** Replications of every candidate after the first round. */
  readonly replications: number;
}

/**
 * Looks for the cheapest candidate that meets the objective: successive halving, then a pattern search.
 *
 * First every variant is tried with every starting size as its minimum, on one replication (Jamieson and Talwalkar,
 * "Non-stochastic best arm identification and hyperparameter optimization", 2016). The best variants of the best policies then walk from
 * their best size: up and down in `min` and `max`, with a step that halves when nothing is better, and to twice and half of each
 * option (Hooke and Jeeves, 1961). The same random numbers for all, so that differences come from the candidates.
 *
 * @returns Everything that was run after the first round, the best first.
 */
export async function search(
  evaluator: Evaluator,
  space: SearchSpace,
): Promise<readonly Evaluation[]> {
  const seen = new Map<string, Evaluation>();
  const evaluate = async (candidates: readonly Candidate[]): Promise<readonly Evaluation[]> => {
    const done = await evaluator.evaluate(candidates, space.replications);
    for (const one of done) seen.set(keyOf(one.candidate), one);
    return done;
  };
  const grid = space.variants.flatMap((policy) =>
    space.sizes.map((size) => candidateOf(policy, size, space.ceiling)),
  );
  const first = (await evaluator.evaluate(grid, 1)).toSorted(ORDER);
  const starts = firstPerPolicy(first).slice(0, SURVIVORS);
  let walkers = await evaluate(starts.map(({ candidate }) => candidate));
  const gap = Math.max(
    1,
    ...space.sizes.map((size, index) => size - (space.sizes[index - 1] ?? 0)),
  );
  let step = Math.max(1, Math.min(gap, Math.ceil(space.ceiling / 4)) >> 1);
  for (let count = 0; step >= 1 && count < MOST_STEPS; count += 1) {
    const moves = walkers.map(({ candidate, peakSize }) =>
      movesOf(candidate, peakSize, step, space.ceiling),
    );
    const done = await evaluate(moves.flat());
    let offset = 0;
    let hasMoved = false;
    walkers = walkers.map((walker, index) => {
      const length = moves[index]?.length ?? 0;
      const best = done.slice(offset, offset + length).toSorted(ORDER)[0] ?? walker;
      offset += length;
      if (ORDER(best, walker) >= 0) return walker;
      hasMoved = true;
      return best;
    });
    if (!hasMoved) step >>= 1;
  }
  return [...seen.values()].toSorted(ORDER);
}

function candidateOf(policy: PolicySettings, min: number, ceiling: number): Candidate {
  return policy.name === 'fixed'
    ? { min: Math.max(1, min), max: Math.max(1, min), policy }
    : { min, max: ceiling, policy };
}

/** The best variant of each policy; the walk tries other options. */
function firstPerPolicy(sorted: readonly Evaluation[]): Evaluation[] {
  const names = new Set<string>();
  return sorted.filter(({ candidate }) => {
    const { name } = candidate.policy;
    if (names.has(name)) return false;
    names.add(name);
    return true;
  });
}

/**
 * Where one step leads: fewer and more at least, fewer and more at most, other options. A max above the peak changes
 * nothing.
 */
function movesOf(
  { min, max, policy }: Candidate,
  peakSize: number,
  step: number,
  ceiling: number,
): Candidate[] {
  if (policy.name === 'fixed') {
    return [min - step, min + step]
      .filter((size) => size >= 1 && size <= ceiling)
      .map((size) => ({ min: size, max: size, policy }));
  }
  const most = Math.min(max, peakSize);
  return [
    { min: min - step, max, policy },
    { min: min + step, max, policy },
    { min, max: most - step, policy },
    { min, max: Math.min(ceiling, max + step), policy },
    ...neighboursOf(policy).map((other) => ({ min, max, policy: other })),
  ].filter((one) => one.min >= 0 && one.max >= 1 && one.min <= one.max);
}
