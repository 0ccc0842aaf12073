import type { Distribution } from '../kernel/distributions.js';

/** Arrivals at a constant rate, independent of each other. */
export interface PoissonWorkload {
  readonly kind: 'poisson';
  /** Mean arrivals per second. */
  readonly ratePerSecond: number;
}

/** From `atMs` on the rate is `ratePerSecond`. */
export interface RateStep {
  readonly atMs: number;
  readonly ratePerSecond: number;
}

/** A Poisson process whose rate jumps. */
export interface StepWorkload {
  readonly kind: 'step';
  /** Rate before the first step. */
  readonly ratePerSecond: number;
  /** The jumps, in order of time. */
  readonly steps: readonly RateStep[];
}

/** A Poisson process whose rate moves in a straight line from `startMs` to `endMs` and stays constant outside. */
export interface RampWorkload {
  readonly kind: 'ramp';
  readonly fromRatePerSecond: number;
  readonly toRatePerSecond: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** A Poisson process whose rate is `ratePerSecond · (1 + amplitude · sin(2π t / periodMs))`. */
export interface SineWorkload {
  readonly kind: 'sine';
  /** Mean rate. */
  readonly ratePerSecond: number;
  /** From 0 to 1. */
  readonly amplitude: number;
  readonly periodMs: number;
}

/** Evenly spaced arrivals, the first after one gap. */
export interface DeterministicWorkload {
  readonly kind: 'deterministic';
  readonly ratePerSecond: number;
}

/** A renewal process with hyperexponential gaps of balanced means: burstier than Poisson, without memory of a state. */
export interface H2Workload {
  readonly kind: 'h2';
  readonly ratePerSecond: number;
  /** Squared coefficient of variation of the gaps, from 1. */
  readonly cv2: number;
}

/** A renewal process with gamma distributed gaps: smoother than Poisson below cv² 1, burstier above. */
export interface GammaWorkload {
  readonly kind: 'gamma';
  readonly ratePerSecond: number;
  /** Squared coefficient of variation of the gaps, above 0. */
  readonly cv2: number;
}

/** Markov-modulated Poisson process: the rate changes between two values after exponential times. */
export interface MmppWorkload {
  readonly kind: 'mmpp';
  /** Rates of the two states, per second. */
  readonly ratesPerSecond: readonly [number, number];
  /** Mean times until each state ends, in milliseconds. It begins in either by their share of time. */
  readonly meanStayMs: readonly [number, number];
}

/** A Poisson process with a peak that rises and falls in straight lines, once or again and again. */
export interface SpikeWorkload {
  readonly kind: 'spike';
  /** Rate outside of the peak. */
  readonly ratePerSecond: number;
  readonly peakRatePerSecond: number;
  /** When it begins to rise. */
  readonly atMs: number;
  readonly riseMs: number;
  readonly holdMs: number;
  readonly fallMs: number;
  /** From the start of one to the start of the next; Infinity = only one. */
  readonly periodMs: number;
}

/** A Poisson process whose rate follows a day: `profile` holds its relative height at equal distances, joined by lines. */
export interface DiurnalWorkload {
  readonly kind: 'diurnal';
  /** Mean rate over the day. */
  readonly ratePerSecond: number;
  /** Length of the day in milliseconds. */
  readonly periodMs: number;
  readonly profile: readonly number[];
}

/** `users` who each think, come, are served, and think again. Whoever waits does not come again meanwhile. */
export interface ClosedWorkload {
  readonly kind: 'closed';
  readonly users: number;
  readonly thinkMs: Distribution;
}

/** `size` arrivals at one instant, at `startMs` and then every `periodMs`. */
export interface BatchWorkload {
  readonly kind: 'batch';
  readonly size: number;
  /** Infinity = one batch only. */
  readonly periodMs: number;
  readonly startMs: number;
}

/** Arrivals as they were recorded. */
export interface TimestampsWorkload {
  readonly kind: 'timestamps';
  /** Milliseconds from the start of the workload, ascending. */
  readonly atMs: ArrayLike<number>;
  /** How long each of them holds its connection, in milliseconds, where that was recorded too. */
  readonly workMs?: ArrayLike<number> | undefined;
}

/** Recorded counts in consecutive bins. Within a bin arrivals are placed uniformly: exact for Poisson given the count. */
export interface CountsWorkload {
  readonly kind: 'counts';
  /** Arrivals per bin: integers. */
  readonly counts: ArrayLike<number>;
  readonly binMs: number;
}

/** When callers arrive. Times are milliseconds from the start of the workload. */
export type Workload =
  | PoissonWorkload
  | StepWorkload
  | RampWorkload
  | SineWorkload
  | SpikeWorkload
  | DiurnalWorkload
  | DeterministicWorkload
  | H2Workload
  | GammaWorkload
  | MmppWorkload
  | ClosedWorkload
  | BatchWorkload
  | TimestampsWorkload
  | CountsWorkload;

/** Most requests in one run. Ten minutes at full speed; far more is a slip of the pen. */
export const MAX_REQUESTS = 100_000_000;

/** Arrivals to expect in `durationMs`, at most: what a limit on the size of a run needs to know. */
export function expectedArrivals(workload: Workload, durationMs: number): number {
  switch (workload.kind) {
    case 'timestamps':
      return workload.atMs.length;
    case 'counts': {
      let sum = 0;
      for (let bin = 0; bin < workload.counts.length; bin += 1)
        sum += workload.counts[bin] as number;
      return sum;
    }
    case 'batch':
      return workload.size * (1 + Math.floor(durationMs / workload.periodMs));
    case 'closed':
      return workload.users * (1 + durationMs / Math.max(workload.thinkMs.meanMs, 0.001));
    case 'spike': {
      const { ratePerSecond, peakRatePerSecond, riseMs, holdMs, fallMs, periodMs } = workload;
      const peaks = 1 + Math.floor(durationMs / periodMs);
      const extra = Math.max(0, peakRatePerSecond - ratePerSecond) * (riseMs + holdMs + fallMs);
      return (ratePerSecond * durationMs + extra * peaks) / 1_000;
    }
    case 'deterministic':
    case 'h2':
    case 'gamma':
      return (workload.ratePerSecond * durationMs) / 1_000;
    default:
      return (highestRate(workload) * durationMs) / 1_000;
  }
}

/** Mean arrivals per second of a workload that is the same at all times; null for one that changes or is recorded. */
export function steadyRate(workload: Workload): number | null {
  switch (workload.kind) {
    case 'poisson':
    case 'deterministic':
    case 'h2':
    case 'gamma':
      return workload.ratePerSecond;
    case 'mmpp': {
      const [first, second] = workload.meanStayMs;
      const [low, high] = workload.ratesPerSecond;
      return (low * first + high * second) / (first + second);
    }
    default:
      return null;
  }
}

/** A workload that is a Poisson process, of constant or changing rate. */
export type PoissonProcess =
  | PoissonWorkload
  | StepWorkload
  | RampWorkload
  | SineWorkload
  | SpikeWorkload
  | DiurnalWorkload;

/** Highest rate that a workload ever has by its state, per second. */
export function highestRate(workload: PoissonProcess | MmppWorkload): number {
  switch (workload.kind) {
    case 'poisson':
      return workload.ratePerSecond;
    case 'step':
      return Math.max(workload.ratePerSecond, ...workload.steps.map((step) => step.ratePerSecond));
    case 'ramp':
      return Math.max(workload.fromRatePerSecond, workload.toRatePerSecond);
    case 'spike':
      return Math.max(workload.ratePerSecond, workload.peakRatePerSecond);
    case 'diurnal':
      return (workload.ratePerSecond * Math.max(...workload.profile)) / meanOf(workload.profile);
    case 'mmpp':
      return Math.max(...workload.ratesPerSecond);
    default:
      return workload.ratePerSecond * (1 + workload.amplitude);
  }
}

/** Rate of a Poisson process at `atMs`, per second. */
export function rateAt(workload: PoissonProcess, atMs: number): number {
  switch (workload.kind) {
    case 'poisson':
      return workload.ratePerSecond;
    case 'step': {
      const { steps } = workload;
      let before = 0;
      let after = steps.length;
      while (before < after) {
        const middle = (before + after) >> 1;
        if ((steps[middle] as RateStep).atMs <= atMs) before = middle + 1;
        else after = middle;
      }
      return steps[before - 1]?.ratePerSecond ?? workload.ratePerSecond;
    }
    case 'ramp': {
      const { startMs, endMs, fromRatePerSecond, toRatePerSecond } = workload;
      if (atMs < startMs) return fromRatePerSecond;
      if (atMs >= endMs) return toRatePerSecond;
      const part = (atMs - startMs) / (endMs - startMs);
      return fromRatePerSecond + part * (toRatePerSecond - fromRatePerSecond);
    }
    case 'spike':
      return spikeRateAt(workload, atMs);
    case 'diurnal': {
      const { profile, periodMs, ratePerSecond } = workload;
      const place = ((atMs % periodMs) / periodMs) * profile.length;
      const index = Math.min(Math.floor(place), profile.length - 1);
      const before = profile[index] as number;
      const after = profile[(index + 1) % profile.length] as number;
      return (ratePerSecond * (before + (place - index) * (after - before))) / meanOf(profile);
    }
    default:
      return (
        workload.ratePerSecond *
        (1 + workload.amplitude * Math.sin((2 * Math.PI * atMs) / workload.periodMs))
      );
  }
}

function spikeRateAt(spike: SpikeWorkload, atMs: number): number {
  const { ratePerSecond, peakRatePerSecond, riseMs, holdMs, fallMs, periodMs } = spike;
  if (atMs < spike.atMs) return ratePerSecond;
  const since = (atMs - spike.atMs) % periodMs;
  const extra = peakRatePerSecond - ratePerSecond;
  if (since < riseMs) return ratePerSecond + extra * (since / riseMs);
  if (since < riseMs + holdMs) return peakRatePerSecond;
  if (since >= riseMs + holdMs + fallMs) return ratePerSecond;
  return peakRatePerSecond - extra * ((since - riseMs - holdMs) / fallMs);
}

/** By the trapezoid rule the mean height of the closed polygon is that of its corners. */
function meanOf(profile: readonly number[]): number {
  return profile.reduce((sum, height) => sum + height, 0) / profile.length;
}
