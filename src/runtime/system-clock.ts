// Not the globals: a test framework's fake timers replace those, some at a time, and a pool that lives by two times hangs.
import { performance } from 'node:perf_hooks';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { Clock, Timer } from './clock.js';

/** A timer that fires later than this tells of a process that stood still: a blocked event loop, a machine asleep. */
const LATE_MS = 20;

/**
 * The time of this machine. After the process stood still, what arrived meanwhile is read before a timer's callback runs:
 * an answer that lies in the socket must not be called late.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  epoch: () => Date.now(),
  schedule(delayMs: number, callback: () => void): Timer {
    const delay = Math.ceil(delayMs);
    const dueAt = performance.now() + delay;
    let isCancelled = false;
    const run = (): void => {
      if (!isCancelled) callback();
    };
    const timeout = setTimeout(() => {
      // Timers come before sockets in a turn of the event loop, immediates after them.
      if (performance.now() - dueAt > LATE_MS) setImmediate(run);
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
