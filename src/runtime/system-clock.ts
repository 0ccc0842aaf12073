import type { Clock, Timer } from './clock.js';

/** A timer that fires later than this tells of a process that stood still: a blocked event loop, a machine asleep. */
const LATE_MS = 20;

/** Looking the global up anew costs half as much again as reading it: in Node it is a getter. */
const time = performance;

/**
 * The time of this machine. After the process stood still, what arrived meanwhile is read before a timer's callback runs:
 * an answer that lies in the socket must not be called late.
 */
export const systemClock: Clock = {
  now: () => time.now(),
  epoch: () => Date.now(),
  schedule(delayMs: number, callback: () => void): Timer {
    const delay = Math.ceil(delayMs);
    const dueAt = time.now() + delay;
    let isCancelled = false;
    const run = (): void => {
      if (!isCancelled) callback();
    };
    const timeout = setTimeout(() => {
      // Timers come before sockets in a turn of the event loop, immediates after them.
      if (time.now() - dueAt > LATE_MS) setImmediate(run);
      else run();
    }, delay);
    timeout.unref();
    return {
      cancel: () => {
        isCancelled = true;
        clearTimeout(timeout);
      },
      keepAlive: (keep) => {
        if (keep) timeout.ref();
        else timeout.unref();
      },
    };
  },
  defer(callback: () => void): void {
    setImmediate(callback);
  },
};
