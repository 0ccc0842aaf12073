import type { RunSeries } from '../analysis/time-series.js';
import { policyName, type PolicyChoice } from '../policies.js';
import type { PolicyResult } from '../result.js';
import type { Scenario } from '../scenario.js';
import { PooledReplications } from '../simulate.js';
import { runTasks } from './run-tasks.js';
import type { RunDetail, SimulationTask } from './task.js';

/** All replications of one policy together, and how the first one went over time. */
export interface PooledRun {
  readonly result: PolicyResult;
  /** Null if nobody wanted it. */
  readonly series: RunSeries | null;
}

/** Which replications of which policies to run. */
export interface Batch {
  readonly scenario: Scenario;
  readonly policies: readonly PolicyChoice[];
  readonly seed: number;
  readonly replications: number;
}

/**
 * The tasks of a batch, all replications of a policy one after the other.
 *
 * @param wants Whether runs are to be pooled, with or without the series of each policy's first replication.
 */
export function tasksOf(
  { scenario, policies, seed, replications }: Batch,
  wants?: SimulationTask['wants'],
): SimulationTask[] {
  return policies.flatMap((policy) =>
    Array.from({ length: replications }, (_none, replication) => ({
      scenario,
      policy,
      seed,
      replication,
      wants: wants === undefined || replication === 0 ? wants : 'parts',
    })),
  );
}

/** Puts the details of a batch's tasks together as they come, always in the same order. */
export class RunPooler {
  readonly #replications: number;
  readonly #pools: readonly PooledReplications[];
  readonly #series: (RunSeries | null)[];
  /** How many of each policy are in its pool. */
  readonly #added: number[];
  /** Those whose turn has not come. */
  readonly #early = new Map<number, RunDetail>();

  constructor({ scenario, policies, replications }: Batch) {
    this.#replications = replications;
    this.#pools = policies.map((policy) => new PooledReplications(scenario, policyName(policy)));
    this.#series = policies.map(() => null);
    this.#added = policies.map(() => 0);
  }

  /** @param index Number of the task in the batch. */
  add(index: number, detail: RunDetail): void {
    const policy = Math.floor(index / this.#replications);
    this.#early.set(index, detail);
    if (detail.series !== null) this.#series[policy] = detail.series;
    for (;;) {
      const added = this.#added[policy] as number;
      const next = policy * this.#replications + added;
      const early = added < this.#replications ? this.#early.get(next) : undefined;
      if (early === undefined) return;
      this.#early.delete(next);
      this.#pools[policy]?.add(early);
      this.#added[policy] = added + 1;
    }
  }

  /** One entry per policy. */
  read(): PooledRun[] {
    return this.#pools.map((pooled, policy) => ({
      result: pooled.result(),
      series: this.#series[policy] ?? null,
    }));
  }
}

/**
 * Runs a batch on up to `workers` threads; what it comes to does not depend on how many.
 *
 * @param hasSeries Whether to record how the first replication of each policy goes.
 * @param onProgress Hears how much is done, 0..1.
 */
export async function simulateBatch(
  batch: Batch,
  workers: number,
  hasSeries: boolean,
  onProgress?: (part: number) => void,
): Promise<PooledRun[]> {
  const tasks = tasksOf(batch, hasSeries ? 'parts and series' : 'parts');
  const pooler = new RunPooler(batch);
  await runTasks(tasks, {
    workers,
    onDone: (done, index, detail) => {
      if (detail !== undefined) pooler.add(index, detail);
      onProgress?.(done / tasks.length);
    },
  });
  return pooler.read();
}
