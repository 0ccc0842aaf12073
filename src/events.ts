import type { ScaleDecision } from './control/decision.js';
import type { PoolError } from './errors.js';
import type { DestroyReason, ErrorClass } from './runtime/resource-factory.js';

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
  readonly error: PoolError;
}

/** Something failed that no caller was waiting for: a destroy, a check, a policy, a listener. */
export interface ErrorEvent {
  readonly pool: string;
  /** `shadow` is a policy that only observes, `state` an `initialState` that was refused. */
  readonly operation:
    | 'destroy'
    | 'validate'
    | 'reset'
    | 'policy'
    | 'shadow'
    | 'state'
    | 'listener'
    | 'recording';
  /** Name of the policy, with the operations `policy` and `shadow`. */
  readonly policy?: string | undefined;
  readonly error: unknown;
}

/**
 * Events of a pool. Listeners run after the pool's state is complete; one that throws is reported as `error` and
 * disturbs nobody.
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
  error: [event: ErrorEvent];
}
