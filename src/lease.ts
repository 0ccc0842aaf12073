import type { ReleaseKind } from './engine/ports.js';
import type { Request } from './engine/request.js';
import { LeaseReleasedError } from './errors.js';

/** What a lease needs of its pool. */
export interface LeaseHolder<T, C> {
  readonly name: string;
  giveBack(request: Request<T, C>, kind: ReleaseKind): boolean;
  judge(resource: T): ReleaseKind;
}

/**
 * The exclusive use of one connection until it is given back. Declared with `using` or `await using` it gives itself
 * back.
 */
export class Lease<T> implements Disposable, AsyncDisposable {
  readonly #holder: LeaseHolder<T, unknown>;
  readonly #request: Request<T, unknown>;

  /** Made by the pool only. */
  constructor(holder: LeaseHolder<T, unknown>, request: Request<T, unknown>) {
    this.#holder = holder;
    this.#request = request;
  }

  /**
   * The connection.
   *
   * @throws {@link LeaseReleasedError} after the lease was given back: the connection may be another caller's by now
   */
  get resource(): T {
    const resource = this.#request.state === 'granted' ? this.#request.slot?.resource : undefined;
    if (resource === undefined) throw new LeaseReleasedError(this.#holder.name);
    return resource;
  }

  /** True once the lease was released or destroyed. */
  get isReleased(): boolean {
    return this.#request.state !== 'granted';
  }

  /**
   * Gives the connection back for the next caller.
   *
   * @throws {@link LeaseReleasedError} when called a second time
   */
  release(): void {
    // After a forced close the connection is gone while the lease is still out; giving it back stays quiet.
    const resource = this.#request.slot?.resource;
    this.#giveBack(resource === undefined ? 'broken' : this.#holder.judge(resource));
  }

  /**
   * Gives the connection back and closes it: for one that is in a state nobody should inherit.
   *
   * @throws {@link LeaseReleasedError} when called a second time
   */
  destroy(): void {
    this.#giveBack('broken');
  }

  [Symbol.dispose](): void {
    if (!this.isReleased) this.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    return Promise.resolve();
  }

  #giveBack(kind: ReleaseKind): void {
    if (!this.#holder.giveBack(this.#request, kind))
      throw new LeaseReleasedError(this.#holder.name);
  }
}
