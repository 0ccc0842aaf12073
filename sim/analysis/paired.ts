import { meanInterval, type MeanInterval } from './statistics.js';

/** Difference of two policies that faced the same random numbers. */
export interface PairedDifference extends MeanInterval {
  /** Whether the 95 % interval leaves out zero. */
  readonly isShown: boolean;
}

/**
 * Mean and 95 % interval of `values[i] − base[i]`, by Student's t on the differences.
 *
 * Common random numbers: both faced the same arrivals and the same work in each replication, so that what the load does to
 * both cancels and far fewer replications show a difference (A. M. Law, "Simulation Modeling and Analysis", 11.2). The
 * intervals are for one figure each: of twenty true zeros, one will be called a difference.
 *
 * @param values One value per replication, two or more.
 * @param base As many, in the same order.
 */
export function pairedDifference(
  values: readonly number[],
  base: readonly number[],
): PairedDifference {
  if (values.length !== base.length || values.length < 2) {
    throw new RangeError(`bug: ${values.length} and ${base.length} values make no pairs`);
  }
  const { mean, halfWidth } = meanInterval(
    values.map((value, index) => value - (base[index] as number)),
  );
  return { mean, halfWidth, isShown: Math.abs(mean) > halfWidth };
}
