import { meanDemand, observeDemand, type DemandBucket } from '../../src/control/demand-window.js';
import { wholeConnections } from '../../src/control/numbers.js';
import type { Policy } from '../../src/control/policy.js';
import { largest, recommend, type Recommendation } from '../../src/control/recommendations.js';
import { baselineDecision } from './baseline.js';

/** Part of its concurrency that a pod should use: `container-concurrency-target-percentage`, and HPA's usual target. */
const TARGET_UTILISATION = 0.7;
/** Timers may fire this much early, in milliseconds. */
const EARLY_MS = 0.5;

const KPA = { tickMs: 2_000, stableMs: 60_000, panicPart: 0.1, panicThreshold: 2 } as const;
/** `max-scale-up-rate` and `max-scale-down-rate`. */
const KPA_RATE = { up: 1_000, down: 2 } as const;

/** What the Knative rule remembers. */
export interface KpaState {
  readonly buckets: readonly DemandBucket[];
  readonly decidedAt: number | null;
  /** Size to keep. */
  readonly target: number;
  /** When the panic threshold was last exceeded, in monotonic milliseconds; null outside panic. */
  readonly panickedAt: number | null;
}

/**
 * Knative's pod autoscaler (`pkg/autoscaler/scaling/autoscaler.go`, defaults of `config/config.go`): every 2 s
 * `want = ⌈mean concurrency / 0.7⌉` over 60 s (stable) and over 6 s (panic), within [⌊ready / 2⌋, 1000·ready]. When the
 * panic value is twice what is ready, it takes the larger of the two and never falls until 60 s have passed below the
 * threshold. A connection serves one caller, and waiters count as concurrency, as requests queued at a pod do.
 *
 * @param speed Divides every time; pods take seconds to start where connections take milliseconds.
 */
function kpa(name: string, speed: number): Policy<KpaState> {
  const stableMs = KPA.stableMs / speed;
  return {
    name,
    init: () => ({ buckets: [], decidedAt: null, target: 0, panickedAt: null }),
    decide(signals, previous) {
      const { now, size, creating, min } = signals;
      const buckets = observeDemand(previous.buckets, signals, stableMs);
      const isDue = now - (previous.decidedAt ?? now) >= KPA.tickMs / speed - EARLY_MS;
      if (previous.decidedAt !== null && !isDue) {
        const kept = Math.max(min, previous.target);
        return baselineDecision(signals, kept, { ...previous, buckets }, 'between two looks');
      }
      const ready = Math.max(1, size - creating);
      const within = (windowMs: number): number => {
        const want = wholeConnections(
          (meanDemand(buckets, now, windowMs) ?? 0) / TARGET_UTILISATION,
        );
        return Math.max(Math.floor(ready / KPA_RATE.down), Math.min(want, KPA_RATE.up * ready));
      };
      const stable = within(stableMs);
      const panic = within(stableMs * KPA.panicPart);
      const isOver = panic / ready >= KPA.panicThreshold;
      const before = previous.panickedAt;
      const isPanicking = isOver || (before !== null && now - before < stableMs);
      const panickedAt = isOver ? now : isPanicking ? before : null;
      const wanted = isPanicking ? Math.max(stable, panic, previous.target) : stable;
      const target = Math.max(min, wanted);
      const state = { buckets, decidedAt: now, target, panickedAt };
      return baselineDecision(
        signals,
        target,
        state,
        isPanicking ? 'panic window' : 'stable window',
      );
    },
  };
}

const HPA = { syncMs: 15_000, windowMs: 60_000, stabilisationMs: 300_000, tolerance: 0.1 } as const;

/** What the Kubernetes rule remembers. */
export interface HpaState {
  readonly buckets: readonly DemandBucket[];
  readonly decidedAt: number | null;
  readonly target: number;
  readonly recommendations: readonly Recommendation[];
}

/**
 * Kubernetes' horizontal pod autoscaler (`pkg/controller/podautoscaler/horizontal.go` and `replica_calculator.go`, defaults
 * of `autoscaling/v2`): every 15 s `⌈ready · usage / target⌉` with usage = concurrency per connection over the last minute
 * and target 0.7; nothing if that is within 10 % of one; up by at most 4 or 100 %, whichever is more; down to the largest
 * recommendation of the last 5 minutes.
 *
 * @param speed Divides every time.
 */
function hpa(name: string, speed: number): Policy<HpaState> {
  const windowMs = HPA.windowMs / speed;
  const stabilisationMs = HPA.stabilisationMs / speed;
  return {
    name,
    init: () => ({ buckets: [], decidedAt: null, target: 0, recommendations: [] }),
    decide(signals, previous) {
      const { now, size, creating, min } = signals;
      const buckets = observeDemand(previous.buckets, signals, windowMs);
      const isDue = now - (previous.decidedAt ?? now) >= HPA.syncMs / speed - EARLY_MS;
      const current = Math.max(min, previous.decidedAt === null ? size : previous.target);
      if (previous.decidedAt !== null && !isDue) {
        return baselineDecision(signals, current, { ...previous, buckets }, 'between two syncs');
      }
      const ready = Math.max(1, size - creating);
      const ratio = (meanDemand(buckets, now, windowMs) ?? 0) / ready / TARGET_UTILISATION;
      const isWithin = Math.abs(1 - ratio) <= HPA.tolerance;
      const desired = isWithin ? current : wholeConnections(ready * ratio);
      const latest = { at: now, size: desired };
      const recommendations = recommend(previous.recommendations, latest, stabilisationMs);
      const stabilised = largest(recommendations);
      const wanted =
        desired >= current
          ? Math.min(desired, Math.max(current + 4, 2 * current))
          : Math.min(current, stabilised);
      const target = Math.max(min, wanted);
      const state = { buckets, decidedAt: now, target, recommendations };
      return baselineDecision(signals, target, state, 'usage over target');
    },
  };
}

/** How much faster connections open than pods start, roughly: divides the times of the `-fast` variants. */
const FAST = 20;

/** {@link kpa} with Knative's own times. */
export const knativeKpa: Policy<KpaState> = kpa('baseline:knative-kpa', 1);
/** {@link kpa} with times a twentieth as long: a look every 100 ms, windows of 3 s and 0.3 s. */
export const knativeKpaFast: Policy<KpaState> = kpa('baseline:knative-kpa-fast', FAST);
/** {@link hpa} with Kubernetes' own times. */
export const kubernetesHpa: Policy<HpaState> = hpa('baseline:kubernetes-hpa', 1);
/** {@link hpa} with times a twentieth as long: a sync every 750 ms, stabilisation over 15 s. */
export const kubernetesHpaFast: Policy<HpaState> = hpa('baseline:kubernetes-hpa-fast', FAST);
