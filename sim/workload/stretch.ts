import type { Workload } from './workload.js';

/** A part of a recorded workload, with its length in milliseconds. */
export interface Stretch {
  readonly workload: Workload;
  readonly durationMs: number;
}

/**
 * What arrives from `fromMs` up to `untilMs`, counted from there; of counts, whole bins. A workload that is not recorded
 * stays as it is.
 */
export function stretchOf(workload: Workload, fromMs: number, untilMs: number): Stretch {
  if (workload.kind === 'timestamps') {
    const all = Array.from(workload.atMs);
    const first = all.findIndex((at) => at >= fromMs);
    const begin = first < 0 ? all.length : first;
    const next = all.findIndex((at) => at >= untilMs);
    const end = next < 0 ? all.length : next;
    // A list beside the instants has an entry per arrival, such as its work.
    const lists = Object.entries(workload).map(([field, value]: [string, unknown]) =>
      isList(value) ? [field, Array.from(value).slice(begin, end)] : [field, value],
    );
    const part = Object.fromEntries(lists) as typeof workload;
    const atMs = all.slice(begin, end).map((at) => at - fromMs);
    return { durationMs: Math.max(0, untilMs - fromMs), workload: { ...part, atMs } };
  }
  if (workload.kind === 'counts') {
    const { binMs } = workload;
    const counts = Array.from(workload.counts).slice(
      Math.floor(fromMs / binMs),
      Math.ceil(untilMs / binMs),
    );
    return { durationMs: counts.length * binMs, workload: { ...workload, counts } };
  }
  return { workload, durationMs: untilMs };
}

/** Length of a recorded workload in milliseconds; 0 of any other. */
export function recordedMs(workload: Workload): number {
  if (workload.kind === 'timestamps') return (workload.atMs[workload.atMs.length - 1] ?? -1) + 1;
  return workload.kind === 'counts' ? workload.counts.length * workload.binMs : 0;
}

function isList(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || value instanceof Float64Array;
}
