import { parentPort } from 'node:worker_threads';
import { runTask, type SimulationTask } from './task.js';

/** What a worker thread answers: the result of its task, or what went wrong. */
export type Answer = { readonly result: ReturnType<typeof runTask> } | { readonly error: unknown };

// Tasks come one after the other; the thread ends when its owner terminates it.
parentPort?.on('message', (task: SimulationTask) => {
  parentPort?.postMessage(answer(task));
});

function answer(task: SimulationTask): Answer {
  try {
    return { result: runTask(task) };
  } catch (error) {
    return { error };
  }
}
