import type { PolicyResult } from '../result.js';
import { DurationHistogram } from './duration-histogram.js';
import type { RecordedRun } from './recorded-run.js';
import { countOf, stayersOf } from './stayers.js';

/**
 * What was recorded, as if it were simulated: who gave up by himself does not count. Creates are those that succeeded, and
 * a connection that is no longer there at the end was closed.
 */
export function recordedResult(run: RecordedRun): PolicyResult {
  const { settings, timeouts, rejected } = run;
  const waits = waitsOf(run);
  const requests = countOf(stayersOf(run)) + beyondArrivals(run);
  const stillWaiting = Math.max(0, requests - waits.count - rejected);
  const late = run.waits.above(settings?.waitObjectiveMs ?? 0);
  const violations = late + timeouts + rejected + stillWaiting;
  return {
    policy: 'recorded',
    replications: 1,
    requests,
    violations,
    violationRate: requests === 0 ? 0 : violations / requests,
    waited: waits.above(0),
    wait: {
      meanMs: waits.meanMs,
      p50Ms: waits.quantile(0.5),
      p95Ms: waits.quantile(0.95),
      p99Ms: waits.quantile(0.99),
      maxMs: waits.quantile(1),
    },
    connectionSeconds: run.sizeMs / 1_000,
    creates: run.creates,
    destroys: Math.max(0, run.firstOpen + run.creates - run.lastOpen),
    meanSize: run.meanSize,
    peakSize: run.peakSize,
    timeouts,
    rejected,
    stillWaiting,
    perReplication: null,
  };
}

/**
 * Answers to requests that are not among the arrivals: work on shared connections that got nothing, since only connections
 * arrive, or who had come before the recording began.
 */
export function beyondArrivals(run: RecordedRun): number {
  const answered = run.waits.count + run.timeouts + run.rejected;
  return Math.max(0, answered - countOf(stayersOf(run)));
}

/** The waits of all who got a connection or timed out. */
export function waitsOf(run: RecordedRun): DurationHistogram {
  const waits = new DurationHistogram();
  waits.addAll(run.waits);
  waits.addAll(run.timeoutWaits);
  return waits;
}
