import { describe, it } from 'vitest';
import { bounded, gimc, mdc, mg1, mmc, mmpp, shared, timeout } from './oracle-cases.js';
import type { OracleCase } from './oracle-cases.js';
import { check } from './oracle-check.js';

/**
 * The rows of theory that are not in `oracle.test.ts`, most of them with a load above 0.9, where a queue remembers so long
 * that only tens of millions of requests tell anything: `npm run test:long`.
 */
type Row = readonly [
  family: (id: string, arrivals: number) => OracleCase,
  id: string,
  arrivals: number,
  halfWidth: number,
];

const ROWS: readonly Row[] = [
  [mmc, 'mmc2', 500_000, 0.04],
  [mmc, 'mmc4', 500_000, 0.04],
  [mmc, 'mmc8', 500_000, 0.05],
  [mmc, 'mmc10', 6_000_000, 0.1],
  [bounded, 'mmck5', 100_000, 0.02],
  [bounded, 'mmck8', 200_000, 0.03],
  [bounded, 'mmck10', 200_000, 0.03],
  [timeout, 'mmcD2', 100_000, 0.02],
  [timeout, 'mmcD4', 100_000, 0.02],
  [timeout, 'mmcD7', 200_000, 0.03],
  [mg1, 'mg1_7', 500_000, 0.05],
  [mdc, 'mdc1', 100_000, 0.02],
  [mdc, 'mdc2', 500_000, 0.04],
  [mdc, 'mdc5', 500_000, 0.04],
  [mdc, 'mdc7', 500_000, 0.04],
  [mdc, 'mdc8', 300_000, 0.03],
  [gimc, 'gim1_2', 500_000, 0.05],
  [gimc, 'gim1_4', 500_000, 0.05],
  [gimc, 'dmc3', 500_000, 0.04],
  [mmpp, 'mmpp1', 500_000, 0.02],
  [shared, 'shared4', 500_000, 0.05],
  [shared, 'shared5', 500_000, 0.15],
];

describe.each(ROWS)('%o', (family, id, arrivals, halfWidth) => {
  it(`${id} agrees with theory within ${100 * halfWidth} %`, () => {
    check(family(id, arrivals), halfWidth);
  }, 1_200_000);
});
