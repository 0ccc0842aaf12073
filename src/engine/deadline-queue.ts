import type { Request } from './request.js';

/**
 * Waiters by deadline. With one timeout for all, deadlines arrive in order and live in a linked list with removal in
 * constant time; a deadline earlier than the list's last goes to a binary heap, where a request that has ended is
 * dropped when it comes up or when ended ones are the majority.
 */
export class DeadlineQueue<T, C> {
  #first: Request<T, C> | null = null;
  #last: Request<T, C> | null = null;
  readonly #heap: Request<T, C>[] = [];
  #ended = 0;

  /** The earliest deadline, or Infinity. */
  get next(): number {
    const listed = this.#first === null ? Number.POSITIVE_INFINITY : this.#first.deadline;
    if (this.#heap.length === 0) return listed;
    const heaped = this.#heapTop();
    return heaped === null ? listed : Math.min(listed, heaped.deadline);
  }

  add(request: Request<T, C>): void {
    if (request.deadline === Number.POSITIVE_INFINITY) return;
    const last = this.#last;
    if (last !== null && request.deadline < last.deadline) {
      request.timed = 'heap';
      this.#siftUp(this.#heap.push(request) - 1);
      return;
    }
    request.timed = 'list';
    request.sooner = last;
    if (last === null) this.#first = request;
    else last.later = request;
    this.#last = request;
  }

  /** Forgets a request that was granted or cancelled. */
  remove(request: Request<T, C>): void {
    if (request.timed === 'list') this.#unlink(request);
    else if (request.timed === 'heap') {
      request.timed = 'no';
      this.#ended += 1;
      if (this.#ended > 64 && this.#ended * 2 > this.#heap.length) this.#rebuild();
    }
  }

  /** Takes out the request with the earliest deadline if that has passed. */
  takeExpired(now: number): Request<T, C> | null {
    const listed = this.#first;
    const heaped = this.#heapTop();
    const fromHeap = heaped !== null && (listed === null || heaped.deadline < listed.deadline);
    const earliest = fromHeap ? heaped : listed;
    if (earliest === null || earliest.deadline > now) return null;
    if (fromHeap) {
      earliest.timed = 'no';
      this.#popHeap();
    } else this.#unlink(earliest);
    return earliest;
  }

  #unlink(request: Request<T, C>): void {
    const { sooner, later } = request;
    if (sooner === null) this.#first = later;
    else sooner.later = later;
    if (later === null) this.#last = sooner;
    else later.sooner = sooner;
    request.sooner = null;
    request.later = null;
    request.timed = 'no';
  }

  #heapTop(): Request<T, C> | null {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return null;
      if (top.timed === 'heap') return top;
      this.#popHeap();
      this.#ended -= 1;
    }
  }

  #popHeap(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown(0);
  }

  #rebuild(): void {
    const live = this.#heap.filter((request) => request.timed === 'heap');
    this.#heap.length = 0;
    this.#ended = 0;
    for (const request of live) this.#siftUp(this.#heap.push(request) - 1);
  }

  #siftUp(start: number): void {
    const heap = this.#heap;
    let index = start;
    const request = at(heap, index);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = at(heap, parentIndex);
      if (parent.deadline <= request.deadline) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = request;
  }

  #siftDown(start: number): void {
    const heap = this.#heap;
    let index = start;
    const request = at(heap, index);
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= heap.length) break;
      const right = childIndex + 1;
      if (right < heap.length && at(heap, right).deadline < at(heap, childIndex).deadline) {
        childIndex = right;
      }
      const child = at(heap, childIndex);
      if (child.deadline >= request.deadline) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = request;
  }
}

function at<R>(heap: readonly R[], index: number): R {
  const request = heap[index];
  if (request === undefined) throw new Error('bug: heap index out of range');
  return request;
}
