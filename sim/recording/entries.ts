import type { Memory } from '../../src/autoscaler/memory.js';
import type { ScaleDecision } from '../../src/control/decision.js';
import type { PolicyOption } from '../../src/control/policies/index.js';

/** Options that were in force. */
export interface RecordedSettings {
  readonly min: number;
  readonly max: number;
  readonly waitObjectiveMs: number;
  readonly acquireTimeoutMs: number;
  readonly maxPending: number;
  readonly createConcurrency: number;
  /** Null for a policy of somebody's own, which no file can hold. */
  readonly policy: PolicyOption | null;
  readonly policyName: string;
}

/** What the first line of a file says. */
export interface RecordingHeader {
  readonly pool: string;
  /** Version of this package that recorded; null when it was not known, or older than this field. */
  readonly package: string | null;
  /** Version of Node that recorded. */
  readonly node: string;
  /** Epoch milliseconds at 0 of the pool's clock. */
  readonly epochAtZero: number;
  readonly tickMs: number;
  /** Number of the decision before this header when the recording goes on here, or null where it began. */
  readonly continues: number | null;
  readonly settings: RecordedSettings;
  /** What was remembered at this point. */
  readonly state: Memory;
}

/** A decision that was carried out, without what follows from the rest of it. */
export type RecordedDecision = Omit<
  ScaleDecision,
  'event' | 'mode' | 'pool' | 'policy' | 'direction' | 'message' | 'waitObjectiveMs'
>;

/** How often there was which duration: µs, count, µs, count and so on. */
export type DurationCounts = readonly number[];

/** Who came and how long it took since the line before. */
export interface RecordedLoad {
  /** Monotonic millisecond and number of arrivals; negative when all came at one instant. */
  readonly arrivals: readonly (readonly [ms: number, count: number])[];
  readonly waits: DurationCounts;
  readonly uses: DurationCounts;
  /** Wait plus use of the requests that ended. */
  readonly totals: DurationCounts;
  readonly creates: DurationCounts;
}

/** Who got nothing since the line before. */
export interface RecordedLosses {
  /** Millisecond of the arrival, and how many of then gave up by themselves: aborted, or `tryAcquire` without success. */
  readonly left: readonly (readonly [ms: number, count: number])[];
  /** Waits that ended with a timeout. */
  readonly timeouts: DurationCounts;
  readonly rejected: number;
}

/** One line of a recording. */
export type RecordingEntry =
  | { readonly kind: 'header'; readonly header: RecordingHeader }
  | { readonly kind: 'decision'; readonly decision: RecordedDecision }
  | { readonly kind: 'load'; readonly load: RecordedLoad }
  | { readonly kind: 'losses'; readonly losses: RecordedLosses }
  /** Arrival, wait and use time in milliseconds of every request, one after the other. */
  | { readonly kind: 'requests'; readonly values: readonly number[] }
  /** Options changed before the next decision. */
  | {
      readonly kind: 'change';
      readonly settings: RecordedSettings;
      /** The policy was replaced and begins anew. */
      readonly isNewPolicy: boolean;
    };
