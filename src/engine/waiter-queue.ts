import type { Request } from './request.js';

/** Requests in the order in which they came; push, shift and removal of any member take constant time. */
export class WaiterQueue<T, C> {
  #head: Request<T, C> | null = null;
  #tail: Request<T, C> | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get head(): Request<T, C> | null {
    return this.#head;
  }

  get tail(): Request<T, C> | null {
    return this.#tail;
  }

  push(request: Request<T, C>): void {
    const tail = this.#tail;
    request.ahead = tail;
    if (tail === null) this.#head = request;
    else tail.behind = request;
    this.#tail = request;
    this.#length += 1;
  }

  remove(request: Request<T, C>): void {
    const { ahead, behind } = request;
    if (ahead === null) this.#head = behind;
    else ahead.behind = behind;
    if (behind === null) this.#tail = ahead;
    else behind.ahead = ahead;
    request.ahead = null;
    request.behind = null;
    this.#length -= 1;
  }
}
