import { meanDemand, observeDemand, type DemandBucket } from '../demand-window.js';
import type { Decision, Limit, Reason } from '../decision.js';
import { numberFrom, type FieldRule } from '../fields.js';
import { addLimit, noteGate, withinBounds } from '../limits.js';
import { clamp, instant, measured, wholeConnections } from '../numbers.js';
import { episodeOf, observePanic, type Panic } from '../panic.js';
import type { Policy, PolicyConfig } from '../policy.js';
import { largest, recommend, type Recommendation } from '../recommendations.js';
import type { Signals } from '../signals.js';
import { reasonToStay } from '../stay.js';
import { formatMs } from '../words.js';

/** The windows never ask for less than this part of what is open: Knative's `max-scale-down-rate` of 2. */
const SMALLEST_PART = 0.5;

/**
 * Options of the policy `target-tracking`: as many connections as keep the average utilisation at a target. The rule of
 * Knative and Kubernetes, with times a twentieth of theirs, since connections open faster than pods start.
 */
export interface TargetTrackingOptions {
  /**
   * Part of the connections that should be in use on average, 0.01 to 1.
   * @default 0.7
   */
  readonly targetUtilisation?: number | undefined;
  /**
   * Time over which demand is averaged, in milliseconds, 1 to 3,600,000; also how long a panic lasts at least.
   * @default 3_000
   */
  readonly stableWindowMs?: number | undefined;
  /**
   * Time over which demand is averaged to notice a jump, in milliseconds, 1 to 3,600,000.
   * @default a tenth of `stableWindowMs`
   */
  readonly panicWindowMs?: number | undefined;
  /**
   * Panic begins when the panic window asks for this many times the open connections, 1.1 to 1,000.
   * @default 2
   */
  readonly panicThreshold?: number | undefined;
  /**
   * Difference between utilisation and its target, as a part of the target, that is left alone, 0 to 1.
   * @default 0.1
   */
  readonly tolerance?: number | undefined;
  /**
   * The target falls no lower than the largest size asked for in this time, in milliseconds, 0 to 86,400,000.
   * @default 15_000
   */
  readonly downStabilisationMs?: number | undefined;
}

/** Resolved options of `target-tracking`. */
export interface TargetTrackingConfig extends PolicyConfig {
  readonly targetUtilisation: number;
  readonly stableWindowMs: number;
  readonly panicWindowMs: number;
  readonly panicThreshold: number;
  readonly tolerance: number;
  readonly downStabilisationMs: number;
}

/** What `target-tracking` remembers. */
export interface TargetTrackingState {
  /** False before the first decision. */
  readonly hasBegun: boolean;
  readonly demand: readonly DemandBucket[];
  readonly panic: Panic | null;
  readonly recommendations: readonly Recommendation[];
}

/** What the fields of {@link TargetTrackingOptions} must be. */
export const targetTrackingRules: Readonly<Record<string, FieldRule>> = {
  targetUtilisation: numberFrom(0.01, 1),
  stableWindowMs: numberFrom(1, 3_600_000),
  panicWindowMs: numberFrom(1, 3_600_000),
  panicThreshold: numberFrom(1.1, 1_000),
  tolerance: numberFrom(0, 1),
  downStabilisationMs: numberFrom(0, 86_400_000),
};

/** {@link TargetTrackingOptions} with defaults. */
export function resolveTargetTracking(
  options: TargetTrackingOptions,
  base: PolicyConfig,
): TargetTrackingConfig {
  const stableWindowMs = options.stableWindowMs ?? 3_000;
  return {
    ...base,
    targetUtilisation: options.targetUtilisation ?? 0.7,
    stableWindowMs,
    panicWindowMs: Math.min(options.panicWindowMs ?? stableWindowMs / 10, stableWindowMs),
    panicThreshold: options.panicThreshold ?? 2,
    tolerance: options.tolerance ?? 0.1,
    downStabilisationMs: options.downStabilisationMs ?? 15_000,
  };
}

