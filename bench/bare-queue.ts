import { WaitTimes } from '../sim/analysis/wait-times.js';
import { exponential } from '../sim/kernel/distributions.js';
import { EventHeap } from '../sim/kernel/event-heap.js';
import { randomStream } from '../sim/kernel/random.js';
import { ArrivalBuckets } from '../src/telemetry/arrival-buckets.js';
import { LatencyWindow } from '../src/telemetry/latency-window.js';

const RING = 2 ** 16;

/**
 * M/M/c with nothing but an event heap, a ring of waiters and the records that the pool makes: an upper bound of
 * what the engine could do.
 *
 * @returns Mean wait in milliseconds, to show that it is the same queue.
 */
export function bareQueue(
  ratePerMs: number,
  meanMs: number,
  servers: number,
  requests: number,
  sliceMs: number,
): number {
  const arrivals = randomStream(1, 0, 'arrivals');
  const service = randomStream(1, 0, 'service');
  const events = new EventHeap<number>();
  const buckets = new ArrivalBuckets(0);
  const wait = new LatencyWindow();
  const use = new LatencyWindow();
  const waits = new WaitTimes();
  const arrivedAt = new Float64Array(RING);
  const workMs = new Float64Array(RING);
  let head = 0;
  let tail = 0;
  let busy = 0;
  let tickAt = sliceMs;
  let arrivalAt = exponential(arrivals) / ratePerMs;
  const begin = (now: number, waitedMs: number, takesMs: number): void => {
    busy += 1;
    wait.record(waitedMs);
    waits.add(waitedMs);
    use.record(takesMs);
    events.push(now + takesMs, 0, tail);
  };
  for (let left = requests; left > 0;) {
    const now = Math.min(arrivalAt, events.nextTime);
    if (now >= tickAt) {
      wait.rotate(1);
      use.rotate(1);
      tickAt += sliceMs;
    } else if (now < arrivalAt) {
      events.pop();
      busy -= 1;
      if (head === tail) continue;
      const index = head & (RING - 1);
      head += 1;
      begin(now, now - (arrivedAt[index] ?? 0), workMs[index] ?? 0);
    } else {
      left -= 1;
      buckets.arrived(now);
      const takesMs = meanMs * exponential(service);
      if (busy < servers) begin(now, 0, takesMs);
      else {
        arrivedAt[tail & (RING - 1)] = now;
        workMs[tail & (RING - 1)] = takesMs;
        tail += 1;
      }
      arrivalAt = now + exponential(arrivals) / ratePerMs;
    }
  }
  return waits.meanMs;
}
