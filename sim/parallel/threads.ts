import { Worker } from 'node:worker_threads';
import type { SimulationTask, TaskResult } from './task.js';
import type { Answer } from './worker.js';

interface Job {
  readonly task: SimulationTask;
  readonly resolve: (result: TaskResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A few worker threads that do tasks, first come first served, each one at a time. Threads start when there is work for
 * them and live until `close`.
 *
 * The pools on npm bring native add-ons for every platform to do this and more; a simulation needs no more than this.
 */
export class Threads {
  readonly #most: number;
  readonly #waiting: Job[] = [];
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Job>();

  /** @param most Most threads, an integer from 1. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Does one task; rejects with what the task threw, or when its thread died. */
  run(task: SimulationTask): Promise<TaskResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      this.#next();
    });
  }

  /** Stops all threads, busy ones too; what is unfinished stays unsettled. */
  async close(): Promise<void> {
    const all = [...this.#idle, ...this.#busy.keys()];
    this.#waiting.length = 0;
    this.#idle.length = 0;
    this.#busy.clear();
    await Promise.all(all.map((worker) => worker.terminate()));
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    const worker = this.#idle.pop() ?? (this.#busy.size < this.#most ? this.#start() : null);
    if (worker === null) return;
    const job = this.#waiting.shift() as Job;
    this.#busy.set(worker, job);
    worker.postMessage(job.task);
  }

  #start(): Worker {
    const worker = newWorker();
    worker.on('message', (answer: Answer) => {
      const job = this.#busy.get(worker);
      this.#busy.delete(worker);
      this.#idle.push(worker);
      if ('result' in answer) job?.resolve(answer.result);
      else job?.reject(answer.error as Error);
      this.#next();
    });
    worker.on('error', (error) => {
      const job = this.#busy.get(worker);
      this.#busy.delete(worker);
      job?.reject(error instanceof Error ? error : new Error(String(error)));
      this.#next();
    });
    return worker;
  }
}

/** What a thread runs lies beside this file: JavaScript in the package, TypeScript in a checkout. */
function newWorker(): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./worker.js', import.meta.url), { execArgv: [] });
  }
  // Node 20 reads no TypeScript, and a thread does not inherit what makes its parent do so.
  const { href } = new URL('./worker.ts', import.meta.url);
  const runSource = `import('tsx/esm/api').then(({ register }) => {
    register();
    return import(${JSON.stringify(href)});
  });`;
  return new Worker(runSource, { eval: true, execArgv: [] });
}
