import type { MeanInterval } from '../analysis/statistics.js';
import type { PolicyResult } from '../result.js';
import type { Report } from './report.js';

/** Version of the JSON and CSV output; a new one when a field changes its meaning or goes away. */
const REPORT_VERSION = 1;

/** The report as JSON. Numbers have at most six decimals, so that a nanosecond is visible and noise is not. */
export function toJson(report: Report): string {
  const { seed, scenario, replications, results } = report;
  const policies = results.map((result) => policyRow(result));
  return `${JSON.stringify({ version: REPORT_VERSION, seed, scenario: scenario.name, replications, policies }, null, 2)}\n`;
}

/** The fields of one policy in the JSON output. */
export function policyRow(result: PolicyResult): object {
  const { wait, perReplication, tooShort: short = null } = result;
  const row = {
    policy: result.policy,
    requests: result.requests,
    violations: result.violations,
    violationRate: rounded(result.violationRate),
    wait: {
      meanMs: rounded(wait.meanMs),
      p50Ms: short === null ? rounded(wait.p50Ms) : null,
      p95Ms: short === null ? rounded(wait.p95Ms) : null,
      p99Ms: short === null ? rounded(wait.p99Ms) : null,
      maxMs: rounded(wait.maxMs),
    },
    ...(short === null ? {} : { percentilesWithheld: short.reason }),
    connectionSeconds: rounded(result.connectionSeconds),
    creates: result.creates,
    destroys: result.destroys,
    meanSize: rounded(result.meanSize),
    peakSize: result.peakSize,
    timeouts: result.timeouts,
    rejected: result.rejected,
    stillWaiting: result.stillWaiting,
    ...(result.brokenUses ? { brokenUses: result.brokenUses } : {}),
    ...(result.retries ? { retries: result.retries } : {}),
  };
  if (perReplication === null) return row;
  const { violationRate, meanWaitMs, connectionSeconds } = perReplication;
  return {
    ...row,
    perReplication: {
      violationRate: interval(violationRate),
      meanWaitMs: interval(meanWaitMs),
      connectionSeconds: interval(connectionSeconds),
    },
  };
}

/** A mean with its interval in the JSON output. */
export function interval({ mean, halfWidth }: MeanInterval): object {
  return { mean: rounded(mean), halfWidth95: rounded(halfWidth) };
}

/** A number with at most six decimals. */
export function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
