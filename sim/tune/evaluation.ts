import type { ShortRun } from '../analysis/run-length.js';
import { meanInterval } from '../analysis/statistics.js';
import type { TaskRunner } from '../parallel/run-tasks.js';
import type { PolicyResult } from '../result.js';
import type { Scenario } from '../scenario.js';
import { keyOf, withCandidate, type Candidate } from './candidate.js';
import { isPercentile, levelOf, type Goal, type Objective } from './objective.js';

/** What the search makes small. */
export type Minimised = 'cost' | 'connections';

/** How one goal fared. */
export interface Outcome {
  readonly goal: Goal;
  /** Mean over the replications, in the unit of the goal's limit. */
  readonly level: number;
  /** Upper end of the 95 % interval of that mean; the mean itself with one replication. */
  readonly upper: number;
}

/** A candidate and what came of it. */
export interface Evaluation {
  readonly candidate: Candidate;
  readonly outcomes: readonly Outcome[];
  /** Mean per replication of what is to be small. */
  readonly cost: number;
  readonly connectionSeconds: number;
  readonly creates: number;
  readonly peakSize: number;
  /** Means per replication. */
  readonly timeouts: number;
  readonly rejected: number;
  /** Part of the requests that got nothing, 0..1. */
  readonly lost: number;
  readonly replications: number;
  /** Why percentiles of these runs mean nothing, or null: they are too short for the load of this many connections. */
  readonly tooShort: ShortRun | null;
}

/** Runs candidates on one load and remembers what it has run: the same random numbers for all of them. */
export class Evaluator {
  readonly #run: TaskRunner;
  readonly #scenario: Scenario;
  readonly #objective: Objective;
  readonly #seed: number;
  readonly #first: number;
  readonly #createCost: number;
  readonly #done = new Map<string, PolicyResult[]>();
  readonly #onRun: (runs: number) => void;

  /**
   * @param first Number of the first replication; others have other random numbers.
   * @param createCost What a create costs in connection-seconds.
   * @param onRun Hears how many runs were done.
   */
  constructor(settings: {
    readonly run: TaskRunner;
    readonly scenario: Scenario;
    readonly objective: Objective;
    readonly seed: number;
    readonly first: number;
    readonly createCost: number;
    readonly onRun: (runs: number) => void;
  }) {
    this.#run = settings.run;
    this.#scenario = settings.scenario;
    this.#objective = settings.objective;
    this.#seed = settings.seed;
    this.#first = settings.first;
    this.#createCost = settings.createCost;
    this.#onRun = settings.onRun;
  }

  /** Evaluates candidates on `replications` replications each, in their order; twins are run once. */
  async evaluate(
    candidates: readonly Candidate[],
    replications: number,
  ): Promise<readonly Evaluation[]> {
    const missing = new Map<string, { candidate: Candidate; replication: number }>();
    for (const candidate of candidates) {
      const key = keyOf(candidate);
      for (let next = this.#done.get(key)?.length ?? 0; next < replications; next += 1) {
        missing.set(`${key} ${next}`, { candidate, replication: this.#first + next });
      }
    }
    const jobs = [...missing.values()];
    const tasks = jobs.map(({ candidate, replication }) => ({
      scenario: withCandidate(this.#scenario, candidate),
      policy: candidate.policy,
      seed: this.#seed,
      replication,
    }));
    const results = await this.#run(tasks);
    this.#onRun(tasks.length);
    for (const [index, { result }] of results.entries()) {
      const key = keyOf((jobs[index] as { candidate: Candidate }).candidate);
      this.#done.set(key, [...(this.#done.get(key) ?? []), result]);
    }
    return candidates.map((candidate) =>
      this.#summarise(candidate, (this.#done.get(keyOf(candidate)) ?? []).slice(0, replications)),
    );
  }

  #summarise(candidate: Candidate, results: readonly PolicyResult[]): Evaluation {
    const over = (value: (one: PolicyResult) => number): ReturnType<typeof meanInterval> =>
      meanInterval(results.map((one) => value(one)));
    const connectionSeconds = over((one) => one.connectionSeconds).mean;
    const creates = over((one) => one.creates).mean;
    return {
      candidate,
      outcomes: this.#objective.map((goal) => {
        const { mean, halfWidth } = over((one) => levelOf(goal.metric, one));
        return { goal, level: mean, upper: Number.isFinite(mean) ? mean + halfWidth : mean };
      }),
      cost: connectionSeconds + this.#createCost * creates,
      connectionSeconds,
      creates,
      timeouts: over((one) => one.timeouts).mean,
      rejected: over((one) => one.rejected).mean,
      lost: over((one) => lostOf(one)).mean,
      peakSize: Math.max(...results.map((one) => one.peakSize)),
      replications: results.length,
      tooShort: results[0]?.tooShort ?? null,
    };
  }
}

function lostOf({ requests, timeouts, rejected, stillWaiting }: PolicyResult): number {
  return requests === 0 ? 0 : (timeouts + rejected + stillWaiting) / requests;
}

/** How far an endless wait is from any limit, if nearly everybody is served. */
const ENDLESS = 1e9;

/**
 * How far the goal that fares worst is from its limit: below 1 every goal is met on average. Of percentiles that mean
 * nothing, how far the run is from the length that it needs; of endless waits the further, the more got nothing.
 */
export function worstRatio(one: Evaluation): number {
  const ratios = one.outcomes.map(({ goal, level }) =>
    Number.isFinite(level) ? level / goal.limit : ENDLESS * (1 + one.lost),
  );
  if (withheldReason(one) === null) return Math.max(...ratios);
  const { neededMs, givenMs } = one.tooShort as ShortRun;
  return Math.max(...ratios, neededMs / givenMs);
}

/** Why the levels of percentile goals are not to be shown, or null. */
export function withheldReason({ outcomes, tooShort }: Evaluation): string | null {
  if (tooShort === null || !outcomes.some(({ goal }) => isPercentile(goal.metric))) return null;
  return tooShort.reason;
}

/** Whether every goal is met with 95 % confidence. */
export function isMet(one: Evaluation): boolean {
  return (
    withheldReason(one) === null && one.outcomes.every(({ goal, upper }) => upper < goal.limit)
  );
}

/**
 * Orders evaluations: those that meet `aim` of every limit by cost, before the others by how far they are off.
 *
 * @param aim Part of the limit to stay below, so that fresh random numbers do not cross it.
 */
export function better(aim: number): (a: Evaluation, b: Evaluation) => number {
  return (a, b) => {
    const [far, near] = [worstRatio(a), worstRatio(b)];
    if (far <= aim !== near <= aim) return far <= aim ? -1 : 1;
    if (far > aim && far !== near) return far - near;
    return (
      a.cost - b.cost || a.candidate.min - b.candidate.min || a.candidate.max - b.candidate.max
    );
  };
}
