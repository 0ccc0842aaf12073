import type { Slot } from './slot.js';

/** Where a request is: waiting, holding a slot, or ended. */
export type RequestState = 'pending' | 'granted' | 'done';

/** Whom to serve first: 1 before 0 before -1, unless the other has waited `AGING_MS` longer for each step. */
export type Rank = -1 | 0 | 1;

/** One acquire, from the call to the release. Only the engine writes to it, except for `context`. */
export class Request<T, C> {
  state: RequestState = 'pending';
  /** The slot it holds or held. */
  slot: Slot<T> | null = null;
  readonly arrivedAt: number;
  /** Since when somebody waits for it: later than its arrival if whoever it was made for has left and others have not. */
  waitsSince: number;
  /** When it gets rejected; Infinity = never. An overloaded engine brings it forward. */
  deadline: number;
  /** Whoever made it has it, and hears what becomes of it; before that its state says so. */
  isReturned = false;
  /** True when the deadline was brought forward. */
  isShed = false;
  readonly rank: Rank;
  /** When its lease began; once that is over, when it ended. */
  since = 0;
  /** Whatever the host wants to find again. */
  context: C;
  /** Neighbours in the queue of waiters. */
  ahead: Request<T, C> | null = null;
  behind: Request<T, C> | null = null;
  /** Neighbours in the queue of deadlines. */
  sooner: Request<T, C> | null = null;
  later: Request<T, C> | null = null;
  /** Whether the deadline queue holds it: in the list, in the heap, or nowhere. */
  timed: 'no' | 'list' | 'heap' = 'no';

  constructor(arrivedAt: number, deadline: number, context: C, rank: Rank) {
    this.arrivedAt = arrivedAt;
    this.waitsSince = arrivedAt;
    this.deadline = deadline;
    this.rank = rank;
    this.context = context;
  }

  hold(slot: Slot<T>, now: number): void {
    this.state = 'granted';
    this.slot = slot;
    this.since = now;
    slot.holder = this;
    slot.uses += 1;
    slot.lentAt = now;
  }

  letGo(slot: Slot<T>, now: number): void {
    this.state = 'done';
    this.since = now;
    slot.holder = null;
  }
}

/** Since when somebody waits, given who came first; Infinity if nobody does. */
export function waitingSince<T, C>(oldest: Readonly<Request<T, C>> | null): number {
  let since = Number.POSITIVE_INFINITY;
  for (let one = oldest; one !== null; one = one.behind) {
    since = Math.min(since, one.waitsSince);
    // Whoever is behind one that stands for nobody else came later.
    if (one.waitsSince === one.arrivedAt) break;
  }
  return since;
}