/**
 * `⌈average demand / target⌉`, where demand is connections in use and callers waiting.
 *
 * Two windows as in Knative (`pkg/autoscaler/scaling/autoscaler.go`): the size follows the stable window; when the panic
 * window asks for twice what is open, the larger of both holds and nothing is closed until the panic window has been below
 * that for a whole stable window. A policy that begins while connections are open begins in panic: it knows too little to
 * close any. Outside panic, as in Kubernetes' horizontal pod autoscaler (`pkg/controller/podautoscaler/horizontal.go`):
 * nothing happens within the tolerance, and the target falls no lower than the largest recommendation of late.
 */
export const targetTrackingPolicy: Policy<TargetTrackingState, TargetTrackingConfig> = {
  name: 'target-tracking',
  init: () => ({ hasBegun: false, demand: [], panic: null, recommendations: [] }),
  decide(signals, previous, config): Decision<TargetTrackingState> {
    const now = instant(signals.now);
    const base = clamp(measured(signals.target), signals.min, signals.max);
    const open = measured(signals.size - signals.creating);
    const demand = observeDemand(previous.demand, { ...signals, now }, config.stableWindowMs);
    const mean = meanDemand(demand, now, config.stableWindowMs);
    const lately = meanDemand(demand, now, config.panicWindowMs);
    const sizes = {
      stable: sizeFor(mean, base, config),
      panic: sizeFor(lately, base, config),
    };
    const calm = Math.max(sizes.stable, Math.floor(open * SMALLEST_PART));
    const panic = observePanic(previous.hasBegun ? previous.panic : begin(now, open, base), {
      now,
      isOver: lately !== null && sizes.panic / Math.max(1, open) >= config.panicThreshold,
      wanted: Math.max(calm, sizes.panic),
      lastsMs: config.stableWindowMs,
    });
    const limits: Limit[] = [];
    const isWithin = panic === null && isTolerable(mean, base, config);
    const desired = panic?.most ?? (isWithin ? base : calm);
    if (panic !== null && panic.most > Math.max(calm, sizes.panic)) addLimit(limits, 'panic');
    if (isWithin && calm !== base) addLimit(limits, 'tolerance');
    else if (panic === null && calm < base && calm > Math.max(sizes.stable, signals.min)) {
      addLimit(limits, 'shrink-rate');
    }
    const recommendations = recommend(
      previous.recommendations,
      { at: now, size: desired },
      config.downStabilisationMs,
    );
    const kept = desired < base ? Math.min(base, largest(recommendations)) : desired;
    if (kept > desired) addLimit(limits, 'stabilisation');
    const target = withinBounds(kept, signals, limits);
    noteGate(target, signals, limits);
    return {
      target,
      permits: null,
      ...explain(signals, target, panic === null ? mean : lately, panic === null, config),
      limitedBy: limits,
      // The panic in which the policy begins is none of the load's.
      episode: previous.hasBegun ? episodeOf(previous.panic, panic) : undefined,
      candidates: { floor: signals.min, ...sizes },
      state: { hasBegun: true, demand, panic, recommendations },
      wakeInMs: null,
    };
  },
};

/** Connections that a mean demand needs; without any the present target is as good as anything. */
function sizeFor(mean: number | null, base: number, config: TargetTrackingConfig): number {
  return mean === null ? base : wholeConnections(mean / config.targetUtilisation);
}

/** A policy that meets more than one open connection keeps what is there until it knows better. */
function begin(now: number, open: number, base: number): Panic | null {
  return open > 1 ? { at: now, most: base } : null;
}

/** Whether utilisation is close enough to its target. */
function isTolerable(mean: number | null, base: number, config: TargetTrackingConfig): boolean {
  if (mean === null) return true;
  if (base === 0) return false;
  return Math.abs(1 - mean / config.targetUtilisation / base) <= config.tolerance;
}

function explain(
  { min, max, target: before }: Signals,
  target: number,
  mean: number | null,
  isCalm: boolean,
  config: TargetTrackingConfig,
): { readonly reason: Reason; readonly note?: string | undefined } {
  const base = clamp(before, min, max);
  if (target === base || mean === null) return { reason: reasonToStay(before, base) };
  if (target === min) return { reason: 'floor' };
  const windowMs = isCalm ? config.stableWindowMs : config.panicWindowMs;
  const note = `${mean.toFixed(1)} wanted on average over ${formatMs(windowMs)}`;
  return { reason: 'utilisation', note };
}
