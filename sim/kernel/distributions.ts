import { InputError, printable } from '../input-error.js';
import type { RandomStream } from './random.js';

/** A distribution of a duration in milliseconds. */
export type Distribution =
  | { readonly kind: 'constant'; readonly meanMs: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }
  /** `sigma` is the standard deviation of the logarithm; the mean is `meanMs` whatever sigma is. */
  | { readonly kind: 'lognormal'; readonly meanMs: number; readonly sigma: number }
  /** The sum of `shape` exponentials; its squared coefficient of variation is 1 / shape. */
  | { readonly kind: 'erlang'; readonly meanMs: number; readonly shape: number }
  /** P(X > x) = (scale / x)^shape; the variance is infinite up to shape 2. */
  | { readonly kind: 'pareto'; readonly meanMs: number; readonly shape: number }
  /** Exponential with mean `firstMs` in the part `part` of cases, else with mean `secondMs`. */
  | {
      readonly kind: 'h2';
      readonly meanMs: number;
      readonly part: number;
      readonly firstMs: number;
      readonly secondMs: number;
    }
  /** Each value as often as its weight says. */
  | {
      readonly kind: 'histogram';
      readonly meanMs: number;
      readonly valuesMs: readonly number[];
      readonly weights: readonly number[];
    }
  /** Recorded with the arrivals, see `TimestampsWorkload.workMs`; the mean of all of them. */
  | { readonly kind: 'recorded'; readonly meanMs: number };

/** Longest mean duration, in milliseconds: a day. */
const MAX_MEAN_MS = 86_400_000;
/** At 4 the mean is already 3,000 times the median; more is a slip of the pen. */
const MAX_SIGMA = 4;

const MAX_ERLANG_SHAPE = 1_000;
/** Below this nearly all of the mean comes from values that no run ever sees. */
const MIN_PARETO_SHAPE = 1.05;
const MAX_PARETO_SHAPE = 100;
const MAX_HISTOGRAM_VALUES = 1_000;

const FORMS = `"5" (constant), "exp:5" (exponential), "lognormal:5,2" (mean 5, sigma of the logarithm 2), "erlang:4,5" (shape, mean), "pareto:1.5,5" (shape, mean), "h2:0.9,1,40" (in nine of ten cases mean 1, else mean 40) or "hist:1x70,5x30" (values and weights), milliseconds from 0 to ${MAX_MEAN_MS}, sigma from 0 to ${MAX_SIGMA}, shape of erlang from 1 to ${MAX_ERLANG_SHAPE}, of pareto from ${MIN_PARETO_SHAPE} to ${MAX_PARETO_SHAPE}`;

/**
 * Reads a distribution: `5` or `"5"` (constant), `"exp:5"` (exponential), `"lognormal:5,2"` (mean, sigma of the
 * logarithm), `"erlang:4,5"` and `"pareto:1.5,5"` (shape, mean), `"h2:0.9,1,40"` (part, mean, mean of the others),
 * `"hist:1x70,5x30"` (value x weight), in milliseconds.
 *
 * @throws {@link InputError} that names the allowed forms.
 */
export function parseDistribution(given: unknown): Distribution {
  const distribution = tryParse(given);
  if (distribution === null) {
    const shown =
      typeof given === 'string'
        ? printable(JSON.stringify(given.slice(0, 40)))
        : String(typeof given === 'number' ? given : typeof given);
    throw new InputError(`must be ${FORMS}, got ${shown}`);
  }
  return distribution;
}

/** What `parseDistribution` accepts, in words; null when `given` is that. */
export function distributionProblem(given: unknown): string | null {
  return tryParse(given) === null ? FORMS : null;
}

function tryParse(given: unknown): Distribution | null {
  if (typeof given === 'number') return isMean(given) ? { kind: 'constant', meanMs: given } : null;
  if (typeof given !== 'string') return null;
  const [form = '', list, ...more] = given.trim().split(':');
  if (more.length > 0) return null;
  if (list === undefined) return fromNumbers('constant', [form].map(decimal));
  if (form === 'hist') return fromHistogram(list);
  return fromNumbers(form, list.split(',').map(decimal));
}

function fromNumbers(form: string, numbers: readonly number[]): Distribution | null {
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = numbers;
  const count = numbers.length;
  switch (form) {
    case 'constant':
      return count === 1 && isMean(a) ? { kind: 'constant', meanMs: a } : null;
    case 'exp':
      return count === 1 && isMean(a) ? { kind: 'exponential', meanMs: a } : null;
    case 'lognormal':
      return count === 2 && isMean(a) && b >= 0 && b <= MAX_SIGMA
        ? { kind: 'lognormal', meanMs: a, sigma: b }
        : null;
    case 'erlang':
      return count === 2 && Number.isInteger(a) && a >= 1 && a <= MAX_ERLANG_SHAPE && isMean(b)
        ? { kind: 'erlang', shape: a, meanMs: b }
        : null;
    case 'pareto':
      return count === 2 && a >= MIN_PARETO_SHAPE && a <= MAX_PARETO_SHAPE && isMean(b)
        ? { kind: 'pareto', shape: a, meanMs: b }
        : null;
    case 'h2':
      return count === 3 && a >= 0 && a <= 1 && isMean(b) && isMean(c)
        ? { kind: 'h2', part: a, firstMs: b, secondMs: c, meanMs: a * b + (1 - a) * c }
        : null;
    default:
      return null;
  }
}

