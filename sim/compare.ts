import { breakEvenIdleMs } from '../src/control/break-even.js';
import {
  bestFixedSize,
  clairvoyantBound,
  reactiveBound,
  type CostModel,
} from './analysis/bounds.js';
import {
  isLoadIndependent,
  requestsOf,
  zeroWaitDemand,
  type Requests,
  type StepFunction,
} from './analysis/bounds-requests.js';
import { costFloorWithWaiting } from './analysis/bounds-waiting.js';
import { elasticity, readySupply, type Elasticity } from './analysis/elasticity.js';
import { findShortRun, type ShortRun } from './analysis/run-length.js';
import { pairedDifference, type PairedDifference } from './analysis/paired.js';
import { mean, meanInterval, type MeanInterval } from './analysis/statistics.js';
import { InputError } from './input-error.js';
import { RunPooler, tasksOf } from './parallel/pooled-runs.js';
import type { PooledRun } from './parallel/pooled-runs.js';
import { runTasks, type OnDone } from './parallel/run-tasks.js';
import type { TaskResult } from './parallel/task.js';
import { policyName, type PolicyChoice } from './policies.js';
import type { Scenario } from './scenario.js';

/** The figures that are compared, one value of each per replication. */
export const FIGURES = [
  'violationRate',
  'waitMeanMs',
  'waitP99Ms',
  'connectionSeconds',
  'creates',
  'cost',
] as const;

/** Name of a figure. `cost` is connection-seconds plus creates times what one costs. */
export type Figure = (typeof FIGURES)[number];

/** How to compare. */
export interface CompareOptions {
  /** Where all randomness comes from, an integer from 0 to 2^53 − 1. @default 1 */
  readonly seed?: number | undefined;
  /** Pairs of runs, an integer from 2 to 10,000. @default 10 */
  readonly replications?: number | undefined;
  /** Most threads; changes nothing but the time it takes. @default the cores */
  readonly workers?: number | undefined;
  /**
   * What a create costs on top of the time it takes, in connection-seconds.
   * @default the idle time after which the pool closes a connection: 1,000 create times, 10 s to 300 s
   */
  readonly createCostSeconds?: number | undefined;
  /** Part of requests that the best fixed size may serve late, 0..1. @default 0.01 */
  readonly allowedViolations?: number | undefined;
  /** Hears how much is done, 0..1. */
  readonly onProgress?: ((part: number) => void) | undefined;
}

/** One policy in a comparison. */
export interface ComparedPolicy {
  readonly policy: string;
  /** Means over the replications with their 95 % intervals. */
  readonly figures: Readonly<Record<Figure, MeanInterval>>;
  /** This policy minus the first one; null for the first. */
  readonly differences: Readonly<Record<Figure, PairedDifference>> | null;
  /** Mean cost over the clairvoyant's, null without bounds. Below 1 only where callers wait. */
  readonly costRatio: number | null;
  /** How closely the ready connections followed the demand; means over the replications, null without bounds. */
  readonly elasticity: Elasticity | null;
}

/** What nobody can beat, as means over the replications. */
export interface ComparedBounds {
  /** Everyone served at once by someone who knows the future. */
  readonly clairvoyant: {
    readonly connectionSeconds: number;
    readonly creates: number;
    readonly cost: number;
    /** Most connections in use at once in any replication; above max, nobody can serve everyone at once. */
    readonly peak: number;
  };
  /** Floor under the cost of anyone who keeps every wait within the objective. */
  readonly costFloorWithWaiting: number;
  /** The least waiting of a pool that opens connections only when callers wait. */
  readonly reactive: {
    readonly violationRate: number;
    readonly waitMeanMs: number;
    readonly waitMaxMs: number;
  };
  /** The smallest fixed size that would have done in every replication, and what it costs; null if max does not do. */
  readonly bestFixed: {
    readonly size: number;
    readonly allowedViolations: number;
    readonly cost: number;
  } | null;
}

/** Policies side by side under common random numbers. */
export interface Comparison {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly replications: number;
  readonly createCostSeconds: number;
  readonly policies: readonly ComparedPolicy[];
  /** Null where the load depends on the pool, see `isLoadIndependent`. */
  readonly bounds: ComparedBounds | null;
  /** Why the percentiles of the wait mean nothing, or null: the runs are too short for their load. */
  readonly tooShort: ShortRun | null;
}

