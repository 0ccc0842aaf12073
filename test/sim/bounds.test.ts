import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { bestFixedSize, clairvoyantBound, reactiveBound } from '../../sim/analysis/bounds.js';
import {
  isLoadIndependent,
  requestsOf,
  zeroWaitDemand,
  type Requests,
} from '../../sim/analysis/bounds-requests.js';
import { costFloorWithWaiting } from '../../sim/analysis/bounds-waiting.js';
import { MinHeap } from '../../sim/analysis/min-heap.js';
import { loadScenario, simulate } from '../../sim/index.js';

const HORIZON = 12;

/** Requests at whole milliseconds, so that every schedule of whole milliseconds can be tried. */
const fewRequests = fc
  .array(fc.record({ at: fc.integer({ min: 3, max: 9 }), use: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((all): Requests => {
    const sorted = all.toSorted((a, b) => a.at - b.at);
    return {
      atMs: Float64Array.from(sorted, ({ at }) => at),
      useMs: Float64Array.from(sorted, ({ use }) => use),
      horizonMs: HORIZON,
    };
  });

/** Connections in use in each millisecond if nobody waits. */
function inUse({ atMs, useMs }: Requests): number[] {
  const counts = Array.from({ length: HORIZON }, () => 0);
  for (const [index, at] of atMs.entries()) {
    for (let ms = at; ms < at + (useMs[index] as number); ms += 1)
      counts[ms] = (counts[ms] ?? 0) + 1;
  }
  return counts;
}

/**
 * The cheapest schedule by dynamic programming over all sizes per millisecond, as open connections: a rise by k at t costs k
 * creates, each with `createMs` before t. It knows nothing of levels and gaps. Creating connections may not overlap with
 * the same connection being open before: a rise needs that many fewer open in the `createMs` before.
 */
function cheapest(
  need: readonly number[],
  min: number,
  createMs: number,
  createCost: number,
): number {
  const peak = Math.max(min, ...need);
  let best = Number.POSITIVE_INFINITY;
  // One bit string per level would be the decomposition itself; enumerate whole schedules instead.
  const walk = (ms: number, sizes: number[], cost: number): void => {
    if (cost >= best) return;
    if (ms === need.length) {
      best = cost;
      return;
    }
    const before = ms === 0 ? min : (sizes[ms - 1] as number);
    for (let size = Math.max(min, need[ms] as number); size <= peak; size += 1) {
      const rise = Math.max(0, size - before);
      // Whoever opens earlier than a create takes after a close would rather not have closed.
      sizes.push(size);
      walk(ms + 1, sizes, cost + size + rise * (createMs + createCost));
      sizes.pop();
    }
  };
  walk(0, [], min * createCost);
  return best;
}

describe('the clairvoyant bound', () => {
  it('is the cheapest of all schedules', () => {
    fc.assert(
      fc.property(
        fewRequests,
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 5 }),
        (requests, min, createMs, createCostMs) => {
          const { cost } = clairvoyantBound(requests, { min, createMs, createCostMs });
          const expected = cheapest(inUse(requests), min, createMs, createCostMs);
          expect(1_000 * cost).toBeCloseTo(expected, 6);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps a connection over a gap that is cheaper than a create', () => {
    const requests = {
      atMs: Float64Array.of(1_000, 5_000),
      useMs: Float64Array.of(100, 100),
      horizonMs: 6_000,
    };
    const model = { min: 0, createMs: 50, createCostMs: 10_000 };
    expect(clairvoyantBound(requests, model)).toEqual({
      connectionSeconds: 4.15,
      creates: 1,
      cost: 14.15,
      peak: 1,
    });
    const cheap = clairvoyantBound(requests, { ...model, createCostMs: 100 });
    expect(cheap.creates).toBe(2);
    expect(cheap.connectionSeconds).toBeCloseTo(0.3, 12);
  });

  it('costs nothing when nobody comes', () => {
    const nobody = { atMs: new Float64Array(), useMs: new Float64Array(), horizonMs: 1_000 };
    const bound = clairvoyantBound(nobody, { min: 0, createMs: 20, createCostMs: 1 });
    expect(bound).toEqual({ connectionSeconds: 0, creates: 0, cost: 0, peak: 0 });
  });
});

describe('the floor with waiting', () => {
  it('is below every schedule without waits and falls with the wait allowed', () => {
    fc.assert(
      fc.property(fewRequests, fc.integer({ min: 0, max: 2 }), (requests, min) => {
        const model = { min, createMs: 2, createCostMs: 7 };
        const none = costFloorWithWaiting(requests, model, 0);
        const some = costFloorWithWaiting(requests, model, 3);
        expect(none.cost).toBeLessThanOrEqual(clairvoyantBound(requests, model).cost + 1e-9);
        expect(some.cost).toBeLessThanOrEqual(none.cost);
      }),
    );
  });

  it('never asks for more connections than a fixed size that does it', () => {
    fc.assert(
      fc.property(fewRequests, fc.integer({ min: 0, max: 4 }), (requests, waitMs) => {
        const { size } = costFloorWithWaiting(
          requests,
          { min: 0, createMs: 0, createCostMs: 1 },
          waitMs,
        );
        const enough = bestFixedSize(requests, waitMs, 0, 10);
        expect(size).toBeLessThanOrEqual(enough?.size ?? 0);
      }),
    );
  });

  it('sees that a burst needs connections even if it may wait', () => {
    const atMs = Float64Array.from({ length: 100 }, () => 500);
    const burst = { atMs, useMs: atMs.map(() => 10), horizonMs: 1_000 };
    const { size } = costFloorWithWaiting(burst, { min: 0, createMs: 0, createCostMs: 0 }, 90);
    expect(size).toBeGreaterThanOrEqual(9);
    expect(size).toBeLessThanOrEqual(10);
  });
});

describe('the reactive bound', () => {
  it('waits for the first of a return and a create', () => {
    const requests = {
      atMs: Float64Array.of(0, 10, 20, 200),
      useMs: Float64Array.of(15, 30, 5, 1),
      horizonMs: 300,
    };
    // The first waits 20 for its create; the second gets the connection opened for it at 30, the third the first's at 35.
    const { meanWaitMs, maxWaitMs, violationRate, size } = reactiveBound(
      requests,
      { min: 0, createMs: 20 },
      15,
    );
    expect([meanWaitMs, maxWaitMs, violationRate, size]).toEqual([(20 + 20 + 15) / 4, 20, 0.5, 3]);
  });
});

describe('the best fixed size', () => {
  it('is the smallest that does', () => {
    const requests = requestsOf(loadScenario('steady'), 3, 0);
    const best = bestFixedSize(requests, 10, 0.01, 64);
    expect(best?.violationRate).toBeLessThanOrEqual(0.01);
    const scenario = { ...loadScenario('steady'), warmUpMs: 1_000 };
    const size = best?.size ?? 0;
    const rate = (fixed: number): number =>
      simulate({ ...scenario, min: fixed }, { name: 'fixed', size: fixed }, { seed: 3 })
        .violationRate;
    expect(rate(size)).toBeLessThanOrEqual(0.01);
    expect(rate(size - 1)).toBeGreaterThan(0.01);
    expect(bestFixedSize(requests, 10, 0.01, 5)).toBeNull();
  });

  it.each([
    ['a timeout below the objective', { acquireTimeoutMs: 5, waitObjectiveMs: 1_000 }],
    ['a short queue', { maxPending: 2 }],
    ['callers of little patience', { patienceMs: { kind: 'exponential', meanMs: 2 } }],
  ] as const)('counts with %s as a run does', (_what, fields) => {
    const scenario = {
      ...loadScenario('steady'),
      durationMs: 10_000,
      warmUpMs: 1_000,
      ...fields,
    };
    const { waitObjectiveMs } = scenario;
    const requests = requestsOf(scenario, 3, 0);
    const { size = 0, violationRate } =
      bestFixedSize(requests, waitObjectiveMs, 0.01, 64, scenario) ?? {};
    const rate = (fixed: number): number =>
      simulate({ ...scenario, min: fixed }, { name: 'fixed', size: fixed }, { seed: 3 })
        .violationRate;
    expect(rate(size)).toBe(violationRate);
    expect(violationRate).toBeLessThanOrEqual(0.01);
    expect(rate(size - 1)).toBeGreaterThan(0.01);
  });
});

describe('the requests of a replication', () => {
  it('are known beforehand only if nothing that the pool does comes back to it', () => {
    const steady = loadScenario('steady');
    expect(isLoadIndependent(steady)).toBe(true);
    for (const field of ['retries', 'backend', 'faults']) {
      expect(isLoadIndependent({ ...steady, [field]: {} })).toBe(false);
    }
  });

  it('are those that a policy meets', () => {
    // With a connection for everyone, connection time in use is the same as without a pool.
    const scenario = { ...loadScenario('batch'), min: 200, max: 200, warmUpMs: 500 };
    const requests = requestsOf(scenario, 4, 2);
    const result = simulate(scenario, 'fixed', { seed: 4, replication: 2 });
    expect(requests.atMs.length).toBe(result.requests);
    const tight = { ...scenario, min: 3, max: 3, acquireTimeoutMs: Infinity };
    const waits = simulate(tight, 'fixed', { seed: 4, replication: 2 });
    const free = new MinHeap();
    for (let index = 0; index < 3; index += 1) free.push(0);
    let sum = 0;
    for (const [index, at] of requests.atMs.entries()) {
      const start = Math.max(at, free.pop());
      free.push(start + (requests.useMs[index] as number));
      sum += start - at;
    }
    expect(waits.wait.meanMs).toBeCloseTo(sum / requests.atMs.length, 6);
  });

  it('make the demand that one would count', () => {
    fc.assert(
      fc.property(fewRequests, (requests) => {
        const { atMs, values } = zeroWaitDemand(requests);
        const counts = inUse(requests);
        for (let ms = 0; ms < HORIZON; ms += 1) {
          const last = Array.from(atMs).findLastIndex((at) => at <= ms);
          expect(last < 0 ? 0 : values[last]).toBe(counts[ms]);
        }
      }),
    );
  });
});
