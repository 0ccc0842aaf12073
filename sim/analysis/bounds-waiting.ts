import type { CostModel } from './bounds.js';
import { zeroWaitDemand, type Requests, type StepFunction } from './bounds-requests.js';

/** Longest window looked at, in milliseconds; longer ones ask for little more than the mean load. */
const LONGEST_WINDOW_MS = 65_536;

/** What anyone pays at least who lets nobody wait longer than allowed. */
export interface CostFloor {
  /** Connection-seconds plus creates times their cost in seconds. */
  readonly cost: number;
  /** Connections that are needed at some instant. */
  readonly size: number;
}

/**
 * A floor under the cost of any policy that lets nobody wait longer than `waitMs` and has at least `min` connections.
 * O(N).
 *
 * With waiting allowed the exact optimum is a scheduling problem, which request takes which connection when, that nobody
 * solves in reasonable time for many requests; this is a bound below it, seldom reached. Connection time is at least the
 * use time of all requests and at least `min` all the time, and each connection above `min` had to be created. Whoever
 * came in [u, e] has begun by e + `waitMs`, so the work that unlimited connections would have done for them by e is done by
 * then, and at some instant there are n ≥ work / (e − u + `waitMs`) connections. (Demand bound functions: Baruah, Mok and
 * Rosier, 1990.) Windows of 1, 2, 4, … 65,536 ms that
 * begin with an arrival are looked at.
 */
export function costFloorWithWaiting(
  requests: Requests,
  model: CostModel,
  waitMs: number,
): CostFloor {
  const { min, createMs, createCostMs } = model;
  const { useMs, horizonMs } = requests;
  let useSum = 0;
  for (let index = 0; index < useMs.length; index += 1) useSum += useMs[index] as number;
  const size = Math.max(min, sizeAtSomeInstant(requests, waitMs));
  const sizeMs = Math.max(useSum, min * horizonMs) + (size - min) * createMs;
  return { cost: (sizeMs + size * createCostMs) / 1_000, size };
}

function sizeAtSomeInstant(requests: Requests, waitMs: number): number {
  const { atMs, useMs } = requests;
  const demand = zeroWaitDemand(requests);
  const endMs = demand.atMs[demand.atMs.length - 1] ?? 0;
  let need = Math.min(1, atMs.length);
  const longest = Math.min(2 * endMs, LONGEST_WINDOW_MS);
  for (let windowMs = 1; windowMs <= longest; windowMs *= 2) {
    const start = new WorkDone(demand);
    const end = new WorkDone(demand);
    let broughtMs = 0;
    for (let index = 0; index < atMs.length; index += 1) {
      const from = atMs[index] as number;
      const doneBefore = start.by(from);
      // What those before still have to do when the window begins is not work of the window.
      const work = end.by(from + windowMs) - doneBefore - (broughtMs - doneBefore);
      if (windowMs + waitMs > 0) {
        need = Math.max(need, Math.ceil(work / (windowMs + waitMs) - 1e-9));
      }
      broughtMs += useMs[index] as number;
    }
  }
  return need;
}

/** ∫D dt from the start, for instants that do not fall. */
class WorkDone {
  readonly #demand: StepFunction;
  #event = 0;
  #area = 0;
  #reached = 0;
  #level = 0;

  constructor(demand: StepFunction) {
    this.#demand = demand;
  }

  by(untilMs: number): number {
    const { atMs, values } = this.#demand;
    while (this.#event < atMs.length && (atMs[this.#event] as number) < untilMs) {
      const at = atMs[this.#event] as number;
      this.#area += this.#level * (at - this.#reached);
      this.#reached = at;
      this.#level = values[this.#event] as number;
      this.#event += 1;
    }
    this.#area += this.#level * (untilMs - this.#reached);
    this.#reached = untilMs;
    return this.#area;
  }
}
