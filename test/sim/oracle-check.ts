import { expect, it } from 'vitest';
import { mean, meanInterval, zScore } from '../../sim/analysis/statistics.js';

/** Independent replications of each row, unless it says otherwise. */
export const REPLICATIONS = 20;

/** A row of theory, and the test of it. */
export interface OracleRow {
  /** The family in `oracle.json`. */
  readonly family: string;
  readonly id: string;
  /** How much is simulated, for the title. */
  readonly size: string;
  /** Half the width of every 95 % interval (Student t) at most, relative to theory. */
  readonly halfWidth: number;
  /** Simulates and calls {@link compare} for each figure. */
  readonly run: (halfWidth: number) => void;
}

/** One test per row; its title says what was simulated and how narrow every interval is at least. */
export function testRows(rows: readonly OracleRow[], timeoutMs: number): void {
  for (const { family, id, size, halfWidth, run } of rows) {
    const percent = Number((100 * halfWidth).toPrecision(3));
    it(
      `${family} ${id}: ${size}, every interval within ± ${percent} % of theory`,
      { timeout: timeoutMs },
      () => {
        run(halfWidth);
      },
    );
  }
}

/** The row of this name. */
export function row<R extends { readonly id: string }>(rows: readonly R[], id: string): R {
  const found = rows.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no row ${id}`);
  return found;
}

/**
 * Makes sure that theory is within four standard errors of the mean, and that the standard error itself is small: a
 * variance out of all proportion would let anything pass.
 *
 * @param values One per replication.
 * @param halfWidth As in {@link OracleRow}.
 */
export function compare(
  name: string,
  values: readonly number[],
  exact: number,
  halfWidth: number,
): void {
  const width = meanInterval(values).halfWidth / exact;
  const z = zScore(values, exact);
  const text = `${name}: ${mean(values).toPrecision(7)} ± ${(100 * width).toFixed(2)} %, exactly ${exact}, z ${z.toFixed(2)}`;
  if (process.env['ORACLE_PRINT'] !== undefined) console.log(text);
  expect(Math.abs(z), text).toBeLessThanOrEqual(4);
  expect(width, text).toBeLessThanOrEqual(halfWidth);
}
