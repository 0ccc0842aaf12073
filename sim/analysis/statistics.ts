/** A mean with its 95 % confidence interval. */
export interface MeanInterval {
  readonly mean: number;
  /** Half the width of the interval: the mean is `mean` ± `halfWidth`. 0 with fewer than two values. */
  readonly halfWidth: number;
}

/** Two-sided 95 % points of Student's t for 1 to 30 degrees of freedom (any statistical table). */
const STUDENT_T_95 = [
  12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814, 2.20099,
  2.17881, 2.16037, 2.14479, 2.13145, 2.11991, 2.10982, 2.10092, 2.09302, 2.08596, 2.07961, 2.07387,
  2.06866, 2.0639, 2.05954, 2.05553, 2.05183, 2.04841, 2.04523, 2.04227,
] as const;
const NORMAL_95 = 1.959963985;

/** Arithmetic mean; NaN without values. */
export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Standard error of the mean of independent values; NaN with fewer than two. */
function standardError(values: readonly number[]): number {
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** Mean and 95 % confidence interval of independent values, by Student's t. */
export function meanInterval(values: readonly number[]): MeanInterval {
  if (values.length < 2) return { mean: mean(values), halfWidth: 0 };
  return {
    mean: mean(values),
    halfWidth: studentT95(values.length - 1) * standardError(values),
  };
}

/** How many standard errors the mean of independent values is above `expected`. */
export function zScore(values: readonly number[], expected: number): number {
  return (mean(values) - expected) / standardError(values);
}

/**
 * Two-sided 95 % point of Student's t: the table up to 30 degrees of freedom, then the expansion around the normal point
 * (Abramowitz and Stegun 26.7.5), right to four digits.
 *
 * @param degrees Degrees of freedom, an integer, 1 or more.
 */
export function studentT95(degrees: number): number {
  const tabled = STUDENT_T_95[degrees - 1];
  if (tabled !== undefined) return tabled;
  const z = NORMAL_95;
  return (
    z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2)
  );
}