/** Part of requests that the best fixed size may serve late, unless said otherwise. */
const DEFAULT_ALLOWED_VIOLATIONS = 0.01;
/** Pairs of runs unless said otherwise. */
export const DEFAULT_REPLICATIONS = 10;

/**
 * Compares policies with the first one: the same arrivals and work for all in each replication, 95 % Student t intervals
 * of the differences, and bounds that say how much better anyone could be.
 *
 * @param policies Two or more.
 * @throws {@link InputError} with fewer than two policies or replications.
 */
export async function compare(
  scenario: Scenario,
  policies: readonly PolicyChoice[],
  options: CompareOptions = {},
): Promise<Comparison> {
  const { comparison } = await compareRuns(scenario, policies, options, false);
  return comparison;
}

/** A comparison with the runs that it is made of, one per policy. */
export interface ComparisonInDetail {
  readonly comparison: Comparison;
  /** Empty if nobody wanted them. */
  readonly runs: readonly PooledRun[];
}

/**
 * {@link compare}, and the runs themselves.
 *
 * @param isDetailed Whether to pool the replications of each policy and to record how the first one goes.
 */
export async function compareRuns(
  scenario: Scenario,
  policies: readonly PolicyChoice[],
  options: CompareOptions,
  isDetailed: boolean,
): Promise<ComparisonInDetail> {
  const { seed = 1, replications = DEFAULT_REPLICATIONS, workers, onProgress } = options;
  const createMs = scenario.createMs.meanMs;
  const createCostSeconds = options.createCostSeconds ?? breakEvenIdleMs(createMs) / 1_000;
  if (policies.length < 2) throw new InputError('a comparison needs at least 2 policies');
  if (!(replications >= 2)) {
    throw new InputError('a comparison needs at least 2 replications, since one shows no spread');
  }
  const batch = { scenario, policies, seed, replications };
  const tasks = tasksOf(batch, isDetailed ? 'parts and series' : undefined);
  const pooler = isDetailed ? new RunPooler(batch) : null;
  const onDone: OnDone = (count, index, detail) => {
    if (detail !== undefined) pooler?.add(index, detail);
    onProgress?.(count / tasks.length);
  };
  const done = await runTasks(tasks, { workers, onDone });
  const model: CostModel = {
    min: scenario.min,
    createMs,
    createCostMs: createCostSeconds * 1_000,
  };
  const rows = policies.map((_, index) =>
    done.slice(index * replications, (index + 1) * replications),
  );
  const allowedViolations = options.allowedViolations ?? DEFAULT_ALLOWED_VIOLATIONS;
  const perReplication: ReplicationBounds[] = [];
  const elasticities: Elasticity[][] = policies.map(() => []);
  // One replication after the other: the requests of all of them together may not fit into memory.
  const isBounded = isLoadIndependent(scenario);
  const bounded = isBounded ? replications : 0;
  for (let replication = 0; replication < bounded; replication += 1) {
    const load = requestsOf(scenario, seed, replication);
    perReplication.push(boundsOf(scenario, load, model, allowedViolations));
    const demand = zeroWaitDemand(load);
    for (const [index, row] of rows.entries()) {
      const { targets } = row[replication] as TaskResult;
      elasticities[index]?.push(elasticityOf(scenario, demand, targets));
    }
  }
  const bounds = isBounded
    ? overReplications(scenario, perReplication, model, allowedViolations)
    : null;
  const base = valuesOf(rows[0] as readonly TaskResult[], createCostSeconds);
  const compared = policies.map((policy, index) => {
    const results = rows[index] as readonly TaskResult[];
    const values = valuesOf(results, createCostSeconds);
    return {
      policy: policyName(policy),
      figures: perFigure((figure) => meanInterval(values[figure])),
      differences:
        index === 0 ? null : perFigure((figure) => pairedDifference(values[figure], base[figure])),
      costRatio: bounds === null ? null : mean(values.cost) / bounds.clairvoyant.cost,
      elasticity: isBounded ? meanElasticity(elasticities[index] as readonly Elasticity[]) : null,
    };
  });
  const tooShort = findShortRun(scenario, 0);
  const comparison = { ...batch, createCostSeconds, policies: compared, bounds, tooShort };
  return { comparison, runs: pooler?.read() ?? [] };
}

