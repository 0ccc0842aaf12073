import type { Clock, Timer } from './clock.js';

/** The longest delay that `setTimeout` understands. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  epoch: () => Date.now(),
  schedule(delayMs: number, callback: () => void): Timer {
    const timeout = setTimeout(callback, Math.min(Math.ceil(delayMs), LONGEST_DELAY_MS));
    timeout.unref();
    return {
      cancel: () => clearTimeout(timeout),
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
