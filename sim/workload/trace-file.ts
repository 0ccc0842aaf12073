import { InputError, printable, quote } from '../input-error.js';
import { forEachInColumn, forEachLine, forEachWord, place } from './cells.js';
import type { CellVisitor } from './cells.js';
import { readTextFile } from './text-file.js';
import { INSTANT_FORMS, millisecondsSince, parseInstant } from './timestamps.js';
import type { Instant } from './timestamps.js';
import { MAX_REQUESTS } from './workload.js';
import type { Workload } from './workload.js';

/** A recorded workload in a file. */
export interface TraceFile {
  /** Path of the file. */
  readonly file: string;
  /** One instant per arrival, or one number of arrivals per bin. */
  readonly format: 'timestamps' | 'counts';
  /** Column of a CSV file with a header. Without it the file is plain: a timestamp per line, or counts between white space. */
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
}

/** A trace in memory, ready to run. */
export interface Trace {
  readonly workload: Workload;
  /** Length in milliseconds: the end of the last bin, or just after the last timestamp. */
  readonly durationMs: number;
}

/** Length of a bin of counts, in milliseconds, unless said otherwise. */
const DEFAULT_BIN_MS = 60_000;

const MAX_TRACE_BYTES = 256 * 2 ** 20;
const MAX_COUNT = 1_000_000_000;
/** Most lines or bins: what fits into memory without trouble. */
const MAX_VALUES = 20_000_000;
const MAX_DURATION_MS = 1e12;

/**
 * Reads a trace. Timestamps count from the first one and are sorted; counts are consecutive bins in the order of the
 * file. See `TraceFile` for the formats.
 *
 * @throws {@link InputError} that names file and line: unreadable, malformed, empty, larger than 256 MiB or 20 million
 * values, or more than a hundred million arrivals.
 */
export function readTrace(trace: TraceFile): Trace {
  const text = readTextFile(trace.file, MAX_TRACE_BYTES);
  return trace.format === 'counts' ? readCounts(trace, text) : readTimestamps(trace, text);
}

function readCounts(trace: TraceFile, text: string): Trace {
  const { file, column, scale = 1, speed = 1 } = trace;
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
  else forEachInColumn(text, file, column, visit);
  if (given === 0) throw new InputError(`${printable(file)}: no arrivals in it`);
  const durationMs = counts.length * binMs;
  checkDuration(file, durationMs);
  return { workload: { kind: 'counts', counts: Float64Array.from(counts), binMs }, durationMs };
}

function readTimestamps(trace: TraceFile, text: string): Trace {
  const { file, column, speed = 1 } = trace;
  if (trace.scale !== undefined && trace.scale !== 1) {
    throw new InputError(
      `${printable(file)}: timestamps cannot be scaled (only counts can); make them denser with speed`,
    );
  }
  const times: number[] = [];
  let origin: Instant | null = null;
  const visit: CellVisitor = (value, line) => {
    const instant = parseInstant(value);
    if (instant === null) {
      throw new InputError(
        `${place(file, line)}: ${quote(value)} is not ${INSTANT_FORMS}${hint(value, column)}`,
      );
    }
    origin ??= instant;
    times.push(millisecondsSince(origin, instant) / speed);
    checkLength(times, file, line);
  };
  if (column === undefined) forEachLine(text, visit);
  else forEachInColumn(text, file, column, visit);
  if (times.length === 0) throw new InputError(`${printable(file)}: no arrivals in it`);
  const atMs = Float64Array.from(times).toSorted();
  const first = atMs[0] as number;
  const fromFirst = atMs.map((at) => at - first);
  const durationMs = Math.floor(fromFirst.at(-1) as number) + 1;
  checkDuration(file, durationMs);
  return { workload: { kind: 'timestamps', atMs: fromFirst }, durationMs };
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
  return column === undefined && /[,A-Za-z]/.test(value) ? '; name the column of a CSV file' : '';
}
