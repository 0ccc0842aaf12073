import type { RejectReason } from './engine/ports.js';
import type { Lease } from './lease.js';
import { LeaseNote } from './lease-note.js';
import { Deferred } from './runtime/deferred.js';
import type { StackTrace } from './runtime/stack-trace.js';

/** A caller who waits. */
export class Waiter<T> extends Deferred<Lease<T>> {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  /** Where it called, if it is sampled. */
  readonly calledFrom: StackTrace | null;

  constructor(signal: AbortSignal | undefined, timeoutMs: number, calledFrom: StackTrace | null) {
    super();
    this.signal = signal;
    this.timeoutMs = timeoutMs;
    this.calledFrom = calledFrom;
  }
}

/** On the requests of connections that many share; see `SharedWork`. */
export const CARRIER: unique symbol = Symbol('carrier');

/** What the shell notes on a request: who waits; why it ended before anybody could wait; what is known of the lease. */
export type Context<T> =
  | Waiter<T>
  | Exclude<RejectReason, 'aborted'>
  | LeaseNote
  | typeof CARRIER
  | null;

/** Who waits for the request with this context, or null. */
export function waiterOf<T>(context: Context<T>): Waiter<T> | null {
  return context instanceof Waiter ? context : null;
}

/** What is known of the lease with this context, or null. */
export function noteOf(context: unknown): LeaseNote | null {
  return context instanceof LeaseNote ? context : null;
}
