import { formatDistribution } from '../kernel/distributions.js';
import type { MeanInterval } from '../analysis/statistics.js';
import { printable } from '../input-error.js';
import type { PolicyResult } from '../result.js';
import { fold } from './fold.js';
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

/** The report as a person reads it, in lines of at most `width` characters. */
export function toTable(report: Report, width: number): string {
  const { results } = report;
  const lines = [...heading(report), '', ...aligned(results, width), ...intervals(results)];
  const tooShort = results.find((result) => result.tooShort)?.tooShort;
  if (tooShort) lines.push('', `no percentiles: ${tooShort.reason}`);
  for (const result of results) {
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
  return fold(`${lines.join('\n')}\n`, width);
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

/** One line of column names and one per policy, aligned; see {@link alignedRows}. */
export function aligned(results: readonly PolicyResult[], width: number): string[] {
  const rows = results.map((result) => Object.values(COLUMNS).map((cell) => cell(result)));
  return alignedRows([Object.keys(COLUMNS), ...rows], width);
}

/**
 * Rows of a table as lines, names of columns first: the first column to the left, the others to the right. Where a line
 * would be longer than `width`, a block per row instead, with a line per column.
 */
export function alignedRows(rows: readonly (readonly string[])[], width: number): string[] {
  const lines = padded(rows);
  return (lines[0] ?? '').length > width ? blocks(rows) : lines;
}

function padded(rows: readonly (readonly string[])[]): string[] {
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

/** Names of columns as they are understood away from their neighbours. */
const ALONE: Readonly<Record<string, string>> = {
  '%': 'violations, %',
  'wait mean': 'wait mean, ms',
  p50: 'wait p50, ms',
  p95: 'wait p95, ms',
  p99: 'wait p99, ms',
  'p99 ms': 'wait p99, ms',
  'max ms': 'wait max, ms',
  'conn-s': 'connection-seconds',
  peak: 'size peak',
  '× clairv.': '× clairvoyant',
  'short of %': 'short of, % of time',
};

function blocks([names = [], ...rows]: readonly (readonly string[])[]): string[] {
  const [kind = '', ...columns] = names.map((name) => ALONE[name] ?? name);
  // All blocks in one, so that their figures stand below each other.
  const lines = padded(
    rows.flatMap(([, ...cells]) => cells.map((cell, at) => [columns[at] ?? '', cell])),
  );
  return rows.flatMap(([name = '', ...cells], nth) => {
    const own = lines.slice(nth * columns.length, (nth + 1) * columns.length);
    return [
      ...(nth === 0 ? [] : ['']),
      kind === '' ? name : `${kind}: ${name}`,
      ...own.filter((_line, at) => cells[at] !== '').map((line) => `  ${line}`),
    ];
  });
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
