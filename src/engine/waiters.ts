import type { OverloadConfig } from './config.js';
import { DeadlineQueue } from './deadline-queue.js';
import type { RejectReason } from './ports.js';
import type { Rank, Request } from './request.js';
import { WaiterQueue } from './waiter-queue.js';

/** A request of a higher rank goes before those of the next lower one that came up to this much earlier. */
const AGING_MS = 1_000;
/** A host must get other work done between two parts of a long row of timeouts. */
const TIMEOUTS_AT_ONCE = 1_000;
/** Share of the newest gap between two grants in the average. */
const GAP_SMOOTHING = 1 / 16;

/** Requests that wait: who is next, who is late, and what to do while there are too many. */
export class Waiters<T, C> {
  readonly #usual = new WaiterQueue<T, C>();
  /** The ranks 1 and -1, which few pools use. */
  readonly #urgent = new WaiterQueue<T, C>();
  readonly #patient = new WaiterQueue<T, C>();
  readonly #deadlines = new DeadlineQueue<T, C>();
  #length = 0;
  /** Since when somebody has been waiting without a break. */
  #busySince = 0;
  #grantedAt = 0;
  /** Time between two grants from the queue, smoothed; 0 before the second. */
  #gapMs = 0;

  get length(): number {
    return this.#length;
  }

  /** Who came first, or null. */
  get oldest(): Request<T, C> | null {
    return first(first(this.#usual.head, this.#urgent.head, 0), this.#patient.head, 0);
  }

  /** The earliest deadline, or Infinity. */
  get nextDeadline(): number {
    return this.#deadlines.next;
  }

  /** Whose turn it is, or null. */
  next({ newestFirst, codelIntervalMs }: OverloadConfig, now: number): Request<T, C> | null {
    const end = newestFirst && this.#stands(codelIntervalMs, now) ? 'tail' : 'head';
    const usual = this.#usual[end];
    if (this.#usual.length === this.length) return usual;
    return first(first(this.#urgent[end], usual, AGING_MS), this.#patient[end], AGING_MS);
  }

  /** Lets a request wait, perhaps less long than it wanted to. False if it would be too late for it anyway. */
  push(request: Request<T, C>, overload: OverloadConfig, now: number): boolean {
    if (this.length === 0) {
      this.#busySince = now;
      this.#grantedAt = now;
    } else if (overload.rejectLate && this.#predictedWaitMs() > request.deadline - now)
      return false;
    const latest = now + overload.codelTargetMs;
    if (latest < request.deadline && this.#stands(overload.codelIntervalMs, now)) {
      request.deadline = latest;
      request.isShed = true;
    }
    this.#queue(request.rank).push(request);
    this.#deadlines.add(request);
    this.#length += 1;
    return true;
  }

  /** Takes out a request that got its slot. */
  grant(request: Request<T, C>, now: number): void {
    const gapMs = now - this.#grantedAt;
    this.#grantedAt = now;
    this.#gapMs = this.#gapMs === 0 ? gapMs : this.#gapMs + GAP_SMOOTHING * (gapMs - this.#gapMs);
    this.remove(request);
  }

  remove(request: Request<T, C>): void {
    this.#deadlines.remove(request);
    this.#leave(request);
  }

  /** Takes out everyone, who came first before the others. */
  clear(ended: (request: Request<T, C>) => void): void {
    for (let one = this.oldest; one !== null; one = this.oldest) {
      this.remove(one);
      ended(one);
    }
  }

  /** The highest rank of those who wait. */
  get highestRank(): Rank {
    if (this.#urgent.length > 0) return 1;
    return this.#usual.length > 0 ? 0 : -1;
  }

  /** Takes out those whose deadline has passed; of very many a part, and `nextDeadline` stays in the past. */
  expire(now: number, expired: (request: Request<T, C>, why: RejectReason) => void): void {
    for (let left = TIMEOUTS_AT_ONCE; left > 0; left -= 1) {
      const request = this.#deadlines.takeExpired(now);
      if (request === null) return;
      this.#leave(request);
      expired(request, request.isShed ? 'overload' : 'timeout');
    }
  }

  #leave(request: Request<T, C>): void {
    this.#queue(request.rank).remove(request);
    this.#length -= 1;
  }

  #queue(rank: Rank): WaiterQueue<T, C> {
    return rank === 0 ? this.#usual : rank === 1 ? this.#urgent : this.#patient;
  }

  #stands(intervalMs: number, now: number): boolean {
    return this.length > 0 && now - this.#busySince >= intervalMs;
  }

  /** How long one more would wait if grants go on at their present pace; those of its own rank or a lower one included. */
  #predictedWaitMs(): number {
    return (this.length + 1) * this.#gapMs;
  }
}

/** Of two requests the one to serve first: `a` may have come up to `aheadMs` after `b`. */
function first<T, C>(
  a: Request<T, C> | null,
  b: Request<T, C> | null,
  aheadMs: number,
): Request<T, C> | null {
  if (a === null || b === null) return a ?? b;
  return a.arrivedAt - aheadMs <= b.arrivedAt ? a : b;
}
