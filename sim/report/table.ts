import { formatDistribution } from '../kernel/distributions.js';
import type { MeanInterval } from '../analysis/statistics.js';
import { printable } from '../input-error.js';
import type { PolicyResult } from '../result.js';
import type { Report } from './report.js';

type Cell = (result: PolicyResult) => string;

const COLUMNS: Readonly<Record<string, Cell>> = {
  policy: (result) => result.policy,
  requests: (result) => String(result.requests),
  violations: (result) => String(result.violations),
  '%': (result) => (100 * result.violationRate).toFixed(3),
  'wait mean': (result) => short(result.wait.meanMs),
  p50: (result) => (result.tooShort ? '-' : short(result.wait.p50Ms)),
  p95: (result) => (result.tooShort ? '-' : short(result.wait.p95Ms)),
  p99: (result) => (result.tooShort ? '-' : short(result.wait.p99Ms)),
  'max ms': (result) => short(result.wait.maxMs),
  'conn-s': (result) => short(result.connectionSeconds),
  creates: (result) => String(result.creates),
  closes: (result) => String(result.destroys),
  'size mean': (result) => short(result.meanSize),
  peak: (result) => String(result.peakSize),
  timeouts: (result) => String(result.timeouts),
  rejected: (result) => String(result.rejected),
};

/** The report as a person reads it. */
export function toTable(report: Report): string {
  const lines = [...heading(report), '', ...aligned(report.results), ...intervals(report.results)];
  const tooShort = report.results.find((result) => result.tooShort)?.tooShort;
  if (tooShort) lines.push('', `no percentiles: ${tooShort.reason}`);
  for (const result of report.results) {
    if (result.brokenUses) {
      lines.push(
        `${result.policy}: ${result.brokenUses} uses ended because their connection broke`,
      );
    }
    if (result.retries) lines.push(`${result.policy}: ${result.retries} requests are retries`);
    if (result.stillWaiting > 0) {
      lines.push(`${result.policy}: ${result.stillWaiting} requests still waited at the end`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** What was run, in three lines. */
export function heading(
  { scenario, seed, replications }: Pick<Report, 'scenario' | 'seed' | 'replications'>,
  how = ', pooled',
): string[] {
  const { min, max, serviceMs, createMs, waitObjectiveMs, acquireTimeoutMs } = scenario;
  const runs = replications === 1 ? '1 replication' : `${replications} replications${how}`;
  const description = scenario.description === '' ? '' : `: ${printable(scenario.description)}`;
  const timeout = acquireTimeoutMs === Number.POSITIVE_INFINITY ? 'none' : `${acquireTimeoutMs} ms`;
  return [
    `scenario ${printable(scenario.name)}${description}`,
    `seed ${seed}, ${runs} of ${short(scenario.durationMs / 1_000)} s; min ${min}, max ${max}; use ${formatDistribution(serviceMs)} ms, create ${formatDistribution(createMs)} ms, acquire timeout ${timeout}`,
    `a violation is a wait above ${waitObjectiveMs} ms, a timeout, a rejection, or waiting still at the end; conn-s are connection-seconds`,
  ];
}

/** One line of column names and one per policy, aligned. */
export function aligned(results: readonly PolicyResult[]): string[] {
  return alignedRows([
    Object.keys(COLUMNS),
    ...results.map((result) => Object.values(COLUMNS).map((cell) => cell(result))),
  ]);
}

/** Rows of a table as lines: the first column to the left, the others to the right. */
export function alignedRows(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_name, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] as number;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}

function intervals(results: readonly PolicyResult[]): string[] {
  const lines: string[] = [];
  for (const { policy, perReplication } of results) {
    if (perReplication === null) continue;
    const { violationRate, meanWaitMs, connectionSeconds } = perReplication;
    if (lines.length === 0) lines.push('', 'means over replications, ± 95 % (Student t):');
    lines.push(
      `  ${policy}: violations ${plusMinus(violationRate, 100)} %, wait ${plusMinus(meanWaitMs)} ms, conn-s ${plusMinus(connectionSeconds)}`,
    );
  }
  return lines;
}

/** A mean and its interval. */
export function plusMinus({ mean, halfWidth }: MeanInterval, factor = 1): string {
  return `${short(factor * mean)} ± ${short(factor * halfWidth)}`;
}

/** Three significant digits below a hundred, one decimal below ten thousand, then none. */
export function short(value: number): string {
  if (value === 0) return '0';
  if (value < 0) return `-${short(-value)}`;
  if (value >= 10_000) return value.toFixed(0);
  if (value >= 100) return value.toFixed(1);
  return value >= 0.01 ? String(Number(value.toPrecision(3))) : value.toPrecision(2);
}
