import { describe, it } from 'vitest';
import { bounded, gimc, mdc, mg1, mmc, mmpp, patience, shared, timeout } from './oracle-cases.js';
import type { OracleCase } from './oracle-cases.js';
import { check } from './oracle-check.js';

/**
 * The simulator against exact results of queueing theory, through the real autoscaler with the policy `fixed`. Rows with
 * a load above 0.9, which need long runs, are in `oracle.long.ts`; models whose pool opens and closes connections by rules
 * that no policy has are in `oracle-setup.test.ts`, the transient ones in `oracle-transient.test.ts`.
 *
 * Nothing is left out but approximations (Allen-Cunneen, Sakasegawa), which are not exact.
 */
type Row = readonly [
  family: (id: string, arrivals: number) => OracleCase,
  id: string,
  /** Arrivals in each of the twenty replications. */
  arrivals: number,
  /** Half the width of every 95 % interval at most, relative. */
  halfWidth: number,
];

const ROWS: readonly Row[] = [
  [mmc, 'mmc1', 30_000, 0.02],
  [mmc, 'mmc5', 30_000, 0.04],
  [mmc, 'mmc7', 40_000, 0.05],
  [mmc, 'mmc11', 30_000, 0.07],
  [bounded, 'mmck1', 30_000, 0.02],
  [bounded, 'mmck2', 30_000, 0.02],
  [bounded, 'mmck4', 60_000, 0.02],
  [bounded, 'mmck7', 20_000, 0.02],
  [bounded, 'mmck11', 20_000, 0.02],
  [timeout, 'mmcD1', 30_000, 0.02],
  [timeout, 'mmcD5', 40_000, 0.02],
  [timeout, 'mmcD8', 30_000, 0.02],
  [patience, 'mmcM1', 30_000, 0.02],
  [patience, 'mmcM2', 30_000, 0.02],
  [mg1, 'mg1_1', 30_000, 0.02],
  [mg1, 'mg1_2', 40_000, 0.02],
  [mg1, 'mg1_4', 30_000, 0.03],
  [mg1, 'mg1_5', 40_000, 0.08],
  [mg1, 'mg1_8', 40_000, 0.2],
  [mdc, 'mdc4', 40_000, 0.03],
  [gimc, 'gim1_1', 40_000, 0.03],
  [gimc, 'gim1_5', 40_000, 0.05],
  [gimc, 'dmc2', 40_000, 0.06],
  [mmpp, 'mmpp1', 40_000, 0.06],
  [mmpp, 'mmpp2', 40_000, 0.15],
  [shared, 'shared1', 30_000, 0.06],
  [shared, 'shared2', 30_000, 0.06],
];

describe.each(ROWS)('%o', (family, id, arrivals, halfWidth) => {
  it(`${id} agrees with theory within ${100 * halfWidth} %`, () => {
    check(family(id, arrivals), halfWidth);
  }, 60_000);
});
