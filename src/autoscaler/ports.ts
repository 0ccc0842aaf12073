import type { ScaleDecision } from '../control/decision.js';
import type { Mode, ModeOptions } from '../control/mode.js';
import type { PolicyOption } from '../control/policies/index.js';
import type { EngineConfig } from '../engine/config.js';
import type { EngineHost } from '../engine/ports.js';

/** What the autoscaler asks of its host, besides what the engine asks. */
export interface AutoscalerHost<T, C> extends EngineHost<T, C> {
  /** True makes `decided` hear of a decision; it `isNews` if it changes the target or tells something new. */
  wantsDecision(isNews: boolean): boolean;
  /** True makes `decided` hear of what policies that only observe would have done. */
  readonly wantsShadows: boolean;
  /** A decision was made; with mode `act` it is already in force. */
  decided(decision: ScaleDecision): void;
  /** A policy threw or returned nonsense; its previous target stays. Reported once until it works again. */
  policyFailed(error: unknown, policy: string, mode: Mode): void;
  /** Event-loop utilisation since the previous call, 0..1, or null where it is not measured. */
  eventLoopUtilisation(): number | null;
}

/** What an autoscaler needs to know. Every option is resolved: nothing here has a default. */
export interface AutoscalerSettings extends ModeOptions {
  readonly name: string;
  readonly max: number;
  readonly tickMs: number;
  readonly waitObjectiveMs: number;
  /** Policies that only say what they would do. */
  readonly shadow: readonly PolicyOption[];
  readonly engine: Omit<EngineConfig, 'max'>;
  /** Uniform in [0, 1); spreads back-off and lifetimes. */
  readonly random: () => number;
  /** Epoch milliseconds at monotonic 0. */
  readonly epochAtZero: number;
}
