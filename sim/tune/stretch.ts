import type { Scenario } from '../scenario.js';
import { recordedMs, stretchOf } from '../workload/stretch.js';
import type { Workload } from '../workload/workload.js';

/** Most requests in the stretch that the search runs again and again; keeps a search within seconds. */
const MOST_SEARCH_REQUESTS = 50_000;
/** The stretch to confirm on is at most this many times as long. */
const MOST_OTHER = 3;
/** Create times for the minimum to open before a stretch from the middle of a trace begins. */
const WARM_UP_CREATES = 10;

/** A recorded workload cut in two: one part to search on, the other to confirm on. */
export interface Stretches {
  readonly search: Scenario;
  /** Null for a workload that is not recorded: fresh seeds are fresh load there. */
  readonly other: Scenario | null;
}

/**
 * Cuts a trace: the search gets the busier half, or of a long trace the piece around its busiest moment that has about
 * 50,000 requests; up to three times as much of the longer part of the rest is for confirmation. Workloads of other kinds stay whole.
 */
export function stretchesOf(scenario: Scenario): Stretches {
  const { workload, durationMs } = scenario;
  if (workload.kind !== 'timestamps' && workload.kind !== 'counts') {
    return { search: scenario, other: null };
  }
  const counts = countsPerPart(workload, durationMs);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const share = Math.min(0.5, MOST_SEARCH_REQUESTS / Math.max(1, total));
  const parts = counts.length;
  const length = Math.max(1, Math.round(share * parts));
  const busiest = counts.indexOf(Math.max(...counts));
  const from =
    share === 0.5
      ? busiest < parts / 2
        ? 0
        : parts - length
      : Math.max(0, Math.min(parts - length, busiest - (length >> 1)));
  const until = from + length;
  const partMs = durationMs / parts;
  const isLaterLonger = parts - until >= from;
  const [otherFrom, otherUntil] = isLaterLonger
    ? [until, Math.min(parts, until + MOST_OTHER * length)]
    : [Math.max(0, from - MOST_OTHER * length), from];
  return {
    search: cut(scenario, from * partMs, until * partMs),
    other: otherFrom < otherUntil ? cut(scenario, otherFrom * partMs, otherUntil * partMs) : null,
  };
}

/**
 * What follows the slice of a trace that a scenario takes, up to `most` times as long: load that nothing was tuned on.
 *
 * @throws Error when the scenario takes all there is, or is not recorded.
 */
export function restOf(scenario: Scenario, most = 1): Scenario {
  const { workload, durationMs } = scenario;
  const untilMs = Math.min(recordedMs(workload), (1 + most) * durationMs);
  if (untilMs <= durationMs) throw new Error(`nothing follows the slice of ${scenario.name}`);
  return cut(scenario, durationMs, untilMs);
}

const PARTS = 200;

function countsPerPart(workload: Workload, durationMs: number): number[] {
  const counts = Array.from({ length: PARTS }, () => 0);
  const add = (atMs: number, count: number): void => {
    const part = Math.floor((PARTS * atMs) / durationMs);
    if (part < PARTS) counts[part] = (counts[part] as number) + count;
  };
  if (workload.kind === 'timestamps') {
    for (let index = 0; index < workload.atMs.length; index += 1) {
      add(workload.atMs[index] as number, 1);
    }
  } else if (workload.kind === 'counts') {
    for (let bin = 0; bin < workload.counts.length; bin += 1) {
      add(bin * workload.binMs, workload.counts[bin] as number);
    }
  }
  return counts;
}

function cut(scenario: Scenario, fromMs: number, untilMs: number): Scenario {
  const { warmUpMs, createMs } = scenario;
  return {
    ...scenario,
    ...stretchOf(scenario.workload, fromMs, untilMs),
    warmUpMs: Math.max(warmUpMs, WARM_UP_CREATES * createMs.meanMs),
  };
}

/** Fields of a workload that say how many come. */
const AMOUNTS: ReadonlySet<string> = new Set([
  'ratePerSecond',
  'ratesPerSecond',
  'fromRatePerSecond',
  'toRatePerSecond',
  'peakRatePerSecond',
]);
/** Those of them that must be whole. */
const COUNTS: ReadonlySet<string> = new Set(['size', 'users']);

/** The scenario with `factor` times the load: more callers, or for recorded instants the same callers in less time. */
export function withLoad(scenario: Scenario, factor: number): Scenario {
  const { workload } = scenario;
  switch (workload.kind) {
    case 'step': {
      const steps = workload.steps.map((step) => multiplied(step, factor, isAmount));
      return { ...scenario, workload: { ...multiplied(workload, factor, isAmount), steps } };
    }
    case 'timestamps': {
      const atMs = Array.from(workload.atMs, (at) => at / factor);
      const durationMs = scenario.durationMs / factor;
      return { ...scenario, durationMs, workload: { ...workload, atMs } };
    }
    case 'counts':
      return { ...scenario, workload: { ...workload, counts: scaled(workload.counts, factor) } };
    default:
      return { ...scenario, workload: multiplied(workload, factor, isAmount) };
  }
}

function isAmount(field: string): boolean {
  return AMOUNTS.has(field) || COUNTS.has(field);
}

/** The same with each number, or list of numbers, in the chosen fields multiplied. */
function multiplied<T extends object>(
  of: T,
  factor: number,
  isChosen: (field: string) => boolean,
): T {
  const fields = Object.entries(of).map(([field, value]: [string, unknown]) => {
    const times = (one: number): number =>
      COUNTS.has(field) ? Math.max(1, Math.round(factor * one)) : factor * one;
    if (!isChosen(field)) return [field, value];
    if (Array.isArray(value)) return [field, value.map((one: number) => times(one))];
    return [field, typeof value === 'number' ? times(value) : value];
  });
  // Only numbers have changed, so that it is still what it was.
  return Object.fromEntries(fields) as T;
}

/** Counts are integers: what falls below one arrival is carried to the next bin. */
function scaled(counts: ArrayLike<number>, factor: number): number[] {
  let wanted = 0;
  let given = 0;
  return Array.from(counts, (count) => {
    wanted += factor * count;
    const whole = Math.floor(wanted + 1e-9) - given;
    given += whole;
    return whole;
  });
}

/** The scenario with creates that take `factor` times as long. */
export function withCreateTime(scenario: Scenario, factor: number): Scenario {
  const createMs = multiplied(scenario.createMs, factor, (field) => field.endsWith('Ms'));
  return { ...scenario, createMs };
}
