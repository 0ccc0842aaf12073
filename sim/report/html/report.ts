import type { RunSeries } from '../../analysis/time-series.js';
import type { PolicyResult } from '../../result.js';

/** A table with a header row; the first cell of a row is the row's header. */
export interface HtmlTable {
  readonly heading: string;
  /** A sentence or two before the table. */
  readonly text: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One policy of a report: what came of it, and how it went. */
export interface HtmlPolicy {
  readonly result: PolicyResult;
  /** Null shows the figures and no picture. */
  readonly series: RunSeries | null;
  /** Where it is not that of all. */
  readonly waitObjectiveMs?: number | undefined;
}

/** Everything that an HTML report shows. No text in it needs escaping; the page does that. */
export interface HtmlReport {
  /** What was done, such as `Simulation of spike`. */
  readonly title: string;
  readonly description: string;
  readonly waitObjectiveMs: number;
  /** Time before the workload begins, in milliseconds. */
  readonly warmUpMs: number;
  readonly seed: number;
  readonly replications: number;
  readonly policies: readonly HtmlPolicy[];
  /** Tables of the command's own, after the comparison of the policies. */
  readonly tables: readonly HtmlTable[];
  /** Settings as name and value. */
  readonly options: readonly (readonly [name: string, value: string])[];
  /** The command line that makes this report again. */
  readonly command: string;
  /** Versions that it takes to get the same numbers, such as `adaptive-pool 0.1.0, Node v20.20.0`. */
  readonly versions: string;
}
