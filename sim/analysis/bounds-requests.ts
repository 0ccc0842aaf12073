import { sampler } from '../kernel/distributions.js';
import { randomStream } from '../kernel/random.js';
import type { Scenario } from '../scenario.js';
import { arrivalsOf } from '../workload/arrivals.js';

/** What the callers of one replication bring, whatever the pool does. */
export interface Requests {
  /** When each arrives, ascending, in milliseconds from the start of the run. */
  readonly atMs: Float64Array;
  /** How long each holds its connection, in milliseconds. */
  readonly useMs: Float64Array;
  /** How long each waits at most, in milliseconds, where callers bring that themselves. */
  readonly patienceMs?: Float64Array | undefined;
  /** When the run ends at the earliest, in milliseconds: warm-up and duration. */
  readonly horizonMs: number;
}

/** What makes use times or arrivals depend on the pool, where a scenario has it. */
const FEEDBACK = ['backend', 'faults', 'retries'] as const;

/**
 * Whether callers come and hold connections regardless of what the pool does. Bounds mean something only then: users who
 * wait for their answer, callers who come back and servers that slow down make another load for every policy.
 */
export function isLoadIndependent(scenario: Scenario): boolean {
  const fields: Readonly<Record<string, unknown>> = { ...scenario };
  const workload: string = scenario.workload.kind;
  const service: string = scenario.serviceMs.kind;
  return (
    workload !== 'closed' &&
    service !== 'recorded' &&
    FEEDBACK.every((field) => fields[field] === undefined)
  );
}

/**
 * The requests that a replication of a scenario meets: the very ones a policy meets under this seed and replication. Right
 * only where {@link isLoadIndependent}.
 */
export function requestsOf(scenario: Scenario, seed: number, replication: number): Requests {
  const { workload, durationMs, warmUpMs, serviceMs, patienceMs } = scenario;
  const arrivals = arrivalsOf(workload, durationMs, randomStream(seed, replication, 'arrivals'));
  const draw = sampler(serviceMs, randomStream(seed, replication, 'service'));
  const atMs: number[] = [];
  const useMs: number[] = [];
  for (;;) {
    const at = arrivals.next();
    if (at === Number.POSITIVE_INFINITY) break;
    atMs.push(warmUpMs + at);
    useMs.push(draw());
  }
  return {
    atMs: Float64Array.from(atMs),
    useMs: Float64Array.from(useMs),
    patienceMs:
      patienceMs &&
      Float64Array.from(atMs, sampler(patienceMs, randomStream(seed, replication, 'patience'))),
    horizonMs: warmUpMs + durationMs,
  };
}

/** A number that jumps: `values[i]` from `atMs[i]` on, ascending; 0 before the first. */
export interface StepFunction {
  readonly atMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/**
 * Connections in use over time if nobody ever waited: D(t) = number of requests with a ≤ t < a + s. Completions at an
 * instant come before arrivals, as in a run. One entry per event, so several may share an instant.
 */
export function zeroWaitDemand({ atMs, useMs }: Requests): StepFunction {
  const count = atMs.length;
  const ends = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    ends[index] = (atMs[index] as number) + (useMs[index] as number);
  }
  ends.sort();
  const at = new Float64Array(2 * count);
  const values = new Float64Array(2 * count);
  let begun = 0;
  let ended = 0;
  while (ended < count) {
    const start = begun < count ? (atMs[begun] as number) : Number.POSITIVE_INFINITY;
    const end = ends[ended] as number;
    const event = begun + ended;
    // A use of length zero would otherwise end before it began.
    if (end <= start && ended < begun) ended += 1;
    else begun += 1;
    at[event] = Math.min(start, end);
    values[event] = begun - ended;
  }
  return { atMs: at, values };
}
