import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { ScaleDecision } from '../control/decision.js';
import type { DurationSummary } from '../control/signals.js';
import type { EngineProbe } from '../engine/ports.js';

/** Version of the recording format; a reader refuses what it does not know. */
const RECORDING_VERSION = 1;

/** Most bytes that wait for a slow disk; beyond that, lines are dropped and counted. */
const MOST_BUFFERED_BYTES = 8 * 1024 * 1024;

/** What `recordScaling` needs of a pool. */
export interface RecordingSource {
  readonly name: string;
  /** Options in force, for the header; functions are left out. */
  readonly options: object;
  /** Policy in force and its memory, for the header. */
  readonly policy: { readonly name: string; readonly state: unknown };
  /** Epoch milliseconds at monotonic 0. */
  readonly epochAtZero: number;
  on(event: 'decision', listener: (decision: ScaleDecision) => void): unknown;
  off(event: 'decision', listener: (decision: ScaleDecision) => void): unknown;
  observe(observer: EngineProbe): () => void;
  /** Hears once of a failing disk. */
  recordingFailed(error: unknown): void;
}

/** A recording that goes on until `stop`. */
export interface Recording {
  /** Ends the recording and resolves when everything is on disk. Never rejects: the pool heard of errors already. */
  stop(): Promise<void>;
}

type Column = readonly [name: string, read: (decision: ScaleDecision) => unknown];

const SUMMARY_FIELDS = ['count', 'meanMs', 'p50Ms', 'p95Ms', 'p99Ms', 'maxMs'] as const;

function summaryColumns(name: 'wait' | 'use' | 'create'): Column[] {
  return SUMMARY_FIELDS.map((field: keyof DurationSummary) => [
    `signals.${name}.${field}`,
    (decision) => decision.signals[name][field],
  ]);
}

const SIGNAL_FIELDS = [
  'now',
  'size',
  'creating',
  'checking',
  'idle',
  'inUse',
  'pending',
  'oldestWaitMs',
  'oldestCreateMs',
  'intervalMs',
  'arrivals',
  'completions',
  'timeouts',
  'rejections',
  'created',
  'inUseMs',
  'pendingMs',
  'peakInUse',
  'peakDemand',
  'lowestIdle',
  'eventLoopUtilisation',
] as const;

/** The columns of a decision line, in order. Values that the header or other columns carry are not repeated. */
const COLUMNS: readonly Column[] = [
  ['at', (decision) => decision.at],
  ['seq', (decision) => decision.seq],
  ['cause', (decision) => decision.cause],
  ['from', (decision) => decision.from],
  ['to', (decision) => decision.to],
  ['min', (decision) => decision.min],
  ['max', (decision) => decision.max],
  ['permitsBefore', (decision) => decision.signals.permits],
  ['permits', (decision) => decision.permits],
  ['reason', (decision) => decision.reason],
  ['note', (decision) => decision.note ?? null],
  ['limitedBy', (decision) => decision.limitedBy],
  ['verdict', (decision) => decision.verdict ?? null],
  ['candidates', (decision) => decision.candidates],
  ...SIGNAL_FIELDS.map((field): Column => [
    `signals.${field}`,
    (decision) => decision.signals[field],
  ]),
  ['signals.createFailures', (decision) => Object.values(decision.signals.createFailures)],
  ['signals.arrivalsPerMs', (decision) => sparse(decision.signals.arrivalsPerMs)],
  ...summaryColumns('wait'),
  ...summaryColumns('use'),
  ...summaryColumns('create'),
  ['signals.gate', (decision) => Object.values(decision.signals.gate)],
];

/**
 * Records every decision with its inputs, and the load between decisions, as JSON lines: enough to decide again from the
 * same signals, and to run the same load against other options. Appends to the file; every start writes a header.
 *
 * A header line is an object; `["d", …]` is a decision with the header's columns; `["l", at, arrivals, waits, uses,
 * creates]` is the load since the line before; `at` is the first arrival; pairs of (ms since `at`, arrivals) and of (µs, how often), the
 * durations rounded to within one percent.
 */
