import { INDEPENDENT, speedOf } from '../backend/backend.js';
import type { Scenario } from '../scenario.js';
import { steadyRate } from '../workload/workload.js';

/** Relaxation times that a run must last before its percentiles mean anything; after three the p99 is some 40 % low. */
const RELAXATION_TIMES = 300;

/** A run that is too short for its load. */
export interface ShortRun {
  /** Length in milliseconds from which on percentiles can be trusted; Infinity when there is no steady state. */
  readonly neededMs: number;
  /** Length in milliseconds that counted. */
  readonly givenMs: number;
  /** What to do about it, in one sentence. */
  readonly reason: string;
}

/**
 * How long a queue remembers, in milliseconds: the relaxation time of M/M/c, 1 / (√(cμ) − √λ)² (Cohen 1982, III.2).
 *
 * @param perMs Arrivals per millisecond, λ.
 * @param capacityPerMs Completions per millisecond with everything busy, cμ.
 */
export function relaxationMs(perMs: number, capacityPerMs: number): number {
  if (perMs >= capacityPerMs) return Number.POSITIVE_INFINITY;
  return (Math.sqrt(capacityPerMs) - Math.sqrt(perMs)) ** -2;
}

/**
 * Whether a replication is too short to give percentiles of the wait, or null. Only loads that stay the same have a
 * steady state to miss; a trace or a spike is what it is. Callers who give up or are refused shorten the memory to what
 * they wait at most.
 *
 * @param discardMs Part of the workload that does not count.
 */
export function findShortRun(scenario: Scenario, discardMs: number): ShortRun | null {
  const { workload, serviceMs, max, acquireTimeoutMs, maxPending, durationMs } = scenario;
  const rate = steadyRate(workload);
  if (rate === null || rate === 0 || serviceMs.meanMs === 0) return null;
  const perMs = rate / 1_000;
  const capacityPerMs = mostAtOnce(scenario, max) / serviceMs.meanMs;
  const longestWaitMs = Math.min(acquireTimeoutMs, maxPending / capacityPerMs);
  const memoryMs = Math.min(relaxationMs(perMs, capacityPerMs), longestWaitMs);
  const neededMs = RELAXATION_TIMES * memoryMs;
  const givenMs = Math.max(0, durationMs - discardMs);
  if (givenMs >= neededMs) return null;
  const load = perMs / capacityPerMs;
  const reason =
    neededMs === Number.POSITIVE_INFINITY
      ? `at ${percent(load)} load of ${max} connections the queue has no steady state`
      : `at ${percent(load)} load of ${max} connections percentiles need a run of ${round(neededMs)} ms, ${RELAXATION_TIMES} times as long as the queue remembers; this one has ${round(givenMs)} ms`;
  return { neededMs, givenMs, reason };
}

/** The most work that up to `max` connections do at once, in connections at full speed. */
function mostAtOnce({ backend = INDEPENDENT }: Scenario, max: number): number {
  if (backend.kind === 'independent') return max;
  let most = 0;
  for (let busy = 1; busy <= max; busy += 1) most = Math.max(most, busy * speedOf(backend, busy));
  return most;
}

function percent(part: number): string {
  return `${(100 * part).toPrecision(3)} %`;
}

function round(ms: number): string {
  return String(Math.ceil(Number(ms.toPrecision(3))));
}
