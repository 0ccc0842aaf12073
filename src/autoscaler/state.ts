import { show } from '../control/fields.js';
import { findShapeProblem, type Memory } from './memory.js';

/** Version of {@link ControllerState}; another is refused. */
const STATE_VERSION = 1;

/** What a pool's policy has learnt, as plain JSON: store it, and give it to the next process as `initialState`. */
export interface ControllerState {
  /** Version of this format. */
  readonly version: 1;
  /** Name of the policy; another one refuses the state. */
  readonly policy: string;
  /** What is remembered from one decision to the next. */
  readonly memory: unknown;
}

/** A deep copy of a memory with its version and owner. Throws what `JSON.stringify` throws. */
export function stateOf(policy: string, memory: Memory): ControllerState {
  return { version: STATE_VERSION, policy, memory: copyOf(memory) };
}

/** A memory to go on with, or what is wrong with it. */
export type FoundState =
  | { readonly problem: string; readonly memory: null }
  | { readonly problem: null; readonly memory: Memory };

/** Checks what may be anything against the policy's name and the memory it begins with. */
export function findStateProblem(state: unknown, policy: string, fresh: Memory): FoundState {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) {
    return problem(`initialState must be an object, got ${show(state)}`);
  }
  const { version, policy: owner } = state as Readonly<Record<string, unknown>>;
  if (version !== STATE_VERSION) {
    return problem(`initialState.version must be ${STATE_VERSION}, got ${show(version)}`);
  }
  if (owner !== policy) {
    return problem(`initialState.policy must be ${show(policy)}, got ${show(owner)}`);
  }
  const shape = findShapeProblem(state, { version, policy, memory: fresh }, 'initialState');
  if (shape !== null) return problem(shape);
  return { problem: null, memory: copyOf((state as { readonly memory: Memory }).memory) };
}

function problem(text: string): FoundState {
  return { problem: text, memory: null };
}

function copyOf(memory: Memory): Memory {
  return JSON.parse(JSON.stringify(memory)) as Memory;
}
