import type { Request } from './request.js';
import type { Slot } from './slot.js';

/** What a check proves: that an idle connection lives, or that a used one is clean again. */
export type CheckKind = 'validate' | 'reset';

/** How a lease comes back. */
export type ReleaseKind = 'clean' | 'reset' | 'broken';

/** Why a slot is closed. The driver's `DestroyReason` is the same union plus what only the driver can know. */
export type CloseReason =
  | 'surplus'
  | 'lifetime'
  | 'max-uses'
  | 'invalid'
  | 'died'
  | 'broken'
  | 'invalidated'
  | 'closed';

/** Why a request ends without a lease. */
export type RejectReason =
  | 'timeout'
  | 'aborted'
  | 'queue-full'
  /** More callers wait than can be served in time. */
  | 'overload'
  /** No connection is open and none can be opened. */
  | 'unavailable'
  | 'closed';

/** Why a caller got nothing who wanted something to the end. */
export type RefusalReason = Exclude<RejectReason, 'aborted'>;

/** The class of a failed create. */
export type CreateFailureKind = 'transient' | 'permanent' | 'server-limit' | 'timeout';

/**
 * What the engine asks of its host. The engine calls it only after its own state is complete, so every call may come
 * straight back into the engine.
 */
export interface EngineHost<T, C> {
  /** Opens a connection; answer with `created` or `createFailed`. */
  create(slot: Slot<T>): void;
  /** Checks a connection; answer with `checked`. */
  check(slot: Slot<T>, kind: CheckKind): void;
  /**
   * Closes a connection, or gives up a create when `slot.resource` is undefined, in flight or not even begun; answer with
   * `destroyed`, and with nothing else any more.
   */
  destroy(slot: Slot<T>, reason: CloseReason): void;
  /** A request that had to wait has its slot. One served before `request` returns is not reported: its state says so. */
  grant(request: Request<T, C>, now: number): void;
  /** A request ended without a slot; possibly before the call of `request` that made it returns. */
  reject(request: Request<T, C>, why: RejectReason, now: number): void;
  /** Free and synchronous: may this idle connection be lent out? */
  isUsable(slot: Slot<T>): boolean;
  /** Callers wait: ask for a decision soon. At most once until `armPressure`. */
  pressure(): void;
}

/** Where durations go; implemented by the telemetry with preallocated buffers. */
export interface EngineProbe {
  arrived(now: number): void;
  granted(waitMs: number): void;
  /** @param arrivedAt When the request that now ends was made; it waited until it was granted. */
  released(useMs: number, arrivedAt: number, waitMs: number): void;
  created(createMs: number): void;
  /** Who arrived then wants nothing any more: it would not wait, it was aborted, or nobody was behind it in the end. */
  left?(arrivedAt: number): void;
  /** A caller got nothing. The host says it, since a request of the engine may stand for many callers. */
  refused?(why: RefusalReason, waitMs: number): void;
}
