/** A scheduled call that can be taken back. */
export interface Timer {
  /** Takes the call back; without effect once it ran. */
  cancel(): void;
  /** Says whether this timer alone should keep the process alive. */
  keepAlive(keep: boolean): void;
}

/** Time as the pool sees it: the system's in production, a virtual one in tests. */
export interface Clock {
  /** Monotonic milliseconds, with fractions. */
  now(): number;
  /** Epoch milliseconds, for records and log lines. */
  epoch(): number;
  /**
   * Runs `callback` once after `delayMs`: from 0 to 2,147,483,647, the longest that `setTimeout` understands, with
   * fractions. Timers do not keep the process alive unless told to.
   */
  schedule(delayMs: number, callback: () => void): Timer;
  /** Runs `callback` after the present turn of the event loop, so that calls made in one turn are one batch. */
  defer(callback: () => void): void;
}
