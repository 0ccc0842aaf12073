import { performance } from 'node:perf_hooks';

/** Utilisation over less time than this, in milliseconds, says little. */
const SHORTEST_PERIOD_MS = 5;

/** How busy the event loop was of late. */
export class EventLoopMeter {
  #mark = performance.eventLoopUtilization();
  #markedAt = performance.now();

  /** 0..1 over the time since the previous question, or since an earlier one if that was just now. */
  read(): number | null {
    const now = performance.now();
    const reading = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(reading, this.#mark);
    if (now - this.#markedAt >= SHORTEST_PERIOD_MS) {
      this.#mark = reading;
      this.#markedAt = now;
    }
    return Number.isFinite(utilization) ? utilization : null;
  }
}
