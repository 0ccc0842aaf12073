const PERIOD_MS = 5;
/** Timers count whole milliseconds, and one that fires early is set once more. */
const TIMER_SLACK_MS = 4;

/** Notes when this process came round to its timers, to tell a late pool from a late machine. Ask when all is over. */
export class LoopLag implements Disposable {
  readonly #ticks: number[] = [performance.now()];
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#ticks.push(performance.now()), PERIOD_MS);
  }

  /**
   * How late something due at `dueAt` and done by `doneAt` may be for the machine's sake: all that the loop was late in
   * between, and two rounds. After a stall the pool reads what has arrived before it calls anybody late.
   */
  allowanceMs(dueAt: number, doneAt: number): number {
    let allowedMs = 2 * PERIOD_MS + TIMER_SLACK_MS;
    for (let index = this.#firstAfter(dueAt); index < this.#ticks.length; index += 1) {
      const before = this.#ticks[index - 1] ?? dueAt;
      if (before > doneAt) break;
      allowedMs += Math.max(0, (this.#ticks[index] ?? 0) - before - PERIOD_MS);
    }
    return allowedMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #firstAfter(instant: number): number {
    let low = 0;
    let high = this.#ticks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ticks[middle] ?? 0) <= instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
