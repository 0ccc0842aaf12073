import { simulate } from '../../sim/simulate.js';
import {
  bounded,
  gimc,
  mdc,
  mg1,
  mmc,
  mmpp,
  patience,
  shared,
  timeout,
  type OracleCase,
} from './oracle-cases.js';
import { compare, REPLICATIONS } from './oracle-check.js';
import type { OracleRow } from './oracle-check.js';
import { reactivePool, setup } from './oracle-setup.js';
import { filling, stepping, swinging } from './oracle-transient.js';

/**
 * Rows through the real autoscaler with the policy `fixed`: 2 % where two million requests narrow it so far. The others
 * are looked at roughly here and closely in {@link LONG_ROWS}, where those with a load above 0.9 are too: a queue under
 * such a load remembers so long that only tens of millions of requests tell anything.
 */
export const STEADY_ROWS: readonly OracleRow[] = [
  steady('mmc', mmc, 'mmc1', 30_000, 0.02),
  steady('mmc', mmc, 'mmc5', 110_000, 0.02),
  steady('mmc', mmc, 'mmc7', 40_000, 0.05),
  steady('mmc', mmc, 'mmc11', 40_000, 0.06),
  steady('mmcK', bounded, 'mmck1', 30_000, 0.02),
  steady('mmcK', bounded, 'mmck2', 30_000, 0.02),
  steady('mmcK', bounded, 'mmck4', 60_000, 0.02),
  steady('mmcK', bounded, 'mmck7', 20_000, 0.02),
  steady('mmcK', bounded, 'mmck11', 20_000, 0.02),
  steady('mmcTimeout', timeout, 'mmcD1', 30_000, 0.02),
  steady('mmcTimeout', timeout, 'mmcD5', 40_000, 0.02),
  steady('mmcTimeout', timeout, 'mmcD8', 30_000, 0.02),
  steady('mmcPatience', patience, 'mmcM1', 30_000, 0.02),
  steady('mmcPatience', patience, 'mmcM2', 30_000, 0.02),
  steady('mg1', mg1, 'mg1_1', 30_000, 0.02),
  steady('mg1', mg1, 'mg1_2', 40_000, 0.02),
  steady('mg1', mg1, 'mg1_4', 90_000, 0.02),
  steady('mg1', mg1, 'mg1_5', 40_000, 0.08),
  steady('mg1', mg1, 'mg1_8', 40_000, 0.1),
  steady('mdc', mdc, 'mdc4', 80_000, 0.02),
  steady('gimc', gimc, 'gim1_1', 90_000, 0.02),
  steady('gimc', gimc, 'gim1_5', 40_000, 0.05),
  steady('gimc', gimc, 'dmc2', 40_000, 0.06),
  steady('mmppc', mmpp, 'mmpp1', 40_000, 0.06),
  steady('mmppc', mmpp, 'mmpp2', 40_000, 0.15),
  steady('sharedBackend', shared, 'shared1', 90_000, 0.02),
  steady('sharedBackend', shared, 'shared2', 30_000, 0.05),
];

/** Rows whose pool opens and closes connections by rules that no policy has: the engine under a driver of the tests. */
export const SETUP_ROWS: readonly OracleRow[] = [
  setup('setup1', 15_000, 0.02),
  setup('setup2', 35_000, 0.02),
  setup('setup4', 15_000, 0.02),
  setup('setup5', 30_000, 0.02),
  setup('setup7', 20_000, 0.02),
  setup('delayoff1', 15_000, 0.02),
  setup('delayoff3', 65_000, 0.02),
  reactivePool('pool1', 15_000, 0.02),
  reactivePool('pool2', 60_000, 0.02),
  reactivePool('pool4', 15_000, 0.06),
  // Only one caller in thirty waits.
  reactivePool('pool5', 15_000, 0.12),
  reactivePool('pool7', 80_000, 0.02),
];

/** Rows of queues before their steady state, or without one. */
export const TRANSIENT_ROWS: readonly OracleRow[] = [
  filling(1_200, 0.05),
  stepping(1_000, 0.06),
  swinging(100, 0.05),
];

