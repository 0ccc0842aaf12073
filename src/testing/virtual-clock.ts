// Not the global: under a test framework's fake timers `advance` would wait for ever.
import { setImmediate } from 'node:timers';
import type { Clock, Timer } from '../runtime/clock.js';

/** Calls at one instant after which time must be standing still. */
const MOST_CALLS_AT_ONCE = 100_000;

interface Entry {
  readonly at: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it is told to move, for tests of pools and of what uses them: pass it as `clock` to
 * `new AdaptivePool` and to fakes that take time.
 */
export class VirtualClock implements Clock {
  #now = 0;
  #sequence = 0;
  readonly #epoch: number;
  readonly #entries = new Set<Entry>();

  /** @param epoch Epoch milliseconds at 0 of this clock. @default 0 */
  constructor(epoch = 0) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#now;
  }

  epoch(): number {
    return this.#epoch + this.#now;
  }

  /** Number of calls that are still to come. */
  get scheduled(): number {
    return this.#entries.size;
  }

  schedule(delayMs: number, callback: () => void): Timer {
    this.#sequence += 1;
    const entry = { at: this.#now + Math.max(0, delayMs), sequence: this.#sequence, callback };
    this.#entries.add(entry);
    return { cancel: () => this.#entries.delete(entry), keepAlive: () => {} };
  }

  defer(callback: () => void): void {
    this.schedule(0, callback);
  }

  /** A promise that resolves after `delayMs` of virtual time. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.schedule(delayMs, resolve);
    });
  }

  /**
   * Moves time forward by `durationMs`, running what is due in order; promises settle between two instants.
   *
   * @throws Error after 100,000 calls at one instant: something schedules itself for now, again and again
   */
  async advance(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    await settle();
    let callsAtOnce = 0;
    for (let entry = this.#next(end); entry !== null; entry = this.#next(end)) {
      this.#entries.delete(entry);
      callsAtOnce = entry.at > this.#now ? 0 : callsAtOnce + 1;
      if (callsAtOnce > MOST_CALLS_AT_ONCE) {
        throw new Error(`time stands still at ${this.#now} ms: ${callsAtOnce} calls`);
      }
      this.#now = Math.max(this.#now, entry.at);
      entry.callback();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /**
   * Moves time forward at one go, as when the event loop was blocked or the machine asleep: what became due runs at the
   * next `advance`, late.
   */
  leap(durationMs: number): void {
    this.#now += durationMs;
  }

  #next(end: number): Entry | null {
    let first: Entry | null = null;
    for (const entry of this.#entries) {
      if (entry.at > end) continue;
      if (
        first === null ||
        entry.at < first.at ||
        (entry.at === first.at && entry.sequence < first.sequence)
      ) {
        first = entry;
      }
    }
    return first;
  }
}

/** Lets every promise that can settle now do so: one turn of the event loop empties the queue of microtasks. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
