import { InputError, printable, quote } from '../input-error.js';
import { forEachInColumns, forEachInJsonLines, forEachLine, forEachWord, place } from './cells.js';
import type { CellVisitor } from './cells.js';
import type { Distribution } from '../kernel/distributions.js';
import { readTextFile } from './text-file.js';
import { INSTANT_FORMS, millisecondsSince, parseInstant } from './timestamps.js';
import type { Instant } from './timestamps.js';
import { stretchOf } from './stretch.js';
import { expectedArrivals, MAX_REQUESTS } from './workload.js';
import type { Workload } from './workload.js';

/** A recorded workload in a file. */
export interface TraceFile {
  /** Path of the file; a gzip file is unpacked. */
  readonly file: string;
  /** One instant per arrival, or one number of arrivals per bin. */
  readonly format: 'timestamps' | 'counts';
  /**
   * Column of a CSV file with a header, or key of a file of JSON lines (`.jsonl`, `.ndjson`). Without it the file is plain: a timestamp per line, or counts between white space.
   */
  readonly column?: string | undefined;
  /**
   * Length of a bin in milliseconds; counts only.
   * @default 60_000
   */
  readonly binMs?: number | undefined;
  /**
   * Multiplies counts; what falls below one arrival is carried to the next bin, so that the total is right. Counts only:
   * copying timestamps would invent arrivals at one instant.
   * @default 1
   */
  readonly scale?: number | undefined;
  /**
   * Divides time: 60 plays an hour in a minute.
   * @default 1
   */
  readonly speed?: number | undefined;
  /**
   * Where to begin: what comes in the first milliseconds, as played, is left out. Of counts, whole bins.
   * @default 0
   */
  readonly fromMs?: number | undefined;
  /**
   * What a plain number in a column of timestamps means: seconds or milliseconds.
   * @default 's'
   */
  readonly unit?: 's' | 'ms' | undefined;
  /** Column that holds how long each arrival uses its connection; timestamps only, and only beside `column`. */
  readonly serviceColumn?: string | undefined;
  /**
   * Milliseconds per unit of `serviceColumn`; `speed` does not change them.
   * @default 1
   */
  readonly serviceScale?: number | undefined;
}

/** A trace in memory, ready to run. */
export interface Trace {
  readonly workload: Workload;
  /** Length in milliseconds: the end of the last bin, or just after the last timestamp. */
  readonly durationMs: number;
  /** Use times, if the trace brings them. */
  readonly serviceMs?: Distribution | undefined;
}

/** Length of a bin of counts, in milliseconds, unless said otherwise. */
const DEFAULT_BIN_MS = 60_000;

const MAX_TRACE_BYTES = 256 * 2 ** 20;
const MAX_COUNT = 1_000_000_000;
/** Most lines or bins: what fits into memory without trouble. */
const MAX_VALUES = 20_000_000;
const MAX_DURATION_MS = 1e12;
/** Longest use time, in milliseconds: a day. */
const MAX_WORK_MS = 86_400_000;

/**
 * Reads a trace. Timestamps count from the first one and are sorted; counts are consecutive bins in the order of the
 * file. See `TraceFile` for the formats.
 *
 * @throws {@link InputError} that names file and line: unreadable, malformed, empty, larger than 256 MiB or 20 million
 * values, or more than a hundred million arrivals.
 */
export function readTrace(trace: TraceFile): Trace {
  const text = readTextFile(trace.file, MAX_TRACE_BYTES);
  const whole = trace.format === 'counts' ? readCounts(trace, text) : readTimestamps(trace, text);
  const { fromMs = 0 } = trace;
  if (fromMs === 0) return whole;
  const { workload, durationMs } = stretchOf(whole.workload, fromMs, whole.durationMs);
  if (expectedArrivals(workload, durationMs) > 0) return { ...whole, workload, durationMs };
  throw new InputError(`${printable(trace.file)}: no arrivals from ${fromMs} ms on`);
}

