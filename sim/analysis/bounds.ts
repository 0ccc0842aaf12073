import { zeroWaitDemand, type Requests } from './bounds-requests.js';
import { MinHeap } from './min-heap.js';

/** What connections cost, for a bound. Times are milliseconds. */
export interface CostModel {
  /** Fewest connections; open all the time. */
  readonly min: number;
  /** Time from the start of a create to a usable connection; it counts as connection time. */
  readonly createMs: number;
  /** What a create costs on top of that time, in connection-milliseconds. */
  readonly createCostMs: number;
}

/** The cheapest way to serve everyone at once. */
export interface ClairvoyantBound {
  readonly connectionSeconds: number;
  /** Creates, the minimum included. */
  readonly creates: number;
  /** Connection-seconds plus creates times their cost in seconds. */
  readonly cost: number;
  /** Most connections in use at once; above the pool's maximum, nobody can serve everyone at once. */
  readonly peak: number;
}

/**
 * Lowest cost at which nobody waits, for someone who knows all arrivals and use times beforehand. Exact, O(N log N).
 *
 * Numbered from the bottom, connection k is in use while D(t) ≥ k. The cost is a sum over k, and each k decides alone about
 * each of its gaps g: keep it open for g, or close and reopen for `createMs + createCostMs`, which needs g ≥ `createMs` (the
 * ski-rental problem; per level as in Lu and Chen, "Simple and effective dynamic provisioning for power-proportional data
 * centers", 2012). A longer gap contains the shorter ones of the connections below, so that these choices agree. The
 * `min` connections are always open. A first use earlier than `createMs` after the start is taken as prepared in time.
 */
export function clairvoyantBound(requests: Requests, model: CostModel): ClairvoyantBound {
  const { min, createMs, createCostMs } = model;
  const { atMs, values } = zeroWaitDemand(requests);
  const freeSince: number[] = [];
  const endMs = Math.max(requests.horizonMs, atMs.length === 0 ? 0 : (atMs[atMs.length - 1] ?? 0));
  let sizeMs = min * endMs;
  let creates = min;
  let peak = 0;
  let level = 0;
  let before = 0;
  for (let event = 0; event < atMs.length; event += 1) {
    const at = atMs[event] as number;
    const next = values[event] as number;
    // D − min connections above the minimum were in use since the last event.
    sizeMs += Math.max(0, level - min) * (at - before);
    before = at;
    if (next > level) {
      peak = Math.max(peak, next);
      const since = freeSince[next];
      if (next > min) {
        const gap = since === undefined ? Number.POSITIVE_INFINITY : at - since;
        if (gap > createMs + createCostMs) {
          creates += 1;
          sizeMs += Math.min(createMs, at);
        } else sizeMs += gap;
      }
    } else freeSince[level] = at;
    level = next;
  }
  const connectionSeconds = sizeMs / 1_000;
  return {
    connectionSeconds,
    creates,
    cost: connectionSeconds + (creates * createCostMs) / 1_000,
    peak,
  };
}

/** What waiting is unavoidable for a pool that opens connections only when somebody waits. */
export interface ReactiveBound {
  readonly meanWaitMs: number;
  readonly maxWaitMs: number;
  /** Part of requests that waited longer than the objective, 0..1. */
  readonly violationRate: number;
  /** Connections at the end. */
  readonly size: number;
}

/**
 * Shortest waits of a pool that starts with `min` ready connections and opens one only when a caller waits: one per waiter
 * at its arrival, without a maximum, never closing. O(N log N). What a policy waits beyond this is the controller's loss;
 * the rest is the worth of knowing the future, which a larger minimum can buy.
 *
 * The recursion of Kiefer and Wolfowitz ("On the theory of queues with many servers", 1955) over the instants at which
 * connections become free, with one more per waiter.
 */
export function reactiveBound(
  { atMs, useMs }: Requests,
  model: Pick<CostModel, 'min' | 'createMs'>,
  waitObjectiveMs: number,
): ReactiveBound {
  const free = new MinHeap();
  for (let index = 0; index < model.min; index += 1) free.push(0);
  let sum = 0;
  let longest = 0;
  let late = 0;
  for (let index = 0; index < atMs.length; index += 1) {
    const at = atMs[index] as number;
    if (free.length === 0 || free.least > at) free.push(at + model.createMs);
    const start = Math.max(at, free.pop());
    free.push(start + (useMs[index] as number));
    const wait = start - at;
    sum += wait;
    longest = Math.max(longest, wait);
    if (wait > waitObjectiveMs + 1e-6) late += 1;
  }
  const count = Math.max(1, atMs.length);
  return {
    meanWaitMs: sum / count,
    maxWaitMs: longest,
    violationRate: late / count,
    size: free.length,
  };
}

/** Waits with a constant number of connections that are open from the start. */
export interface FixedSizeWaits {
  readonly size: number;
  /** Part of requests that waited longer than the objective, gave up or were rejected, 0..1. */
  readonly violationRate: number;
}

/** When callers give up or are rejected, beside what they bring themselves. */
export interface CallerLimits {
  readonly acquireTimeoutMs: number;
  readonly maxPending: number;
}

const PATIENT: CallerLimits = {
  acquireTimeoutMs: Number.POSITIVE_INFINITY,
  maxPending: Number.POSITIVE_INFINITY,
};

/**
 * The smallest constant size at which at most the part `allowed` of requests waits longer than the objective, gives up or is
 * rejected, known only in hindsight; null if `most` does not do. Fewer are late with every connection added, so bisection
 * finds it.
 */
export function bestFixedSize(
  requests: Requests,
  waitObjectiveMs: number,
  allowed: number,
  most: number,
  limits: CallerLimits = PATIENT,
): FixedSizeWaits | null {
  let high = fixedSizeWaits(requests, waitObjectiveMs, most, limits);
  if (high.violationRate > allowed) return null;
  let low = 0;
  while (high.size - low > 1) {
    const tried = fixedSizeWaits(requests, waitObjectiveMs, (low + high.size) >> 1, limits);
    if (tried.violationRate <= allowed) high = tried;
    else low = tried.size;
  }
  return high;
}

/** The first come are the first served; whoever gives up in the end takes nobody's turn. */
function fixedSizeWaits(
  { atMs, useMs, patienceMs }: Requests,
  waitObjectiveMs: number,
  size: number,
  { acquireTimeoutMs, maxPending }: CallerLimits,
): FixedSizeWaits {
  const free = new MinHeap();
  for (let index = 0; index < size; index += 1) free.push(0);
  /** When each of those who wait stops waiting. */
  const waiting = new MinHeap();
  let late = 0;
  for (let index = 0; index < atMs.length; index += 1) {
    const at = atMs[index] as number;
    while (waiting.length > 0 && waiting.least <= at) waiting.pop();
    const start = Math.max(at, free.least);
    const givesUpAt = at + Math.min(acquireTimeoutMs, patienceMs?.[index] ?? acquireTimeoutMs);
    const isRejected = start > at && waiting.length >= maxPending;
    if (start > at && !isRejected) waiting.push(Math.min(start, givesUpAt));
    if (isRejected || start > givesUpAt || start - at > waitObjectiveMs + 1e-6) late += 1;
    if (isRejected || start > givesUpAt) continue;
    free.pop();
    free.push(start + (useMs[index] as number));
  }
  return { size, violationRate: late / Math.max(1, atMs.length) };
}
