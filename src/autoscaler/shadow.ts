import type { Decision } from '../control/decision.js';
import { resolvePolicy, type PolicyOption } from '../control/policies/index.js';
import type { PolicyConfig } from '../control/policy.js';
import type { Signals } from '../control/signals.js';
import { Controller } from './controller.js';
import type { Memory } from './memory.js';
import type { ControllerState } from './state.js';

/** What a shadow would have done, and the signals as it saw them: with its own target and permits. */
export interface ShadowDecision {
  readonly decision: Decision<Memory>;
  readonly signals: Signals;
}

/**
 * A policy that says what it would do and does nothing. It sees the signals of the real pool, but for target and permits,
 * which are those that it asked for itself.
 */
export class Shadow {
  /** Name of the policy, with a number if another shadow has the same. */
  readonly name: string;
  readonly option: PolicyOption;
  #config: PolicyConfig;
  /** Null until it is needed, and for good if the policy cannot even begin. */
  #controller: Controller | null = null;
  #isStillborn = false;
  /** Null before the first decision: it begins where the pool is. */
  #target: number | null = null;
  #permits: number | null = null;

  constructor(name: string, option: PolicyOption, config: PolicyConfig) {
    this.name = name;
    this.option = option;
    this.#config = config;
  }

  /** Target that it asked for last, or null before the first decision. */
  get target(): number | null {
    return this.#target;
  }

  /** See {@link Controller.state}. Throws what the policy's `init` throws. */
  get state(): ControllerState {
    return this.#begin().state;
  }

  configure(config: PolicyConfig): void {
    this.#config = config;
    this.#controller?.configure(resolvePolicy(this.option, config));
  }

  /** See {@link Controller.restore}. Throws what the policy's `init` throws. */
  restore(state: unknown): string | null {
    return this.#begin().restore(state);
  }

  /** What it would do, or null if it cannot even begin; `failed` hears once of what it throws. */
  ask(real: Signals, failed: (error: unknown) => void): ShadowDecision | null {
    if (this.#isStillborn) return null;
    let controller: Controller;
    try {
      controller = this.#begin();
    } catch (error) {
      this.#isStillborn = true;
      failed(error);
      return null;
    }
    const signals: Signals =
      this.#target === null ? real : { ...real, target: this.#target, permits: this.#permits };
    const decision = controller.ask(signals, failed);
    this.#target = decision.target;
    this.#permits = decision.permits;
    return { decision, signals };
  }

  /** A policy of the user's may throw in `init`, so it is not called before it is needed. */
  #begin(): Controller {
    this.#controller ??= new Controller(resolvePolicy(this.option, this.#config));
    return this.#controller;
  }
}
