import { expect } from 'vitest';
import { mean, meanInterval, zScore } from '../../sim/analysis/statistics.js';
import { simulate } from '../../sim/simulate.js';
import type { OracleCase } from './oracle-cases.js';

/** Independent replications of each case. */
export const REPLICATIONS = 20;

/**
 * Makes sure that theory is within four standard errors of the mean of twenty replications, and that the standard error
 * itself is small: a variance out of all proportion would let anything pass.
 *
 * @param halfWidth Half the width of the 95 % interval (Student t) at most, relative to theory.
 */
export function check({ scenario, discardMs, metrics }: OracleCase, halfWidth: number): void {
  const results = Array.from({ length: REPLICATIONS }, (_none, replication) =>
    simulate(scenario, 'fixed', { seed: 11, replication, discardMs }),
  );
  for (const [name, [read, exact]] of Object.entries(metrics)) {
    compare(
      name,
      results.map((result) => read(result)),
      exact,
      halfWidth,
    );
  }
}

/** The same for values that are there already, one per replication. */
export function compare(
  name: string,
  values: readonly number[],
  exact: number,
  halfWidth: number,
): void {
  const width = meanInterval(values).halfWidth / exact;
  const z = zScore(values, exact);
  const text = `${name}: ${mean(values)} ± ${(100 * width).toFixed(2)} %, exactly ${exact}, z ${z.toFixed(2)}`;
  if (process.env['ORACLE_PRINT'] !== undefined) console.log(text);
  expect(Math.abs(z), text).toBeLessThan(4);
  expect(width, text).toBeLessThan(halfWidth);
}
