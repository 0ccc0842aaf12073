import { availableParallelism } from 'node:os';

import { hasOwnCode } from '../../src/control/policies/index.js';
import { isChoiceName } from '../policies.js';
import type { Scenario } from '../scenario.js';
import { runTask, type RunDetail, type SimulationTask, type TaskResult } from './task.js';
import { Threads } from './threads.js';

/** How to spread tasks. */
export interface RunTasksOptions {
  /** Most threads, an integer from 1; the results are the same whatever it is. @default the cores, at most one per task */
  readonly workers?: number | undefined;
  /** Hears of every task that is done. */
  readonly onDone?: OnDone | undefined;
}

/**
 * Hears of a task that is done: how many are, which one it was, and its detail if it wanted some. Whoever needs that
 * keeps it; the results of the batch come without.
 */
export type OnDone = (done: number, index: number, detail: RunDetail | undefined) => void;

/** Does a batch of tasks and returns their results in the order of the tasks. */
export type TaskRunner = (
  tasks: readonly SimulationTask[],
  onDone?: OnDone,
) => Promise<readonly TaskResult[]>;

/**
 * Calls `body` with a function that runs tasks on up to `workers` threads, and stops the threads afterwards.
 *
 * With one worker everything runs on the calling thread. So do policies of one's own, since functions cannot be sent to
 * another thread.
 */
export async function withTaskRunner<R>(
  workers: number | undefined,
  body: (run: TaskRunner) => Promise<R>,
): Promise<R> {
  const most = workers ?? availableParallelism();
  if (most <= 1) return body(runHere);
  const share = scenarioSharer();
  const threads = new Threads(most);
  const run: TaskRunner = (tasks, onDone) => {
    if (tasks.length < 2 || tasks.some(({ policy }) => !isPlain(policy))) {
      return runHere(tasks, onDone);
    }
    let done = 0;
    return Promise.all(
      tasks.map(async (task, index) => {
        const { detail, ...result } = await threads.run({
          ...task,
          scenario: share(task.scenario),
        });
        done += 1;
        onDone?.(done, index, detail);
        return result;
      }),
    );
  };
  try {
    return await body(run);
  } finally {
    await threads.close();
  }
}

/** {@link withTaskRunner} for a single batch. */
export function runTasks(
  tasks: readonly SimulationTask[],
  options: RunTasksOptions = {},
): Promise<readonly TaskResult[]> {
  const workers = Math.min(options.workers ?? availableParallelism(), tasks.length);
  return withTaskRunner(workers, (run) => run(tasks, options.onDone));
}

function runHere(
  tasks: readonly SimulationTask[],
  onDone?: OnDone,
): Promise<readonly TaskResult[]> {
  const results: TaskResult[] = [];
  for (const [index, task] of tasks.entries()) {
    const { detail, ...result } = runTask(task);
    results.push(result);
    onDone?.(results.length, index, detail);
  }
  return Promise.resolve(results);
}

function isPlain(policy: SimulationTask['policy']): boolean {
  return isChoiceName(policy) || (typeof policy === 'object' && !hasOwnCode(policy));
}

/** A trace may have millions of values: threads share them instead of getting a copy with every task. */
function scenarioSharer(): (scenario: Scenario) => Scenario {
  const shared = new Map<ArrayLike<number>, Float64Array>();
  const share = (values: ArrayLike<number>): Float64Array => {
    const known = shared.get(values);
    if (known !== undefined) return known;
    const copy = new Float64Array(
      new SharedArrayBuffer(values.length * Float64Array.BYTES_PER_ELEMENT),
    );
    copy.set(values);
    shared.set(values, copy);
    return copy;
  };
  return (scenario) => {
    const { workload } = scenario;
    if (workload.kind === 'timestamps') {
      const { atMs, workMs } = workload;
      const times = { atMs: share(atMs), workMs: workMs && share(workMs) };
      return { ...scenario, workload: { ...workload, ...times } };
    }
    if (workload.kind === 'counts') {
      return { ...scenario, workload: { ...workload, counts: share(workload.counts) } };
    }
    return scenario;
  };
}
