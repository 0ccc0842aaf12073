import { breakEvenIdleMs } from '../../src/control/break-even.js';
import { requestsOf, type Requests } from '../analysis/bounds-requests.js';
import { InputError } from '../input-error.js';
import { withTaskRunner, type TaskRunner } from '../parallel/run-tasks.js';
import { USUAL_POLICIES, type PolicyName } from '../policies.js';
import type { Scenario } from '../scenario.js';
import { variantsOf, type Candidate } from './candidate.js';
import { confirm } from './confirm.js';
import { fewestConnections } from './erlang-answer.js';
import { Evaluator, worstRatio, type Evaluation, type Minimised } from './evaluation.js';
import type { Objective } from './objective.js';
import { search } from './search.js';
import { stretchesOf, withCreateTime, withLoad } from './stretch.js';

/** More load that an answer should bear where that costs little. */
const HEAVIER_LOAD = 1.2;
/** With more requests than this one replication tells candidates apart; chance is left to the confirmation. */
const MANY_REQUESTS = 10_000;
/** With fewer than this the search must not fall for chance. */
const FEW_REQUESTS = 5_000;
/** Replications of the search and of the confirmation must not be the same ones. */
const FRESH = 1_000_000;
/** Runs that a search takes, roughly; for the progress line only. */
const TYPICAL_RUNS = 350;

/** How to tune. */
export interface TuneOptions {
  /** Policies to choose from. @default adaptive, littles-law, step and fixed */
  readonly policies?: readonly PolicyName[] | undefined;
  /** What to make small: connection-seconds and creates, or connection-seconds alone. @default 'cost' */
  readonly minimise?: Minimised | undefined;
  /** What a create costs in connection-seconds, on top of its time. @default the break-even idle time */
  readonly createCostSeconds?: number | undefined;
  /** @default 1 */
  readonly seed?: number | undefined;
  /** Most threads; changes nothing but the time it takes. @default the cores */
  readonly workers?: number | undefined;
  /** Hears roughly how much is done, 0..1. */
  readonly onProgress?: ((part: number) => void) | undefined;
}

/** The same setup under another load or a slower server. */
export interface Sensitivity {
  readonly change: 'load -20 %' | 'load +20 %' | 'create time ×2';
  readonly evaluation: Evaluation;
  /** Whether every goal is still met on average. */
  readonly isMet: boolean;
}

/** The setup that was found. */
export interface TunedSetup {
  readonly candidate: Candidate;
  /** On fresh random numbers. */
  readonly confirmed: Evaluation;
  /** On another stretch of the trace; null for a workload that is not recorded. */
  readonly other: Evaluation | null;
  /** The goal closest to its limit, and how far below it is, 0..1 of the limit. */
  readonly binding: { readonly metric: string; readonly margin: number };
  /** Whether the pool was at its largest size at some time. */
  readonly isMaxReached: boolean;
  readonly sensitivity: readonly Sensitivity[];
}

/** What tuning came to. */
export interface Tuning {
  readonly scenario: Scenario;
  readonly objective: Objective;
  readonly minimised: Minimised;
  readonly seed: number;
  readonly createCostSeconds: number;
  /** The wait the controller aims for in all candidates, in milliseconds. */
  readonly waitObjectiveMs: number;
  /** Connections by the Erlang formula for the mean rate and for the busiest second. */
  readonly erlang: { readonly mean: number; readonly peak: number };
  /** Null when nothing within the scenario's max meets the objective. */
  readonly answer: TunedSetup | null;
  /** What came closest when there is no answer, else the answer. */
  readonly closest: Evaluation;
  /** Simulations that were run. */
  readonly runs: number;
}

/**
 * Looks for the cheapest `min`, `max`, policy and options that meet the objective in a scenario, with at most the scenario's
 * `max` connections. It starts from the Erlang answer, searches on common random numbers, and believes only what fresh ones
 * confirm with 95 % confidence; of a trace, another stretch must agree too.
 *
 * @throws {@link InputError} when there is nothing to tune.
 */
export function tune(
  scenario: Scenario,
  objective: Objective,
  options: TuneOptions = {},
): Promise<Tuning> {
  if (objective.length === 0) throw new InputError('an objective needs at least one goal');
  return withTaskRunner(options.workers, (run) => tuneWith(run, scenario, objective, options));
}

