import { randomStream, type RandomStream } from '../kernel/random.js';
import type { RecordedDurations } from '../run.js';
import { byTime } from './by-time.js';
import type { RecordedRun } from './recorded-run.js';
import { countOf, stayersOf } from './stayers.js';

/** Create time when a recording tells none, in milliseconds. */
export const UNKNOWN_CREATE_MS = 10;

/** The load of a recording as the simulator plays it. */
export interface ReconstructedLoad {
  /** Arrivals in milliseconds from the start, ascending. */
  readonly atMs: Float64Array;
  /** Use time of each arrival, in milliseconds. */
  readonly workMs: Float64Array;
  /** Recorded arrivals that gave up by themselves; they are not played. */
  readonly left: number;
  /** Arrivals whose instant and use time were recorded. */
  readonly exact: number;
  /** Where create times come from. */
  readonly createsFrom: 'recorded' | 'last-known' | 'assumed';
  /** Durations in the order in which the simulator asks for them. */
  durations(): RecordedDurations;
}

/**
 * Makes a load of what was recorded. Arrivals are right to the millisecond: those of one instant stay together, others
 * are spread over their millisecond. Use times are those recorded, given to the arrivals in the order in which uses
 * ended; whoever was refused, or still had it at the end, gets one drawn from all. Who gave up by himself is left out.
 * Requests with a row of their own are played exactly.
 *
 * @param seed Where the order of the uses that ended between two decisions comes from, and all drawing.
 */
export function reconstruct(run: RecordedRun, seed: number): ReconstructedLoad {
  const stream = randomStream(seed, 0, 'recorded');
  const stayers = stayersOf(run);
  const stayed = countOf(stayers);
  const atMs = new Float64Array(stayed);
  const order = byTime(run.arrivalMs.values);
  let filled = 0;
  for (const index of order) {
    const ms = (run.arrivalMs.values[index] as number) - run.firstAt;
    const count = stayers[index] as number;
    for (let nth = 0; nth < Math.abs(count); nth += 1) {
      const part = count < 0 ? 0.5 : (nth + 0.5) / count;
      atMs[filled] = Math.max(0, ms + part);
      filled += 1;
    }
  }
  const workMs = assign(run, stayers, stream);
  const exact = playRows(run, atMs, workMs);
  const createsFrom =
    run.createTimes.count > 0 ? 'recorded' : run.knownCreateMs === null ? 'assumed' : 'last-known';
  const durations = (): RecordedDurations => {
    const creates = randomStream(seed, 0, 'create');
    const { values } = run.createdIn;
    let next = 0;
    let created = 0;
    return {
      nextWorkMs: () => workMs[next++] ?? 0,
      nextCreateMs: () => {
        if (createsFrom !== 'recorded') return run.knownCreateMs ?? UNKNOWN_CREATE_MS;
        // The first connections of a process take longer than the others, and decide how it begins.
        return values[created++] ?? run.createTimes.quantile(creates.uniform());
      },
    };
  };
  return { atMs, workMs, left: run.arrivals - stayed, exact, createsFrom, durations };
}

/** A use time for every arrival, in the order of the recording. */
function assign(run: RecordedRun, stayers: Float64Array, stream: RandomStream): Float64Array {
  const uses = Float64Array.from(run.uses.values);
  const work = new Float64Array(countOf(stayers));
  const draw = (): number => run.useTimes.quantile(stream.uniform());
  let arrival = 0;
  let arrivals = 0;
  let entry = 0;
  let use = 0;
  const intervals = run.intervals.values;
  for (let at = 0; at < intervals.length; at += 3) {
    const [entriesEnd = 0, usesEnd = 0, lost = 0] = intervals.subarray(at, at + 3);
    for (; entry < entriesEnd; entry += 1) arrivals += Math.abs(stayers[entry] as number);
    shuffle(uses, use, usesEnd, stream);
    // Nobody knows which of those who waited gave up; counting them off keeps arrivals and uses in step.
    const served = Math.min(arrivals - arrival, usesEnd - use);
    for (let nth = 0; nth < served; nth += 1) work[arrival++] = uses[use++] as number;
    for (let nth = Math.min(lost, arrivals - arrival); nth > 0; nth -= 1) work[arrival++] = draw();
  }
  while (arrival < work.length) {
    work[arrival++] = use < uses.length ? (uses[use++] as number) : draw();
  }
  return work;
}

function shuffle(values: Float64Array, from: number, to: number, stream: RandomStream): void {
  for (let last = to - 1; last > from; last -= 1) {
    const other = from + Math.floor(stream.uniform() * (last - from + 1));
    const value = values[last] as number;
    values[last] = values[other] as number;
    values[other] = value;
  }
}

/** Puts recorded requests in the place of reconstructed ones of the same millisecond; returns how many. */
function playRows(run: RecordedRun, atMs: Float64Array, workMs: Float64Array): number {
  const rows = run.rows.values;
  const starts = Float64Array.from({ length: rows.length / 3 }, (_, index) => rows[3 * index] ?? 0);
  let exact = 0;
  let arrival = 0;
  for (const index of byTime(starts)) {
    const at = starts[index] as number;
    const ms = Math.floor(at) - run.firstAt;
    while (arrival < atMs.length && (atMs[arrival] as number) < ms) arrival += 1;
    // It arrived before the recording began.
    if (arrival === atMs.length || (atMs[arrival] as number) >= ms + 1) continue;
    atMs[arrival] = Math.max(0, at - run.firstAt);
    workMs[arrival] = rows[3 * index + 2] as number;
    arrival += 1;
    exact += 1;
  }
  // What is exact may come before what is spread over the same millisecond.
  const order = byTime(atMs);
  const [sortedAt, sortedWork] = [atMs.slice(), workMs.slice()];
  for (const [place, index] of order.entries()) {
    atMs[place] = sortedAt[index] as number;
    workMs[place] = sortedWork[index] as number;
  }
  return exact;
}
