import type { RefusalReason } from './engine/ports.js';
import type { Lease } from './lease.js';
import { LeaseNote } from './lease-note.js';
import type { Waiter } from './waiting-callers.js';

/** On the requests of connections that many share; see `SharedWork`. */
export const CARRIER: unique symbol = Symbol('carrier');

/** What the shell notes on a request: who waits; why it ended before anybody could wait; what is known of the lease. */
export type Context<T> = Waiter<Lease<T>> | RefusalReason | LeaseNote | typeof CARRIER | null;

/** What is known of the lease with this context, or null. */
export function noteOf(context: unknown): LeaseNote | null {
  return context instanceof LeaseNote ? context : null;
}
