import { InputError, quote } from '../input-error.js';
import type { PolicyResult } from '../result.js';

/** What a goal is about. */
export type Metric =
  | 'wait mean'
  | 'wait p50'
  | 'wait p95'
  | 'wait p99'
  | 'wait max'
  | 'violations'
  | 'timeouts';

/** One thing that must hold: the metric is below the limit. */
export interface Goal {
  readonly metric: Metric;
  /** Milliseconds for waits, a part 0..1 of requests for violations and timeouts. */
  readonly limit: number;
}

/** Everything that must hold. */
export type Objective = readonly Goal[];

const FORMS =
  '"wait p99 < 10ms" (mean, p50, p95, p99 or max; us, ms or s), "violations < 1%" or "timeouts < 0.1%", several with "and"';
const GOAL =
  /^(?:wait\s+(?<wait>mean|p50|p95|p99|max)|(?<part>violations|timeouts))\s*<=?\s*(?<limit>\d+(?:\.\d+)?)\s*(?<unit>us|µs|ms|s|%)?$/;
const MILLISECONDS: Readonly<Record<string, number>> = { us: 0.001, µs: 0.001, ms: 1, s: 1_000 };

/**
 * Reads an objective such as `wait p99 < 10ms` or `wait p95 < 5ms and timeouts < 0.1%`.
 *
 * @throws {@link InputError} that names the forms.
 */
export function parseObjective(text: string): Objective {
  const goals = text
    .trim()
    .toLowerCase()
    .split(/\s+and\s+|\s*,\s*/)
    .map((part) => parseGoal(part, text));
  const twice = goals.find((goal, index) =>
    goals.slice(0, index).some((other) => other.metric === goal.metric),
  );
  if (twice !== undefined) throw new InputError(`names ${twice.metric} twice`);
  return goals;
}

function parseGoal(part: string, whole: string): Goal {
  const { wait, part: share, limit, unit } = GOAL.exec(part)?.groups ?? {};
  const value = Number(limit);
  if (wait !== undefined && unit !== '%') {
    const goal = {
      metric: `wait ${wait}` as Metric,
      limit: value * (MILLISECONDS[unit ?? 'ms'] ?? 1),
    };
    if (goal.limit > 0) return goal;
  }
  if (share !== undefined && (unit === undefined || unit === '%')) {
    const goal = { metric: share as Metric, limit: unit === '%' ? value / 100 : value };
    if (goal.limit > 0 && goal.limit <= 1) return goal;
  }
  throw new InputError(`must be ${FORMS}, each limit above 0, got ${quote(whole)}`);
}

/** A goal as `parseObjective` reads it. */
export function formatGoal({ metric, limit }: Goal): string {
  return `${metric} < ${formatLevel(metric, limit)}`;
}

/** A value of a metric with its unit. */
export function formatLevel(metric: Metric, value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'endless';
  const isWait = metric.startsWith('wait');
  const shown = Number((isWait ? value : 100 * value).toPrecision(3));
  return isWait ? `${shown} ms` : `${shown} %`;
}

/** Whether a metric is a percentile of the wait, which needs a run of some length. */
export function isPercentile(metric: Metric): boolean {
  return /^wait p\d+$/.test(metric);
}

/** What a run came to, in the unit of a goal's limit. Whoever got nothing waited for ever. */
export function levelOf(metric: Metric, result: PolicyResult): number {
  const wait = result.waitToService ?? result.wait;
  switch (metric) {
    case 'wait mean':
      return wait.meanMs;
    case 'wait p50':
      return wait.p50Ms;
    case 'wait p95':
      return wait.p95Ms;
    case 'wait p99':
      return wait.p99Ms;
    case 'wait max':
      return wait.maxMs;
    case 'violations':
      return result.violationRate;
    default:
      return result.requests === 0 ? 0 : result.timeouts / result.requests;
  }
}