/** What takes minutes: `npm run test:long`. */
export const LONG_ROWS: readonly OracleRow[] = [
  steady('mmc', mmc, 'mmc2', 500_000, 0.02),
  steady('mmc', mmc, 'mmc4', 500_000, 0.02),
  steady('mmc', mmc, 'mmc7', 260_000, 0.02),
  steady('mmc', mmc, 'mmc8', 2_600_000, 0.02),
  steady('mmc', mmc, 'mmc10', 6_000_000, 0.06),
  steady('mmc', mmc, 'mmc11', 350_000, 0.02),
  steady('mmcK', bounded, 'mmck5', 100_000, 0.02),
  steady('mmcK', bounded, 'mmck8', 200_000, 0.02),
  steady('mmcK', bounded, 'mmck10', 200_000, 0.02),
  steady('mmcTimeout', timeout, 'mmcD2', 100_000, 0.02),
  steady('mmcTimeout', timeout, 'mmcD4', 100_000, 0.02),
  steady('mmcTimeout', timeout, 'mmcD7', 200_000, 0.02),
  steady('mg1', mg1, 'mg1_5', 900_000, 0.02),
  steady('mg1', mg1, 'mg1_7', 1_000_000, 0.02),
  steady('mg1', mg1, 'mg1_8', 1_500_000, 0.02),
  steady('mdc', mdc, 'mdc1', 100_000, 0.02),
  steady('mdc', mdc, 'mdc2', 1_200_000, 0.02),
  steady('mdc', mdc, 'mdc5', 1_300_000, 0.02),
  steady('mdc', mdc, 'mdc7', 500_000, 0.02),
  steady('mdc', mdc, 'mdc8', 300_000, 0.02),
  steady('gimc', gimc, 'gim1_2', 900_000, 0.02),
  steady('gimc', gimc, 'gim1_4', 1_000_000, 0.02),
  steady('gimc', gimc, 'gim1_5', 280_000, 0.02),
  steady('gimc', gimc, 'dmc2', 450_000, 0.02),
  steady('gimc', gimc, 'dmc3', 1_100_000, 0.02),
  steady('mmppc', mmpp, 'mmpp1', 500_000, 0.02),
  steady('mmppc', mmpp, 'mmpp2', 2_500_000, 0.02),
  steady('sharedBackend', shared, 'shared2', 200_000, 0.02),
  steady('sharedBackend', shared, 'shared4', 800_000, 0.02),
  // One caller in a thousand waits, and all of those at the same times.
  steady('sharedBackend', shared, 'shared5', 3_000_000, 0.25),
  reactivePool('pool4', 130_000, 0.02),
  reactivePool('pool5', 450_000, 0.02),
  filling(8_000, 0.02),
  stepping(9_000, 0.02),
  swinging(500, 0.02),
];

/** Families that are not tested, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  approx: 'the formulas of Allen and Cunneen and of Sakasegawa are approximations',
};

/** A row in the steady state, through the whole simulator. */
function steady(
  family: string,
  caseOf: (id: string, arrivals: number) => OracleCase,
  id: string,
  arrivals: number,
  width: number,
): OracleRow {
  return {
    family,
    id,
    size: `${REPLICATIONS} × ${arrivals.toLocaleString('en')} requests`,
    halfWidth: width,
    run: (halfWidth) => checkCase(caseOf(id, arrivals), halfWidth),
  };
}

/** Compares every figure of a case with theory, by replications of their own random numbers. */
export function checkCase({ scenario, discardMs, metrics }: OracleCase, halfWidth: number): void {
  const results = Array.from({ length: REPLICATIONS }, (_none, replication) =>
    simulate(scenario, 'fixed', { seed: 11, replication, discardMs }),
  );
  for (const [name, [read, exact]] of Object.entries(metrics)) {
    const values = results.map((result) => read(result));
    compare(name, values, exact, halfWidth);
  }
}
