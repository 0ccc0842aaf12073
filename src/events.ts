import type { ScaleDecision } from './control/decision.js';
import type { AcquireTimeoutError } from './errors.js';
import type { Advice, DestroyReason, ErrorClass } from './runtime/resource-factory.js';

/** A connection was opened. */
export interface CreateEvent {
  readonly pool: string;
  /** Number of the connection, counted from 1. */
  readonly id: number;
  readonly tookMs: number;
}

/** A connection could not be opened. */
export interface CreateErrorEvent {
  readonly pool: string;
  readonly id: number;
  readonly tookMs: number;
  readonly error: unknown;
  readonly class: ErrorClass | 'timeout';
  /** Failures in a row, this one included. */
  readonly failuresInARow: number;
  /** When the next create may start, in milliseconds from now. */
  readonly retryInMs: number;
}

/** A connection was closed. */
export interface DestroyEvent {
  readonly pool: string;
  readonly id: number;
  readonly reason: DestroyReason;
  /** What it died of, where that is known. */
  readonly cause?: unknown;
}

/** A caller got no connection in time. */
export interface TimeoutEvent {
  readonly pool: string;
  readonly error: AcquireTimeoutError;
}

/**
 * A lease is out for longer than `leakThresholdMs`, or nobody can give it back any more. Once per lease. Or work given to
 * `run` has not settled for that long; once for what began on a connection at about the same time.
 */
export interface LeakEvent {
  readonly pool: string;
  /** Number of its connection. */
  readonly id: number;
  /** Of shared work the least that is certain. */
  readonly heldForMs: number;
  /** How many pieces of shared work it is; missing for a lease. */
  readonly sharedWork?: number | undefined;
  /** `overdue`: past the threshold. `dropped`: nothing in the program refers to the lease any more. */
  readonly kind: 'overdue' | 'dropped';
  /** The pool has taken the lease back and closes its connection. */
  readonly isReclaimed: boolean;
  /** Where it was acquired, if it was sampled (`leakSampling`). */
  readonly stack?: string | undefined;
}

/** A lease that was reported by `leak` has ended after all. */
export interface LeakEndEvent {
  readonly pool: string;
  readonly id: number;
  /** From the grant to now. */
  readonly heldForMs: number;
  /**
   * What its holder did; `dropped` when nobody holds it any more, and the pool closed its connection; `settled` when it
   * is shared work, all that was reported together.
   */
  readonly how: 'released' | 'destroyed' | 'dropped' | 'settled';
}

/** The factory has noticed that something else would serve better. */
export interface AdviceEvent extends Advice {
  readonly pool: string;
}

/** Something failed that no caller was waiting for: a destroy, a check, a policy, a listener, an observer. */
export interface ErrorEvent {
  readonly pool: string;
  /** `shadow` is a policy that only observes, `state` an `initialState` that was refused. */
  readonly operation:
    | 'destroy'
    | 'validate'
    | 'reset'
    | 'isUsable'
    | 'needsReset'
    | 'isAnswer'
    | 'classify'
    | 'policy'
    | 'shadow'
    | 'state'
    | 'listener'
    | 'observer'
    | 'recording';
  /** Name of the policy, with the operations `policy` and `shadow`. */
  readonly policy?: string | undefined;
  readonly error: unknown;
}

/**
 * Events of a pool. Listeners run after the pool's state is complete; one that throws is reported as `error` and
 * disturbs nobody. What a listener of `error` throws is dropped.
 */
export interface PoolEvents {
  /** The target changed. */
  scale: [decision: ScaleDecision];
  /** Every decision, those that change nothing included. */
  decision: [decision: ScaleDecision];
  /** What a policy that only observes would have done, those that change nothing included. Nothing was done. */
  shadow: [decision: ScaleDecision];
  create: [event: CreateEvent];
  'create-error': [event: CreateErrorEvent];
  destroy: [event: DestroyEvent];
  timeout: [event: TimeoutEvent];
  leak: [event: LeakEvent];
  'leak-end': [event: LeakEndEvent];
  advice: [event: AdviceEvent];
  error: [event: ErrorEvent];
}