export function recordScaling(source: RecordingSource, path: string): Recording {
  const stream = createWriteStream(path, { flags: 'a' });
  const load = new Load(source.epochAtZero);
  let hasFailed = false;
  const fail = (error: unknown): void => {
    if (hasFailed) return;
    hasFailed = true;
    detach();
    stream.end();
    source.recordingFailed(error);
  };
  const write = (line: unknown): void => {
    if (hasFailed) return;
    if (stream.writableLength > MOST_BUFFERED_BYTES) {
      fail(new Error(`the disk is too slow for the recording ${path}; it ends here`));
      return;
    }
    try {
      stream.write(`${JSON.stringify(line, spellInfinity)}\n`);
    } catch (error) {
      // The options or the memory of a user's own policy may be anything but JSON.
      fail(error);
    }
  };
  let decidedAt = Math.floor(source.epochAtZero);
  const decided = (decision: ScaleDecision): void => {
    decidedAt = decision.at;
    write(load.take(decidedAt));
    write(['d', ...COLUMNS.map(([, read]) => read(decision))]);
  };
  const stopObserving = source.observe(load);
  const detach = (): void => {
    source.off('decision', decided);
    stopObserving();
  };
  stream.on('error', fail);
  write(header(source));
  source.on('decision', decided);
  return {
    async stop() {
      detach();
      if (!load.isEmpty) write(load.take(decidedAt));
      stream.end();
      await finished(stream).catch(fail);
    },
  };
}

function header(source: RecordingSource): object {
  const { name, options, policy, epochAtZero } = source;
  return {
    recording: 'adaptive-pool',
    version: RECORDING_VERSION,
    node: process.version,
    pool: name,
    epochAtZero,
    options,
    policy,
    columns: COLUMNS.map(([column]) => column),
  };
}

/** What came and how long it took since the last line. */
class Load implements EngineProbe {
  readonly #epochAtZero: number;
  #since: number | null = null;
  #arrivals = new Map<number, number>();
  #waits = new Map<number, number>();
  #uses = new Map<number, number>();
  #creates = new Map<number, number>();

  constructor(epochAtZero: number) {
    this.#epochAtZero = epochAtZero;
  }

  get isEmpty(): boolean {
    return this.#arrivals.size + this.#waits.size + this.#uses.size + this.#creates.size === 0;
  }

  arrived(now: number): void {
    const ms = Math.floor(now + this.#epochAtZero);
    this.#since ??= ms;
    count(this.#arrivals, ms - this.#since);
  }

  granted(waitMs: number): void {
    count(this.#waits, rounded(waitMs));
  }

  released(useMs: number): void {
    count(this.#uses, rounded(useMs));
  }

  created(createMs: number): void {
    count(this.#creates, rounded(createMs));
  }

  /** The line of the load until `at`, or from then on if nobody arrived; the next one begins. */
  take(at: number): unknown[] {
    const line = [
      'l',
      this.#since ?? at,
      [...this.#arrivals],
      [...this.#waits],
      [...this.#uses],
      [...this.#creates],
    ];
    this.#since = null;
    this.#arrivals = new Map();
    this.#waits = new Map();
    this.#uses = new Map();
    this.#creates = new Map();
    return line;
  }
}

function count(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Whole microseconds with seven significant bits: buckets at most 1/64 wide, named by their middle. */
function rounded(ms: number): number {
  const us = Math.round(ms * 1_000);
  if (us < 128) return Math.max(0, us);
  const step = 2 ** (Math.floor(Math.log2(us)) - 6);
  return Math.floor(us / step) * step + step / 2;
}

/** The entries that are not zero, as (how many places from the end, count). */
function sparse(counts: readonly number[]): [number, number][] {
  const pairs: [number, number][] = [];
  counts.forEach((value, index) => {
    if (value > 0) pairs.push([counts.length - 1 - index, value]);
  });
  return pairs;
}

/** JSON has no Infinity, which is a common value of options. */
function spellInfinity(_key: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? 'Infinity' : value;
}