type Values = Readonly<Record<Figure, readonly number[]>>;

function valuesOf(done: readonly TaskResult[], createCostSeconds: number): Values {
  const over = (value: (one: TaskResult['result']) => number): readonly number[] =>
    done.map(({ result }) => value(result));
  return {
    violationRate: over((one) => one.violationRate),
    waitMeanMs: over((one) => one.wait.meanMs),
    waitP99Ms: over((one) => one.wait.p99Ms),
    connectionSeconds: over((one) => one.connectionSeconds),
    creates: over((one) => one.creates),
    cost: over((one) => one.connectionSeconds + createCostSeconds * one.creates),
  };
}

/** The same for every figure. */
export function perFigure<R>(value: (figure: Figure) => R): Readonly<Record<Figure, R>> {
  return Object.fromEntries(FIGURES.map((figure) => [figure, value(figure)])) as Record<Figure, R>;
}

type ReplicationBounds = ReturnType<typeof boundsOf>;

function boundsOf(
  scenario: Scenario,
  load: Requests,
  model: CostModel,
  allowedViolations: number,
): {
  readonly best: ReturnType<typeof clairvoyantBound>;
  readonly reactive: ReturnType<typeof reactiveBound>;
  readonly floor: ReturnType<typeof costFloorWithWaiting>;
  readonly fixed: ReturnType<typeof bestFixedSize>;
} {
  const { waitObjectiveMs, max } = scenario;
  return {
    best: clairvoyantBound(load, model),
    reactive: reactiveBound(load, model, waitObjectiveMs),
    floor: costFloorWithWaiting(load, model, waitObjectiveMs),
    fixed: bestFixedSize(load, waitObjectiveMs, allowedViolations, max, scenario),
  };
}

function overReplications(
  scenario: Scenario,
  all: readonly ReplicationBounds[],
  model: CostModel,
  allowedViolations: number,
): ComparedBounds {
  const over = (value: (one: ReplicationBounds) => number): number =>
    mean(all.map((one) => value(one)));
  const sizes = all.flatMap(({ fixed }) => (fixed === null ? [] : [fixed.size]));
  const size = Math.max(scenario.min, ...sizes);
  const openMs = scenario.warmUpMs + scenario.durationMs;
  return {
    clairvoyant: {
      connectionSeconds: over(({ best }) => best.connectionSeconds),
      creates: over(({ best }) => best.creates),
      cost: over(({ best }) => best.cost),
      peak: Math.max(...all.map(({ best }) => best.peak)),
    },
    // The floor counts every create in full, the clairvoyant only its part after the start.
    costFloorWithWaiting: over(({ best, floor }) => Math.min(best.cost, floor.cost)),
    reactive: {
      violationRate: over(({ reactive }) => reactive.violationRate),
      waitMeanMs: over(({ reactive }) => reactive.meanWaitMs),
      waitMaxMs: Math.max(...all.map(({ reactive }) => reactive.maxWaitMs)),
    },
    bestFixed:
      sizes.length === all.length
        ? { size, allowedViolations, cost: (size * (openMs + model.createCostMs)) / 1_000 }
        : null,
  };
}

function elasticityOf(
  { warmUpMs, durationMs, createMs }: Scenario,
  demand: StepFunction,
  targets: StepFunction,
): Elasticity {
  const supply = readySupply(targets, createMs.meanMs);
  return elasticity(demand, supply, warmUpMs, warmUpMs + durationMs);
}

function meanElasticity(all: readonly Elasticity[]): Elasticity {
  const over = (value: (one: Elasticity) => number): number => mean(all.map((one) => value(one)));
  return {
    underProvisioned: over((one) => one.underProvisioned),
    overProvisioned: over((one) => one.overProvisioned),
    underTimeShare: over((one) => one.underTimeShare),
    overTimeShare: over((one) => one.overTimeShare),
    jitterPerMinute: over((one) => one.jitterPerMinute),
  };
}
