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
    default:
      return (highestRate(workload) * durationMs) / 1_000;
  }
}

/** A workload that is a Poisson process, of constant or changing rate. */
export type PoissonProcess = PoissonWorkload | StepWorkload | RampWorkload | SineWorkload;

/** Highest rate that a Poisson process ever has, per second. */
export function highestRate(workload: PoissonProcess): number {
  switch (workload.kind) {
    case 'poisson':
      return workload.ratePerSecond;
    case 'step':
      return Math.max(workload.ratePerSecond, ...workload.steps.map((step) => step.ratePerSecond));
    case 'ramp':
      return Math.max(workload.fromRatePerSecond, workload.toRatePerSecond);
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
    default:
      return (
        workload.ratePerSecond *
        (1 + workload.amplitude * Math.sin((2 * Math.PI * atMs) / workload.periodMs))
      );
  }
}
