import type { PolicyResult } from '../result.js';
import { DurationHistogram } from './duration-histogram.js';
import type { RecordedRun } from './recorded-run.js';

/**
 * What was recorded, as if it were simulated: a timeout counts as a wait of the acquire timeout. Creates are those that
 * succeeded, and a connection that is no longer there at the end was closed.
 */
export function recordedResult(run: RecordedRun): PolicyResult {
  const { settings, timeouts, rejected } = run;
  const waits = waitsOf(run);
  const violations = waits.above(settings?.waitObjectiveMs ?? 0) + rejected;
  return {
    policy: 'recorded',
    replications: 1,
    requests: run.arrivals,
    violations,
    violationRate: run.arrivals === 0 ? 0 : violations / run.arrivals,
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
    stillWaiting: Math.max(0, run.arrivals - waits.count - rejected),
    perReplication: null,
  };
}

/** The waits of all who got a connection or gave up. */
export function waitsOf(run: RecordedRun): DurationHistogram {
  const { settings, timeouts } = run;
  const waits = new DurationHistogram();
  waits.addAll(run.waits);
  if (timeouts > 0 && settings !== null) waits.add([settings.acquireTimeoutMs * 1_000, timeouts]);
  return waits;
}
