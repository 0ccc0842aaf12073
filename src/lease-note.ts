import type { StackTrace } from './runtime/stack-trace.js';

/** What is known of a lease beyond its request; only of those that are sampled or suspected. */
export class LeaseNote {
  readonly lentAt: number;
  /** Where it was acquired; undefined when it was not sampled. */
  readonly acquired: string | undefined;
  /** Where its holder ended it, if it was sampled. Leads to the lease. */
  ended: StackTrace | null = null;
  /** It was reported as a leak. */
  isReported = false;
  /** The pool took it back; its holder may still come. */
  isReclaimed = false;
  /** When its holder ended it although the pool had taken it back. */
  cameLateAt: number | null = null;

  constructor(lentAt: number, acquired: string | undefined) {
    this.lentAt = lentAt;
    this.acquired = acquired;
  }
}
