import type { Decision } from './decision.js';
import type { Signals } from './signals.js';

/** What every policy is told besides its own options. */
export interface PolicyConfig {
  /** The wait the controller aims for, in milliseconds. */
  readonly waitObjectiveMs: number;
  /** Time between regular decisions, in milliseconds. */
  readonly tickMs: number;
  /** Whether nothing of what it asks for is carried out, so that it cannot try anything. @default false */
  readonly isObserving?: boolean | undefined;
}

/**
 * A rule that says how many connections there should be. Pure: no clock, no randomness, no memory but `State`,
 * so that recorded signals give the same decisions again.
 */
export interface Policy<State = unknown, Config extends PolicyConfig = PolicyConfig> {
  readonly name: string;
  /** The state before the first decision; plain JSON. */
  readonly init: (config: Config) => State;
  /** Decides from the signals, the previous state and the configuration. */
  decide(signals: Signals, state: State, config: Config): Decision<State>;
}

/** A policy and the configuration to call it with. */
export interface ResolvedPolicy {
  readonly policy: Policy;
  /** Frozen. */
  readonly config: PolicyConfig;
}
