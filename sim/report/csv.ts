import { printable } from '../input-error.js';
import type { PolicyResult } from '../result.js';
import { rounded } from './json.js';
import type { Report } from './report.js';

type Cell = (result: PolicyResult, report: Report) => string | number;

const COLUMNS: Readonly<Record<string, Cell>> = {
  scenario: (_result, { scenario }) => escaped(scenario.name),
  seed: (_result, { seed }) => seed,
  replications: (_result, { replications }) => replications,
  policy: (result) => escaped(result.policy),
  requests: (result) => result.requests,
  violations: (result) => result.violations,
  violationRate: (result) => rounded(result.violationRate),
  waitMeanMs: (result) => rounded(result.wait.meanMs),
  waitP50Ms: (result) => (result.tooShort ? '' : rounded(result.wait.p50Ms)),
  waitP95Ms: (result) => (result.tooShort ? '' : rounded(result.wait.p95Ms)),
  waitP99Ms: (result) => (result.tooShort ? '' : rounded(result.wait.p99Ms)),
  waitMaxMs: (result) => rounded(result.wait.maxMs),
  connectionSeconds: (result) => rounded(result.connectionSeconds),
  creates: (result) => result.creates,
  destroys: (result) => result.destroys,
  meanSize: (result) => rounded(result.meanSize),
  peakSize: (result) => result.peakSize,
  timeouts: (result) => result.timeouts,
  rejected: (result) => result.rejected,
  stillWaiting: (result) => result.stillWaiting,
};

/** The report as CSV with a header: one row per policy, the fields of the JSON output. */
export function toCsv(report: Report): string {
  const rows = report.results.map((result) =>
    Object.values(COLUMNS)
      .map((cell) => cell(result, report))
      .join(','),
  );
  return `${[Object.keys(COLUMNS).join(','), ...rows].join('\n')}\n`;
}

function escaped(given: string): string {
  const text = printable(given);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
