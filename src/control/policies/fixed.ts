import type { Decision, Limit } from '../decision.js';
import { integerFrom, type FieldRule } from '../fields.js';
import { noteGate, withinBounds } from '../limits.js';
import type { Policy, PolicyConfig } from '../policy.js';
import type { Signals } from '../signals.js';

/** Options of the policy `fixed`: a constant size, for a known peak and as a yardstick. */
export interface FixedOptions {
  /**
   * Connections to keep open, an integer from 1 to 100,000; held within `min..max`.
   * @default the pool's `max`, whatever it is at the moment
   */
  readonly size?: number | undefined;
}

/** Resolved options of `fixed`. */
export interface FixedConfig extends PolicyConfig {
  /** Connections to keep open, or null for the pool's `max`. */
  readonly size: number | null;
}

/** `fixed` remembers nothing. */
export type FixedState = Readonly<Record<string, never>>;

/** What the fields of {@link FixedOptions} must be. */
export const fixedRules: Readonly<Record<string, FieldRule>> = { size: integerFrom(1, 100_000) };

/** {@link FixedOptions} with defaults. */
export function resolveFixed(options: FixedOptions, base: PolicyConfig): FixedConfig {
  return {
    ...base,
    size: options.size ?? null,
  };
}

/** Keeps a constant number of connections. */
export const fixedPolicy: Policy<FixedState, FixedConfig> = {
  name: 'fixed',
  init: () => ({}),
  decide(signals: Signals, state: FixedState, config: FixedConfig): Decision<FixedState> {
    const limitedBy: Limit[] = [];
    const wanted = config.size ?? signals.max;
    const target = withinBounds(wanted, signals, limitedBy);
    noteGate(target, signals, limitedBy);
    return {
      target,
      permits: null,
      reason: 'fixed',
      limitedBy,
      candidates: { fixed: wanted },
      state,
      wakeInMs: null,
    };
  },
};
