import type { RejectReason } from './engine/ports.js';
import type { Lease } from './lease.js';
import type { Deferred } from './runtime/deferred.js';

/** A caller who waits. */
export interface Waiter<T> extends Deferred<Lease<T>> {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** A waiter; or why the request ended before anybody could wait for it. */
export type Context<T> = Waiter<T> | Exclude<RejectReason, 'aborted'> | null;
