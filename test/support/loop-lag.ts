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
   * When something due at `dueAt` must have been done: before the loop came round to its timers a third time. After a stall
   * the pool reads what has arrived before it calls anybody late, which takes a round.
   */
  latestAt(dueAt: number): number {
    const third = this.#ticks[this.#firstAfter(dueAt) + 2];
    return (third ?? Number.POSITIVE_INFINITY) + TIMER_SLACK_MS;
  }

  /** How much later than it should the loop came round between two instants, all together. */
  lagMs(from: number, to: number): number {
    let lagMs = TIMER_SLACK_MS;
    for (let index = this.#firstAfter(from); index < this.#ticks.length; index += 1) {
      const before = this.#ticks[index - 1] ?? from;
      if (before > to) break;
      lagMs += Math.max(0, (this.#ticks[index] ?? 0) - before - PERIOD_MS);
    }
    return lagMs;
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
