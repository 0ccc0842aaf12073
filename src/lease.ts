import type { Request } from './engine/request.js';
import type { LeaseReleasedError } from './errors.js';

/** What a lease needs of its pool. */
export interface LeaseHolder<T> {
  /** Accepts a lease at its end; false if the lease cannot end any more. */
  giveBack(request: Request<T, unknown>, how: LeaseEnd): boolean;
  /** Why the lease shows no connection. `how` is null when it did not end by itself. */
  endOf(request: Request<T, unknown>, how: LeaseEnd | null): LeaseReleasedError;
}

/** How its holder ends a lease. */
export type LeaseEnd = 'released' | 'destroyed';

/**
 * The exclusive use of one connection until it is given back. Declared with `using` or `await using` it gives itself
 * back.
 */
export class Lease<T> implements Disposable, AsyncDisposable {
  readonly #holder: LeaseHolder<T>;
  readonly #request: Request<T, unknown>;
  #end: LeaseEnd | null = null;

  /** Made by the pool only. */
  constructor(holder: LeaseHolder<T>, request: Request<T, unknown>) {
    this.#holder = holder;
    this.#request = request;
  }

  /**
   * The connection.
   *
   * @throws {@link LeaseReleasedError} after the lease was given back or taken back: the connection may be another
   * caller's by now
   */
  get resource(): T {
    const resource = this.#request.state === 'granted' ? this.#request.slot?.resource : undefined;
    if (resource === undefined) throw this.#holder.endOf(this.#request, this.#end);
    return resource;
  }

  /** True once the lease was released or destroyed. */
  get isReleased(): boolean {
    return this.#end !== null;
  }

  /**
   * Gives the connection back for the next caller. Quiet, the first time, if the pool has taken it back meanwhile.
   *
   * @throws {@link LeaseReleasedError} when the lease was released or destroyed before
   */
  release(): void {
    this.#giveBack('released');
  }

  /**
   * Gives the connection back and closes it: for one that is in a state nobody should inherit.
   *
   * @throws {@link LeaseReleasedError} when the lease was released or destroyed before
   */
  destroy(): void {
    this.#giveBack('destroyed');
  }

  [Symbol.dispose](): void {
    if (!this.isReleased) this.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    return Promise.resolve();
  }

  #giveBack(how: LeaseEnd): void {
    const before = this.#end;
    // First, so that a factory which calls back from `isUsable` finds the lease ended.
    this.#end ??= how;
    if (before !== null || !this.#holder.giveBack(this.#request, how)) {
      throw this.#holder.endOf(this.#request, this.#end);
    }
  }
}
