import type { Decision } from '../control/decision.js';
import type { ResolvedPolicy } from '../control/policy.js';
import type { Signals } from '../control/signals.js';
import { consult } from './consult.js';
import { freshMemory, type Memory } from './memory.js';
import { findStateProblem, stateOf, type ControllerState } from './state.js';

/** A policy, what it remembers, and whether it works. */
export class Controller {
  #resolved: ResolvedPolicy;
  #memory: Memory;
  #isBroken = false;
  /** What to go on with if the policy cannot work with the memory of another process; null after the first decision. */
  #fresh: Memory | null = null;

  /** Throws what the policy's `init` throws. */
  constructor(resolved: ResolvedPolicy) {
    this.#resolved = resolved;
    this.#memory = freshMemory(resolved);
  }

  /** Name of the policy. */
  get name(): string {
    return this.#resolved.policy.name;
  }

  /** What is remembered from one decision to the next, as plain JSON. */
  get memory(): Memory {
    return this.#memory;
  }

  /** A copy of what is remembered, for another process. */
  get state(): ControllerState {
    return stateOf(this.name, this.#memory);
  }

  /** The same policy with another configuration; what it remembers stays. */
  configure(resolved: ResolvedPolicy): void {
    this.#resolved = resolved;
    this.#isBroken = false;
  }

  /** Goes on where another process ended; returns what is wrong with the state, or null. Nothing is changed then. */
  restore(state: unknown): string | null {
    const found = findStateProblem(state, this.name, this.#memory);
    if (found.problem !== null) return found.problem;
    this.#fresh = this.#memory;
    this.#memory = found.memory;
    return null;
  }

  /**
   * What the policy says, held within its bounds. If it throws or answers nonsense, the last target stays; `failed` hears
   * of it once until it works again. A memory of another process that makes it do so is dropped.
   */
  ask(signals: Signals, failed: (error: unknown) => void): Decision<Memory> {
    const fresh = this.#fresh;
    this.#fresh = null;
    const answer = consult(this.#resolved, signals, this.#memory);
    if (answer.problem !== null && fresh !== null) {
      this.#memory = fresh;
      failed(answer.problem.error);
      return this.ask(signals, failed);
    }
    const { decision, problem } = answer;
    this.#memory = decision.state;
    const isNews = problem !== null && !this.#isBroken;
    this.#isBroken = problem !== null;
    if (isNews) failed(problem.error);
    return decision;
  }
}
