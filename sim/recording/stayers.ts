import { byTime } from './by-time.js';
import type { RecordedRun } from './recorded-run.js';

/**
 * How many of each entry of `run.arrivalCounts` stayed until they were served or refused, with the sign that it has there.
 * Who left is taken from the arrivals of the same millisecond, or of the last one before that has any: a caller counts as
 * one of the instant at which its turn of the event loop began. Who had come before the recording began is nobody's.
 */
export function stayersOf(run: RecordedRun): Float64Array {
  const stayers = Float64Array.from(run.arrivalCounts.values);
  const arrivalMs = run.arrivalMs.values;
  const arrivals = byTime(arrivalMs);
  const leftMs = run.leftMs.values;
  const before: number[] = [];
  let next = 0;
  for (const left of byTime(leftMs)) {
    for (; next < arrivals.length; next += 1) {
      const arrival = arrivals[next] as number;
      if ((arrivalMs[arrival] as number) > (leftMs[left] as number)) break;
      before.push(arrival);
    }
    takeAway(run.leftCounts.values[left] as number, before, stayers);
  }
  return stayers;
}

/** How many they are together. */
export function countOf(stayers: Float64Array): number {
  return stayers.reduce((sum, count) => sum + Math.abs(count), 0);
}

/** Takes so many from the last entries of `before` that have any. */
function takeAway(many: number, before: number[], stayers: Float64Array): void {
  let rest = many;
  for (let last = before.at(-1); rest > 0 && last !== undefined; last = before.at(-1)) {
    const there = stayers[last] as number;
    const taken = Math.min(rest, Math.abs(there));
    rest -= taken;
    stayers[last] = there - Math.sign(there) * taken;
    if (stayers[last] === 0) before.pop();
  }
}