function fromHistogram(list: string): Distribution | null {
  const entries = list.split(',');
  if (entries.length > MAX_HISTOGRAM_VALUES) return null;
  const valuesMs: number[] = [];
  const weights: number[] = [];
  let total = 0;
  let sum = 0;
  for (const entry of entries) {
    const [value = Number.NaN, weight = Number.NaN, ...more] = entry.split('x').map(decimal);
    if (more.length > 0 || !isMean(value) || !(weight >= 0)) return null;
    valuesMs.push(value);
    weights.push(weight);
    total += weight;
    sum += value * weight;
  }
  return total > 0 ? { kind: 'histogram', valuesMs, weights, meanMs: sum / total } : null;
}

/** A plain decimal number; NaN for anything else. */
function decimal(text: string): number {
  return /^[\d.]{1,20}$/.test(text.trim()) ? Number(text) : Number.NaN;
}

function isMean(value: number): boolean {
  return value >= 0 && value <= MAX_MEAN_MS;
}

/** The short form of a distribution, as `parseDistribution` reads it; only what was recorded cannot be read again. */
export function formatDistribution(distribution: Distribution): string {
  const { meanMs } = distribution;
  switch (distribution.kind) {
    case 'constant':
      return String(meanMs);
    case 'exponential':
      return `exp:${meanMs}`;
    case 'lognormal':
      return `lognormal:${meanMs},${distribution.sigma}`;
    case 'erlang':
    case 'pareto':
      return `${distribution.kind}:${distribution.shape},${meanMs}`;
    case 'h2':
      return `h2:${distribution.part},${distribution.firstMs},${distribution.secondMs}`;
    case 'histogram': {
      const { valuesMs, weights } = distribution;
      return `hist:${valuesMs.map((value, index) => `${value}x${weights[index]}`).join(',')}`;
    }
    default:
      return `as recorded, mean ${Number(meanMs.toPrecision(3))}`;
  }
}

/**
 * A function that draws from the distribution. Every draw takes the same number of uniforms from the stream, whatever
 * it returns, so that the n-th draw does not depend on the values before it.
 */
export function sampler(distribution: Distribution, stream: RandomStream): () => number {
  const { meanMs } = distribution;
  switch (distribution.kind) {
    case 'exponential':
      return () => meanMs * exponential(stream);
    case 'lognormal': {
      const { sigma } = distribution;
      // E[exp(m + sigma·Z)] = exp(m + sigma²/2), so this m makes the mean come out as meanMs.
      const scale = meanMs * Math.exp((-sigma * sigma) / 2);
      return () => scale * Math.exp(sigma * normal(stream));
    }
    case 'erlang': {
      const { shape } = distribution;
      return () => {
        let sum = 0;
        for (let stage = 0; stage < shape; stage += 1) sum += exponential(stream);
        return (meanMs * sum) / shape;
      };
    }
    case 'pareto': {
      const { shape } = distribution;
      // E[X] = scale · shape / (shape − 1).
      const scale = (meanMs * (shape - 1)) / shape;
      return () => scale * (1 - stream.uniform()) ** (-1 / shape);
    }
    case 'h2': {
      const { part, firstMs, secondMs } = distribution;
      return () => (stream.uniform() < part ? firstMs : secondMs) * exponential(stream);
    }
    case 'histogram':
      return histogramSampler(distribution.valuesMs, distribution.weights, stream);
    default:
      return () => meanMs;
  }
}

function histogramSampler(
  valuesMs: readonly number[],
  weights: readonly number[],
  stream: RandomStream,
): () => number {
  let total = 0;
  const upTo = weights.map((weight) => (total += weight));
  return () => {
    const place = stream.uniform() * total;
    let before = 0;
    let after = upTo.length - 1;
    while (before < after) {
      const middle = (before + after) >> 1;
      if ((upTo[middle] as number) > place) after = middle;
      else before = middle + 1;
    }
    return valuesMs[before] as number;
  };
}

/** Exponential with mean 1, by inversion; never Infinity because the uniform is never 1. */
export function exponential(stream: RandomStream): number {
  return -Math.log(1 - stream.uniform());
}

/**
 * Gamma with mean 1 (Marsaglia and Tsang 2000; below shape 1 by their boost). It rejects a few candidates, so the number
 * of uniforms differs from draw to draw: for streams that only one process reads.
 *
 * @param shape Above 0; the squared coefficient of variation is 1 / shape.
 */
export function gamma(shape: number, stream: RandomStream): number {
  const boosted = shape < 1 ? shape + 1 : shape;
  const d = boosted - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  const boost = shape < 1 ? (1 - stream.uniform()) ** (1 / shape) : 1;
  for (;;) {
    const z = normal(stream);
    const v = (1 + c * z) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - stream.uniform()) < z * z * 0.5 + d - d * v + d * Math.log(v)) {
      return (boost * d * v) / shape;
    }
  }
}

/**
 * The part of the first of two exponentials in the hyperexponential with balanced means (each contributes half of the
 * mean) that has this squared coefficient of variation: (1 + √((cv² − 1) / (cv² + 1))) / 2.
 *
 * @param cv2 1 or more.
 */
export function balancedPart(cv2: number): number {
  return (1 + Math.sqrt((cv2 - 1) / (cv2 + 1))) / 2;
}

/** Standard normal (Box and Muller 1958); the second value is thrown away to keep draws independent of history. */
function normal(stream: RandomStream): number {
  const radius = Math.sqrt(2 * exponential(stream));
  return radius * Math.cos(2 * Math.PI * stream.uniform());
}
