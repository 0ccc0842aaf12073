import type { ReconstructedLoad } from './reconstruct.js';

/** Names of the columns: milliseconds from the start, and of use. */
export const TRACE_COLUMNS = ['at_ms', 'use_ms'] as const;

/** The load of a recording as CSV, for commands that take a trace: one line per arrival. */
export function traceOf({ atMs, workMs }: ReconstructedLoad): string {
  const lines = [TRACE_COLUMNS.join(',')];
  for (const [index, at] of atMs.entries()) {
    lines.push(`${at.toFixed(3)},${(workMs[index] ?? 0).toFixed(3)}`);
  }
  return `${lines.join('\n')}\n`;
}
