import { describe, expect, it } from 'vitest';

import { meanInterval, zScore } from '../../sim/analysis/statistics.js';
import { parseScenario, simulate } from '../../sim/index.js';
import oracle from './oracle-mmc.json' with { type: 'json' };

const REPLICATIONS = 20;
const FEWEST_ARRIVALS = 40_000;

/**
 * Arrivals in one relaxation time of M/M/c: how long the queue remembers. Runs much shorter than a hundred of them see
 * too few busy periods, and their first twenty still remember the empty start.
 */
function relaxation(lam: number, mu: number, c: number): number {
  return lam / (Math.sqrt(c * mu) - Math.sqrt(lam)) ** 2;
}

// A second of the oracle is a millisecond here, so that the controller's ticks do not dominate.
describe('M/M/c with a fixed pool', () => {
  it.each(oracle.rows)(
    '$id: load $rho on $c agrees with theory',
    ({ lam, mu, c, pWait, meanWait }) => {
      const memory = relaxation(lam, mu, c);
      const arrivals = Math.max(FEWEST_ARRIVALS, 120 * memory);
      const scenario = parseScenario({
        version: 1,
        name: 'mmc',
        description: 'M/M/c.',
        durationMs: arrivals / lam,
        workload: { kind: 'poisson', ratePerSecond: lam * 1_000 },
        serviceMs: `exp:${1 / mu}`,
        createMs: 0,
        min: c,
        max: c,
        waitObjectiveMs: 1,
        acquireTimeoutMs: 'Infinity',
        warmUpMs: 1,
      });
      const results = Array.from({ length: REPLICATIONS }, (_none, replication) =>
        simulate(scenario, 'fixed', { seed: 11, replication, discardMs: (20 * memory) / lam }),
      );
      const waits = results.map((result) => result.wait.meanMs);
      const waited = results.map((result) => result.waited / result.requests);
      expect(Math.abs(zScore(waits, meanWait))).toBeLessThan(4);
      expect(Math.abs(zScore(waited, pWait))).toBeLessThan(4);
      // A variance out of all proportion would let anything pass.
      expect(meanInterval(waits).halfWidth / meanWait).toBeLessThan(0.15);
      expect(meanInterval(waited).halfWidth / pWait).toBeLessThan(0.03);
    },
    30_000,
  );
});
