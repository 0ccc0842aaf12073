import { InputError, printable } from '../input-error.js';
import type { RandomStream } from './random.js';

/** A distribution of a duration in milliseconds. */
export type Distribution =
  | { readonly kind: 'constant'; readonly meanMs: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }
  /** `sigma` is the standard deviation of the logarithm; the mean is `meanMs` whatever sigma is. */
  | { readonly kind: 'lognormal'; readonly meanMs: number; readonly sigma: number };

/** Longest mean duration, in milliseconds: a day. */
const MAX_MEAN_MS = 86_400_000;
/** At 4 the mean is already 3,000 times the median; more is a slip of the pen. */
const MAX_SIGMA = 4;

const FORMS = `"5" (constant), "exp:5" (exponential) or "lognormal:5,2" (mean 5, sigma of the logarithm 2), milliseconds from 0 to ${MAX_MEAN_MS}, sigma from 0 to ${MAX_SIGMA}`;

/**
 * Reads a distribution: `5` or `"5"` (constant), `"exp:5"` (exponential), `"lognormal:5,2"` (mean, sigma of the
 * logarithm), in milliseconds.
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
  const match = /^(?:(exp|lognormal):)?([\d.]{1,20})(?:,([\d.]{1,20}))?$/.exec(given.trim());
  if (match === null) return null;
  const [, form, mean, spread] = match;
  const meanMs = Number(mean);
  if (!isMean(meanMs)) return null;
  if (form === 'lognormal') {
    const sigma = spread === undefined ? Number.NaN : Number(spread);
    return sigma >= 0 && sigma <= MAX_SIGMA ? { kind: 'lognormal', meanMs, sigma } : null;
  }
  if (spread !== undefined) return null;
  return { kind: form === 'exp' ? 'exponential' : 'constant', meanMs };
}

function isMean(value: number): boolean {
  return value >= 0 && value <= MAX_MEAN_MS;
}

/** The short form of a distribution, as `parseDistribution` reads it. */
export function formatDistribution(distribution: Distribution): string {
  switch (distribution.kind) {
    case 'constant':
      return String(distribution.meanMs);
    case 'exponential':
      return `exp:${distribution.meanMs}`;
    default:
      return `lognormal:${distribution.meanMs},${distribution.sigma}`;
  }
}

/**
 * A function that draws from the distribution. Every draw takes the same number of uniforms from the stream, whatever
 * it returns, so that the n-th draw does not depend on the values before it.
 */
export function sampler(distribution: Distribution, stream: RandomStream): () => number {
  const { meanMs } = distribution;
  switch (distribution.kind) {
    case 'constant':
      return () => meanMs;
    case 'exponential':
      return () => meanMs * exponential(stream);
    default: {
      const { sigma } = distribution;
      // E[exp(m + sigma·Z)] = exp(m + sigma²/2), so this m makes the mean come out as meanMs.
      const scale = meanMs * Math.exp((-sigma * sigma) / 2);
      return () => scale * Math.exp(sigma * normal(stream));
    }
  }
}

/** Exponential with mean 1, by inversion; never Infinity because the uniform is never 1. */
export function exponential(stream: RandomStream): number {
  return -Math.log(1 - stream.uniform());
}

/** Standard normal (Box and Muller 1958); the second value is thrown away to keep draws independent of history. */
function normal(stream: RandomStream): number {
  const radius = Math.sqrt(2 * exponential(stream));
  return radius * Math.cos(2 * Math.PI * stream.uniform());
}