function readCounts(trace: TraceFile, text: string): Trace {
  const { file, column, scale = 1, speed = 1 } = trace;
  if (trace.serviceColumn !== undefined) {
    throw new InputError(`${printable(file)}: serviceColumn is for timestamps only`);
  }
  const binMs = (trace.binMs ?? DEFAULT_BIN_MS) / speed;
  const counts: number[] = [];
  let wanted = 0;
  let given = 0;
  const visit: CellVisitor = (value, line) => {
    const count = /^\d{1,15}(?:\.0+)?$/.test(value) ? Number(value) : Number.NaN;
    if (!(count <= MAX_COUNT)) {
      const must = `a count, an integer from 0 to ${MAX_COUNT}`;
      throw new InputError(
        `${place(file, line)}: ${quote(value)} is not ${must}${hint(value, column)}`,
      );
    }
    wanted += count * scale;
    const scaled = Math.floor(wanted + 1e-9) - given;
    given += scaled;
    if (given > MAX_REQUESTS) {
      throw new InputError(
        `${place(file, line)}: more than ${MAX_REQUESTS} arrivals up to here; scale the counts down`,
      );
    }
    counts.push(scaled);
    checkLength(counts, file, line);
  };
  if (column === undefined) forEachWord(text, visit);
  else forEachRow(trace, text, ([value = ''], line) => visit(value, line));
  if (given === 0) throw new InputError(`${printable(file)}: no arrivals in it`);
  const durationMs = counts.length * binMs;
  checkDuration(file, durationMs);
  return { workload: { kind: 'counts', counts: Float64Array.from(counts), binMs }, durationMs };
}

function readTimestamps(trace: TraceFile, text: string): Trace {
  const { file, column, serviceColumn, speed = 1, unit = 's', serviceScale = 1 } = trace;
  if (trace.scale !== undefined && trace.scale !== 1) {
    throw new InputError(
      `${printable(file)}: timestamps cannot be scaled (only counts can); make them denser with speed`,
    );
  }
  if (serviceColumn !== undefined && column === undefined) {
    throw new InputError(`${printable(file)}: serviceColumn needs column`);
  }
  const times: number[] = [];
  const works: number[] = [];
  let origin: Instant | null = null;
  const visit = (values: readonly string[], line: number): void => {
    const [value = '', work] = values;
    const isMs = unit === 'ms' && /^\d{1,15}(?:\.\d{1,20})?$/.test(value);
    const instant = isMs ? { seconds: 0, fractionMs: Number(value) } : parseInstant(value);
    if (instant === null) {
      throw new InputError(
        `${place(file, line)}: ${quote(value)} is not ${INSTANT_FORMS}${hint(value, column)}`,
      );
    }
    origin ??= instant;
    times.push(millisecondsSince(origin, instant) / speed);
    if (work !== undefined) works.push(workMs(work, serviceScale, file, line));
    checkLength(times, file, line);
  };
  if (column === undefined) forEachLine(text, (value, line) => visit([value], line));
  else forEachRow(trace, text, visit);
  if (times.length === 0) throw new InputError(`${printable(file)}: no arrivals in it`);
  const order = Uint32Array.from(times.keys());
  // Equal times stay in the order of the file.
  order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  const first = times[order[0] as number] as number;
  const atMs = Float64Array.from(order, (index) => (times[index] as number) - first);
  const durationMs = Math.floor(atMs.at(-1) as number) + 1;
  checkDuration(file, durationMs);
  if (serviceColumn === undefined) return { workload: { kind: 'timestamps', atMs }, durationMs };
  const sorted = Float64Array.from(order, (index) => works[index] as number);
  const meanMs = works.reduce((sum, work) => sum + work, 0) / works.length;
  return {
    workload: { kind: 'timestamps', atMs, workMs: sorted },
    durationMs,
    serviceMs: { kind: 'recorded', meanMs },
  };
}

/** Visits the columns that matter, row by row. */
function forEachRow(
  trace: TraceFile,
  text: string,
  visit: (values: readonly string[], line: number) => void,
): void {
  const { file, column = '', serviceColumn } = trace;
  const columns = serviceColumn === undefined ? [column] : [column, serviceColumn];
  const isJson = /\.(?:jsonl|ndjson)(?:\.gz)?$/i.test(file);
  (isJson ? forEachInJsonLines : forEachInColumns)(text, file, columns, visit);
}

function workMs(text: string, scale: number, file: string, line: number): number {
  const value = /^\d{1,15}(?:\.\d{1,20})?(?:e[+-]?\d{1,2})?$/i.test(text)
    ? Number(text) * scale
    : Number.NaN;
  if (value <= MAX_WORK_MS) return value;
  throw new InputError(
    `${place(file, line)}: ${quote(text)} is not a use time, a number from 0 to a day with serviceScale`,
  );
}

function checkLength(values: readonly number[], file: string, line: number): void {
  if (values.length > MAX_VALUES) {
    throw new InputError(`${place(file, line)}: more than ${MAX_VALUES} values up to here`);
  }
}

function checkDuration(file: string, durationMs: number): void {
  if (durationMs > MAX_DURATION_MS) {
    throw new InputError(`${printable(file)}: spans more than 30 years; speed it up`);
  }
}

function hint(value: string, column: string | undefined): string {
  return column === undefined && /[,A-Za-z]/.test(value)
    ? '; name the column of a CSV file or the key of JSON lines'
    : '';
}
