/** The best that a fine grid finds: what the answer of `tune` is measured against. */
import type { Scenario } from '../sim/scenario.js';
import type { TaskRunner } from '../sim/parallel/run-tasks.js';
import { USUAL_POLICIES, type PolicyName } from '../sim/policies.js';
import { keyOf, type Candidate, type PolicySettings } from '../sim/tune/candidate.js';
import { Evaluator, worstRatio, type Evaluation } from '../sim/tune/evaluation.js';
import type { Objective } from '../sim/tune/objective.js';

/** The values of each option that the grid has; `min` and `max` take all sizes of `sizesUpTo`. */
export const GRID = {
  idleMs: [1_000, 2_000, 5_000, 10_000, 30_000],
  holdMs: [0, 100],
  stepSize: [1, 4],
  headroom: [1, 1.15],
  quantile: [0.9, 0.98],
} as const;
/** Replications on which the cheapest of the grid are looked at again. */
export const REPLICATIONS = 4;
/** How many are. */
const FINALISTS = 24;
/** How far above a limit the first replication may be for a second look. */
const SLACK = 1.1;
/** Another stream than any that the tuner sees. */
const SEED = 4_711;

/** What a grid is searched on. */
export interface GridLoad {
  readonly run: TaskRunner;
  readonly scenario: Scenario;
  readonly objective: Objective;
  readonly createCostSeconds: number;
  /** @default those that `tune` chooses from */
  readonly policies?: readonly PolicyName[] | undefined;
}

/** What a grid came to. */
export interface GridResult {
  /** Null if nothing on the grid meets the objective. */
  readonly best: Evaluation | null;
  /** Runs that it took. */
  readonly runs: number;
  readonly evaluate: (candidate: Candidate) => Promise<Evaluation>;
}

/** Every size up to 12, then steps of about a twelfth. */
export function sizesUpTo(ceiling: number): number[] {
  const sizes = [0];
  while ((sizes.at(-1) as number) < ceiling) {
    const last = sizes.at(-1) as number;
    sizes.push(Math.min(ceiling, last + Math.max(1, Math.round(last / 12))));
  }
  return sizes;
}

/** Every policy that sizes itself with every combination of the grid's options. */
function gridPolicies(names: readonly PolicyName[]): PolicySettings[] {
  const steps = GRID.holdMs.flatMap((holdMs) =>
    GRID.stepSize.flatMap((stepSize) =>
      GRID.idleMs.map((idleMs) => ({ name: 'step' as const, holdMs, stepSize, idleMs })),
    ),
  );
  const adaptive = GRID.headroom.flatMap((headroom) =>
    GRID.quantile.flatMap((quantile) =>
      GRID.idleMs.map((idleBeforeCloseMs) => ({
        name: 'adaptive' as const,
        headroom,
        quantile,
        idleBeforeCloseMs,
      })),
    ),
  );
  const laws = GRID.idleMs.map((idleBeforeCloseMs) => ({
    name: 'littles-law' as const,
    idleBeforeCloseMs,
  }));
  return [...adaptive, ...laws, ...steps].filter(({ name }) => names.includes(name));
}

/**
 * Evaluates every policy of the grid with every `min` and `max`. What cannot be the cheapest, or cannot differ, is left out
 * without a run: a minimum that alone costs more than something that meets the objective, and a `max` above the peak of the
 * same candidate without one. The cheapest are then run again, so that chance does not pick the winner.
 */
export async function bestOfGrid(load: GridLoad): Promise<GridResult> {
  const { scenario, objective, createCostSeconds, policies = USUAL_POLICIES } = load;
  let runs = 0;
  const evaluator = new Evaluator({
    run: load.run,
    scenario,
    objective,
    seed: SEED,
    first: 0,
    createCost: createCostSeconds,
    onRun: (count) => (runs += count),
  });
  const { max: ceiling } = scenario;
  const sizes = sizesUpTo(ceiling);
  const seen: Evaluation[] = [];
  const look = async (candidates: readonly Candidate[]): Promise<readonly Evaluation[]> => {
    const done = await evaluator.evaluate(candidates, 1);
    seen.push(...done);
    return done;
  };
  const fixed: PolicySettings = { name: 'fixed' };
  await look(sizes.slice(1).map((size) => ({ min: size, max: size, policy: fixed })));
  const bestCost = Math.min(...seen.flatMap((one) => (worstRatio(one) < 1 ? [one.cost] : [])));
  const openSeconds = (scenario.warmUpMs + scenario.durationMs) / 1_000;
  const mins = sizes.filter((min) => min * (openSeconds + createCostSeconds) <= bestCost);
  const free = await look(
    gridPolicies(policies).flatMap((policy) => mins.map((min) => ({ min, max: ceiling, policy }))),
  );
  await leastMax(free, sizes, look);
  const distinct = new Map(seen.map((one) => [keyOf(one.candidate), one]));
  const hopeful = [...distinct.values()]
    .filter((one) => worstRatio(one) < SLACK)
    .toSorted((a, b) => a.cost - b.cost)
    .map(({ candidate }) => candidate);
  let best: Evaluation | undefined;
  for (let from = 0; best === undefined && from < hopeful.length; from += FINALISTS) {
    const again = await evaluator.evaluate(hopeful.slice(from, from + FINALISTS), REPLICATIONS);
    best = again.filter((one) => worstRatio(one) < 1).toSorted((a, b) => a.cost - b.cost)[0];
  }
  return {
    best: best ?? null,
    runs,
    evaluate: async (candidate) =>
      (await evaluator.evaluate([candidate], REPLICATIONS))[0] as Evaluation,
  };
}

/**
 * Bisects `max` of every candidate that meets the objective without one: fewer connections cost less and wait longer, so
 * that the least `max` with which it still does is the cheapest.
 */
async function leastMax(
  free: readonly Evaluation[],
  sizes: readonly number[],
  look: (candidates: readonly Candidate[]) => Promise<readonly Evaluation[]>,
): Promise<void> {
  let open = free
    .filter((one) => worstRatio(one) < SLACK)
    .map(({ candidate, peakSize }) => ({
      candidate,
      maxes: sizes.filter((max) => max >= Math.max(1, candidate.min) && max < peakSize),
    }));
  for (;;) {
    open = open.filter(({ maxes }) => maxes.length > 0);
    if (open.length === 0) return;
    const done = await look(
      open.map(({ candidate, maxes }) => ({
        ...candidate,
        max: maxes[maxes.length >> 1] as number,
      })),
    );
    open = open.map(({ candidate, maxes }, index) => {
      const middle = maxes.length >> 1;
      const isEnough = worstRatio(done[index] as Evaluation) < SLACK;
      return { candidate, maxes: isEnough ? maxes.slice(0, middle) : maxes.slice(middle + 1) };
    });
  }
}