async function tuneWith(
  run: TaskRunner,
  given: Scenario,
  objective: Objective,
  options: TuneOptions,
): Promise<Tuning> {
  const { seed = 1, minimise: minimised = 'cost', policies = USUAL_POLICIES } = options;
  const createCostSeconds =
    options.createCostSeconds ?? breakEvenIdleMs(given.createMs.meanMs) / 1_000;
  const waitObjectiveMs = aimFor(given, objective);
  const scenario = { ...given, waitObjectiveMs };
  const { search: load, other } = stretchesOf(scenario);
  let runs = 0;
  const onRun = (count: number): void => {
    runs += count;
    options.onProgress?.(Math.min(0.99, runs / TYPICAL_RUNS));
  };
  const createCost = minimised === 'cost' ? createCostSeconds : 0;
  const evaluatorOf = (on: Scenario, first: number): Evaluator =>
    new Evaluator({ run, scenario: on, objective, seed, first, createCost, onRun });

  const requests = requestsOf(load, seed, 0);
  const erlang = erlangSizes(load, requests, objective);
  const found = await search(evaluatorOf(load, 0), {
    variants: policies.flatMap((name) => variantsOf(name)),
    sizes: startingSizes(erlang, scenario.max),
    ceiling: scenario.max,
    replications: replicationsFor(requests.atMs.length),
  });
  const confirmed = await confirm(found, {
    fresh: evaluatorOf(load, FRESH),
    elsewhere: other === null ? null : evaluatorOf(other, FRESH),
    heavier: evaluatorOf(withLoad(load, HEAVIER_LOAD), FRESH),
    ceiling: scenario.max,
    requests: requests.atMs.length,
  });
  const result = {
    scenario,
    objective,
    minimised,
    seed,
    createCostSeconds,
    waitObjectiveMs,
    erlang,
  };
  if (!confirmed.isConfirmed) {
    return { ...result, answer: null, closest: confirmed.same, runs };
  }
  const { same } = confirmed;
  const { candidate } = same;
  const changes: readonly (readonly [Sensitivity['change'], Scenario])[] = [
    ['load -20 %', withLoad(load, 0.8)],
    ['load +20 %', withLoad(load, HEAVIER_LOAD)],
    ['create time ×2', withCreateTime(load, 2)],
  ];
  const sensitivity: Sensitivity[] = [];
  for (const [change, changed] of changes) {
    const [evaluation] = await evaluatorOf(changed, FRESH).evaluate([candidate], 2);
    if (evaluation === undefined) continue;
    sensitivity.push({ change, evaluation, isMet: worstRatio(evaluation) < 1 });
  }
  const worst = same.outcomes.toSorted(
    (a, b) => b.upper / b.goal.limit - a.upper / a.goal.limit,
  )[0] as Evaluation['outcomes'][number];
  const answer: TunedSetup = {
    candidate,
    confirmed: same,
    other: confirmed.other,
    binding: { metric: worst.goal.metric, margin: 1 - worst.upper / worst.goal.limit },
    isMaxReached: same.peakSize >= candidate.max,
    sensitivity,
  };
  return { ...result, answer, closest: same, runs };
}

function replicationsFor(requests: number): number {
  if (requests > MANY_REQUESTS) return 1;
  return requests < FEW_REQUESTS ? 4 : 2;
}

/** A wait that the objective names is the wait to aim for, unless violations are counted against the scenario's own. */
function aimFor({ waitObjectiveMs }: Scenario, objective: Objective): number {
  if (objective.some(({ metric }) => metric === 'violations')) return waitObjectiveMs;
  const waits = objective.filter(({ metric }) => /^wait (?:p95|p99|max)$/.test(metric));
  return waits.length === 0 ? waitObjectiveMs : Math.min(...waits.map(({ limit }) => limit));
}

/** Connections by M/M/c at the mean rate and at that of the busiest second. */
function erlangSizes(
  scenario: Scenario,
  { atMs }: Requests,
  objective: Objective,
): Tuning['erlang'] {
  const useMs = Math.max(0.001, scenario.serviceMs.meanMs);
  const goals = objective.filter(({ metric }) => /^wait (?:mean|p50|p95|p99)$/.test(metric));
  const sizeAt = (ratePerSecond: number): number => {
    const offered = (ratePerSecond * useMs) / 1_000;
    const squareRoot = Math.ceil(offered + Math.sqrt(offered));
    const answer = fewestConnections({ ratePerSecond, useMs }, goals);
    return Math.max(1, goals.length === 0 ? squareRoot : (answer?.connections ?? squareRoot));
  };
  let busiest = 0;
  for (let from = 0, to = 0; to < atMs.length; to += 1) {
    while ((atMs[to] as number) - (atMs[from] as number) >= 1_000) from += 1;
    busiest = Math.max(busiest, to - from + 1);
  }
  return { mean: sizeAt((1_000 * atMs.length) / scenario.durationMs), peak: sizeAt(busiest) };
}

/** The Erlang sizes, between and beyond. */
function startingSizes({ mean, peak }: Tuning['erlang'], ceiling: number): readonly number[] {
  const wanted = [mean >> 1, mean, (mean + peak) >> 1, peak, (peak + ceiling) >> 1, ceiling];
  const sizes = new Set(wanted.map((size) => Math.min(size, ceiling)));
  return [...sizes].toSorted((a, b) => a - b);
}
