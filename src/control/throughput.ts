/** What was measured while as many uses as possible ran at once; plain JSON. */
export interface Sample {
  /** Length in milliseconds. */
  readonly ms: number;
  readonly completions: number;
  /** Integral of the uses at once, in connection-milliseconds. */
  readonly busyMs: number;
}

/** How much throughput changes with the uses at once. */
export interface Elasticity {
  /** 1: in proportion; 0: not at all; below 0: more uses at once bring less. */
  readonly value: number;
  /** Standard error of `value`. */
  readonly error: number;
}

/** Nothing was measured. */
export const NO_SAMPLE: Sample = { ms: 0, completions: 0, busyMs: 0 };

/** Uses at once that differ by less say nothing about what their number does; a natural logarithm. */
const LEAST_DIFFERENCE = 0.05;

/** Two measurements as one. */
export function addSamples(a: Sample, b: Sample): Sample {
  return {
    ms: a.ms + b.ms,
    completions: a.completions + b.completions,
    busyMs: a.busyMs + b.busyMs,
  };
}

/** The sum of measurements. */
export function sumSamples(samples: readonly Sample[]): Sample {
  return samples.reduce(addSamples, NO_SAMPLE);
}

/** Mean number of uses at once. */
export function usesAtOnce({ ms, busyMs }: Sample): number {
  return ms > 0 ? busyMs / ms : 0;
}

/** Completed uses per second. */
export function perSecond({ ms, completions }: Sample): number {
  return ms > 0 ? (1_000 * completions) / ms : 0;
}

/**
 * `e = ln(X₁/X₀) / ln(b₁/b₀)` with the throughput X at b uses at once, or null where the two measurements cannot tell.
 *
 * By Little's law X = b/S, so `e = 1 − d ln S / d ln b`, and e = ½ is where X/S is largest (L. Kleinrock, "Power and
 * deterministic rules of thumb for probabilistic problems in computer communications", 1979). Counts of n completions
 * vary by about √n, which makes the error `√(1/n₀ + 1/n₁) / |ln(b₁/b₀)|`.
 */
export function elasticity(before: Sample, after: Sample): Elasticity | null {
  if (before.completions === 0 || after.completions === 0) return null;
  const uses = Math.log(usesAtOnce(after) / usesAtOnce(before));
  if (!(Math.abs(uses) >= LEAST_DIFFERENCE) || !Number.isFinite(uses)) return null;
  const throughput = Math.log(perSecond(after) / perSecond(before));
  const noise = Math.sqrt(1 / before.completions + 1 / after.completions);
  // No change is 0, not −0.
  return { value: throughput / uses + 0, error: noise / Math.abs(uses) };
}
