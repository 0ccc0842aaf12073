import { DeadlineQueue } from './deadline-queue.js';
import type { Request } from './request.js';
import { WaiterQueue } from './waiter-queue.js';

/** Requests that wait, by arrival and by deadline. */
export class Waiters<T, C> {
  readonly #queue = new WaiterQueue<T, C>();
  readonly #deadlines = new DeadlineQueue<T, C>();

  get length(): number {
    return this.#queue.length;
  }

  /** Who came first, or null. */
  get head(): Request<T, C> | null {
    return this.#queue.head;
  }

  /** The earliest deadline, or Infinity. */
  get nextDeadline(): number {
    return this.#deadlines.next;
  }

  push(request: Request<T, C>): void {
    this.#queue.push(request);
    this.#deadlines.add(request);
  }

  remove(request: Request<T, C>): void {
    this.#queue.remove(request);
    this.#deadlines.remove(request);
  }

  /** Takes out one request whose deadline has passed, or null. */
  takeExpired(now: number): Request<T, C> | null {
    const request = this.#deadlines.takeExpired(now);
    if (request !== null) this.#queue.remove(request);
    return request;
  }
}
