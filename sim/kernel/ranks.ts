/**
 * The order of events at one instant, lowest first; within a rank the one scheduled first is first.
 *
 * A connection that comes back at the instant of a deadline still serves its waiter; a caller who arrives at the
 * instant of a tick is not part of it. `wake` is the autoscaler's own work, in this order: timeouts, then the tick.
 * Pressure comes last, so that everyone who arrives at one instant is one batch, as one turn of the event loop is live.
 */
export const RANK = {
  /** A lease comes back. */
  completion: 0,
  /** A connection is ready. */
  created: 1,
  /** A check has an answer. */
  checked: 2,
  /** A connection is gone. */
  destroyed: 3,
  /** A fault begins or ends. */
  fault: 4,
  /** Timeouts, then the tick. */
  wake: 5,
  arrival: 6,
} as const;
