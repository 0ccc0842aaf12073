import { addLimit } from '../limits.js';
import type { Decision, Limit } from '../decision.js';
import {
  enduringNeed,
  NO_ENVELOPE,
  observeEnvelope,
  type EnvelopeRules,
  type EnvelopeState,
} from '../envelope.js';
import { numberFrom, type FieldRule } from '../fields.js';
import { NO_LOAD, observeLoad, type LoadState } from '../load.js';
import { clamp, wholeConnections } from '../numbers.js';
import { episodeOf, observePanic, type Panic } from '../panic.js';
import type { Policy, PolicyConfig } from '../policy.js';
import { openNow, type Signals } from '../signals.js';
import {
  decideSize,
  SIZING_DEFAULTS,
  wishFor,
  type SizingRules,
  type Standing,
} from '../sizing.js';

/** A difference of fewer connections than this is no reason to panic, whatever the ratio. */
const FEWEST_MISSING = 4;

/**
 * Options of the policy `adaptive`. The defaults are meant for every load: halving or doubling any one of them changes
 * little. `waitObjectiveMs` of the pool is the knob to turn.
 */
export interface AdaptiveOptions {
  /**
   * How many times the measured need of the busiest moments is kept, 1 to 10.
   * @default 1.15
   */
  readonly headroom?: number | undefined;
  /** How long a busy moment is remembered, in milliseconds, 1,000 to 3,600,000. @default 60_000 */
  readonly memoryMs?: number | undefined;
  /**
   * Part of the remembered ticks that the pool is large enough for without opening connections, 0.5 to 1.
   * @default 0.98
   */
  readonly quantile?: number | undefined;
  /** Connections beyond the offered load R for a steady load, in units of √R, 0 to 10. @default 1 */
  readonly staffingSafety?: number | undefined;
  /** Create times in which a backlog is drained, 0.1 to 100: less opens more connections and waits less. @default 1.25 */
  readonly drainCreateTimes?: number | undefined;
  /**
   * Time in which the connections opened without any evidence double, in milliseconds, 1 to 10,000.
   * @default 50
   */
  readonly coldDoublingMs?: number | undefined;
  /** Most of the pool that is closed in one tick, 0 to 1; at least one connection. @default 0.1 */
  readonly shrinkShare?: number | undefined;
  /**
   * Create times after which an unused connection costs more than opening it anew, 1 to 1,000,000; the idle time that
   * follows is held within 10 s and 300 s.
   * @default 1_000
   */
  readonly idleCostRatio?: number | undefined;
  /** Part of the size that is not worth growing for while nobody waits, 0 to 1. @default 0.1 */
  readonly tolerance?: number | undefined;
  /** Times the open connections that callers must need for a panic, 1 to 100. @default 2 */
  readonly panicFactor?: number | undefined;
  /**
   * How long connections must be unused before they are closed, in milliseconds, 1 to 86,400,000.
   * @default the break-even time that follows from `idleCostRatio`
   */
  readonly idleBeforeCloseMs?: number | undefined;
}

/** Resolved options of `adaptive`. */
export interface AdaptiveConfig extends SizingRules, EnvelopeRules {
  readonly headroom: number;
  readonly panicFactor: number;
}

/** What `adaptive` remembers. */
export interface AdaptiveState {
  readonly load: LoadState;
  readonly envelope: EnvelopeState;
  readonly panic: Panic | null;
}

/** What the fields of {@link AdaptiveOptions} must be. */
export const adaptiveRules: Readonly<Record<string, FieldRule>> = {
  headroom: numberFrom(1, 10),
  memoryMs: numberFrom(1_000, 3_600_000),
  quantile: numberFrom(0.5, 1),
  staffingSafety: numberFrom(0, 10),
  drainCreateTimes: numberFrom(0.1, 100),
  coldDoublingMs: numberFrom(1, 10_000),
  shrinkShare: numberFrom(0, 1),
  idleCostRatio: numberFrom(1, 1_000_000),
  tolerance: numberFrom(0, 1),
  panicFactor: numberFrom(1, 100),
  idleBeforeCloseMs: numberFrom(1, 86_400_000),
};

/** {@link AdaptiveOptions} with defaults. */
export function resolveAdaptive(options: AdaptiveOptions, base: PolicyConfig): AdaptiveConfig {
  return {
    ...base,
    headroom: options.headroom ?? 1.15,
    memoryMs: options.memoryMs ?? 60_000,
    quantile: options.quantile ?? 0.98,
    staffingSafety: options.staffingSafety ?? SIZING_DEFAULTS.staffingSafety,
    drainCreateTimes: options.drainCreateTimes ?? SIZING_DEFAULTS.drainCreateTimes,
    coldDoublingMs: options.coldDoublingMs ?? SIZING_DEFAULTS.coldDoublingMs,
    shrinkShare: options.shrinkShare ?? SIZING_DEFAULTS.shrinkShare,
    idleCostRatio: options.idleCostRatio ?? SIZING_DEFAULTS.idleCostRatio,
    tolerance: options.tolerance ?? 0.1,
    panicFactor: options.panicFactor ?? 2,
    idleBeforeCloseMs: options.idleBeforeCloseMs ?? null,
  };
}

/**
 * `littles-law` with a memory of busy moments: enough connections stay for nearly every tick of the last minute to keep the
 * wait objective, so that a burst that came before need not be waited for again.
 */
export const adaptivePolicy: Policy<AdaptiveState, AdaptiveConfig> = {
  name: 'adaptive',
  init: () => ({ load: NO_LOAD, envelope: NO_ENVELOPE, panic: null }),
  decide(
    signals: Signals,
    previous: AdaptiveState,
    config: AdaptiveConfig,
  ): Decision<AdaptiveState> {
    const load = observeLoad(signals, previous.load, config);
    const envelope = observeEnvelope(previous.envelope, signals, load.useMs, config);
    const wish = wishFor(signals, load, config, standingFor(envelope, load.useMs, config));
    const panic = observePanic(previous.panic, {
      now: signals.now,
      // What `max` forbids is no need.
      isOver: isPanicking(signals, Math.min(wish.size, signals.max), config.panicFactor),
      wanted: wish.size,
      lastsMs: load.idleMs,
    });
    const decision = decideSize(signals, load, wish, config);
    const isFrozen = panic !== null && decision.reason === 'idle-surplus';
    return {
      ...(isFrozen ? frozen(decision, signals, load.state) : decision),
      episode: episodeOf(previous.panic, panic),
      state: { load: isFrozen ? load.state : decision.state, envelope, panic },
    };
  },
};

/** Whether callers wait and need several times what is open. */
function isPanicking(signals: Signals, wanted: number, factor: number): boolean {
  const { pending } = signals;
  const open = openNow(signals);
  return pending > 0 && wanted >= factor * open && wanted - open >= FEWEST_MISSING;
}

function standingFor(
  envelope: EnvelopeState,
  useMs: number | null,
  config: AdaptiveConfig,
): Standing | null {
  if (useMs === null) return null;
  const need = config.headroom * enduringNeed(envelope, useMs, config);
  return { reason: 'envelope', size: wholeConnections(need) };
}

/** The decision to close connections, not carried out because of a panic. */
function frozen(
  decision: Decision<LoadState>,
  { target, min, max }: Signals,
  state: LoadState,
): Decision<LoadState> {
  const limitedBy: Limit[] = [...decision.limitedBy];
  addLimit(limitedBy, 'panic');
  const kept = clamp(target, min, max);
  return { ...decision, target: kept, reason: 'steady', note: undefined, limitedBy, state };
}
