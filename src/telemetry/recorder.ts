import type { ScaleDecision } from '../control/decision.js';
import { findProblems, integerFrom, trueOrFalse, type FieldRule } from '../control/fields.js';
import { isOtherPolicy } from '../control/mode.js';
import { hasOwnCode } from '../control/policies/index.js';
import type { EngineProbe } from '../engine/ports.js';
import { InvalidOptionsError } from '../errors.js';
import { packageVersion } from './package-version.js';
import { DecisionCodec } from './recording-codec.js';
import { COLUMNS } from './recording-columns.js';
import { RecordingFile } from './recording-file.js';
import { LoadCollector } from './recording-load.js';

/** Version of the recording format; a reader refuses what it does not know. */
export const RECORDING_VERSION = 1;

/** Longest line; a reader refuses longer ones. */
export const MOST_LINE_LENGTH: number = 4 * 1024 * 1024;

/** Decisions that may be made within each other before one must be missing. */
const MOST_EARLY = 1_000;

/** How a recording is kept. */
export interface RecordOptions {
  /**
   * Size at which a new file begins, in bytes, at least 65,536; a file is larger by at most one decision.
   * @default 67_108_864
   */
  readonly maxBytes?: number | undefined;
  /**
   * Most files, 1 to 1,000: `path` is the newest, `path.1` the one before, and so on; older ones are deleted.
   * @default 4
   */
  readonly maxFiles?: number | undefined;
  /**
   * Also records arrival, wait and use time of every request exactly, which takes about 40 bytes each.
   * @default false
   */
  readonly requests?: boolean | undefined;
}

/** What `recordScaling` needs of a pool. */
export interface RecordingSource {
  readonly name: string;
  /** Options in force, for the header; the same object until they change. */
  readonly options: object;
  /** Policy in force and its memory, for the header. */
  readonly policy: { readonly name: string; readonly state: unknown };
  /** Time between regular decisions, in milliseconds. */
  readonly tickMs: number;
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

const RULES: Readonly<Record<keyof RecordOptions, FieldRule>> = {
  maxBytes: integerFrom(65_536, Number.MAX_SAFE_INTEGER),
  maxFiles: integerFrom(1, 1_000),
  requests: trueOrFalse,
};

/**
 * Records every decision with its inputs, and the load between decisions, as JSON lines: enough to decide again from the
 * same signals, and to run the same load against other options. Appends to the file; when it is full, the next one
 * begins with everything needed to replay it on its own. A disk that fails or is too slow ends the recording, which the
 * pool reports once, and harms nothing else. Options in it are those of the pool, never the factory's. What policies that
 * only observe would have done is not in it.
 *
 * - An object is a header: version, options, the policy and its memory at this point.
 * - `["d", mask, …]` is a decision, relative to the lines before it: see `DecisionCodec`.
 * - `["l", ms, arrivals, waits, uses, laterUses, totals, creates]` is the load since the line before. `ms` is when the first
 *   caller arrived, by the pool's clock; `arrivals` is (milliseconds after the one before, how many, negative when all came
 *   at one instant) and so on; the others are (buckets after the one before, how often) and so on, see `bucketOf`. `uses`
 *   are those of requests that had not waited, `laterUses` and `totals`, wait plus use, of those that had.
 * - `["n", left, timeouts, rejected]` are those who got nothing since the line before, if there were any: `left` is (millisecond
 *   of the arrival, how many, milliseconds later, how many) and so on of those who gave up by themselves, aborted or by
 *   `tryAcquire`; `timeouts` is how long those waited who timed out, in buckets; `rejected` is how many were refused.
 * - `["q", arrival, wait, use, …]` are the requests that ended, exactly.
 * - `["r", change]` says that the options changed before the next decision.
 *
 * @throws {@link InvalidOptionsError} that lists every problem of `options`
 */
export function recordScaling(
  source: RecordingSource,
  path: string,
  options: RecordOptions = {},
): Recording {
  const problems = findProblems(options, RULES);
  if (problems.length > 0) throw new InvalidOptionsError('recording options', problems);
  const recorder = new Recorder(source, path, options);
  return { stop: () => recorder.stop() };
}

/** A decision that came before one made earlier, because a listener changed the options in between. */
interface Early {
  readonly decision: ScaleDecision;
  readonly options: object;
}

class Recorder {
  readonly #source: RecordingSource;
  readonly #maxBytes: number;
  readonly #requests: boolean;
  readonly #file: RecordingFile;
  readonly #load: LoadCollector;
  readonly #decided = (decision: ScaleDecision): void => this.#take(decision);
  readonly #stopObserving: () => void;
  #codec: DecisionCodec;
  #options: object;
  #seq: number | null = null;
  #early: Early[] = [];
  #isOver = false;
  #hasFailed = false;

  constructor(source: RecordingSource, path: string, options: RecordOptions) {
    const { maxBytes = 64 * 1024 * 1024, maxFiles = 4, requests = false } = options;
    this.#source = source;
    this.#maxBytes = maxBytes;
    this.#requests = requests;
    this.#file = new RecordingFile(path, maxFiles, (error) => this.#fail(error));
    this.#load = new LoadCollector(requests, () => this.#flush());
    this.#codec = new DecisionCodec(source.epochAtZero);
    this.#options = source.options;
    this.#stopObserving = source.observe(this.#load);
    source.on('decision', this.#decided);
    this.#begin();
  }

  async stop(): Promise<void> {
    if (!this.#isOver && !this.#load.isEmpty) this.#flush();
    this.#detach();
    await this.#file.end();
  }

  #take(decision: ScaleDecision): void {
    if (this.#seq !== null && decision.seq <= this.#seq) return;
    if (this.#seq !== null && decision.seq > this.#seq + 1) {
      if (this.#early.length === MOST_EARLY) this.#fail(new Error('bug: a decision is missing'));
      this.#early.push({ decision, options: this.#source.options });
      return;
    }
    this.#write(decision, this.#early.length > 0 ? this.#options : this.#source.options);
    for (const { decision: next, options } of this.#early.toSorted(bySeq)) {
      this.#write(next, options);
    }
    this.#early = [];
    if (this.#file.bytes < this.#maxBytes || this.#isOver) return;
    this.#file.rotate();
    this.#begin();
  }

  /** One decision and what led to it. */
  #write(decision: ScaleDecision, options: object): void {
    this.#flush();
    if (options !== this.#options) {
      const isNewPolicy = isOtherPolicy(this.#options, options);
      this.#options = options;
      this.#put(['r', { ...describe(options), isNewPolicy }]);
    }
    this.#seq = decision.seq;
    this.#put(['d', ...this.#codec.encode(decision)]);
  }

  #flush(): void {
    const { lines, hint } = this.#load.take();
    this.#codec.load(hint);
    for (const line of lines) this.#put(line);
  }

  #begin(): void {
    const { name, epochAtZero, tickMs, policy } = this.#source;
    this.#codec = new DecisionCodec(epochAtZero);
    this.#put({
      recording: 'adaptive-pool',
      version: RECORDING_VERSION,
      package: versionOrNull(),
      node: process.version,
      pool: name,
      epochAtZero,
      tickMs,
      requests: this.#requests,
      continues: this.#seq,
      ...describe(this.#options),
      state: policy.state,
      columns: COLUMNS.map(([column]) => column),
    });
  }

  #put(line: object): void {
    if (this.#isOver) return;
    try {
      // The state of a user's own policy may be anything but JSON.
      const text = JSON.stringify(line, Array.isArray(line) ? undefined : spelled);
      if (text.length > MOST_LINE_LENGTH) {
        throw new Error(`the policy's memory is too large for the recording; it ends here`);
      }
      this.#file.append(`${text}\n`);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    // What is still on its way after `stop` may fail, too.
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#detach();
    void this.#file.end();
    this.#source.recordingFailed(error);
  }

  #detach(): void {
    this.#isOver = true;
    this.#source.off('decision', this.#decided);
    this.#stopObserving();
  }
}

/** A bundler may have left the manifest behind; a recording is worth having all the same. */
function versionOrNull(): string | null {
  try {
    return packageVersion();
  } catch {
    return null;
  }
}

function bySeq(one: Early, other: Early): number {
  return one.decision.seq - other.decision.seq;
}

/** The options without what only their owner may show: of a policy of one's own, the name. */
function describe(options: object): object {
  const { policy, shadow } = options as { readonly policy?: unknown; readonly shadow?: unknown };
  const shown = { ...options, policy: shownPolicy(policy) };
  return {
    options: Array.isArray(shadow) ? { ...shown, shadow: shadow.map(shownPolicy) } : shown,
    isOwnPolicy: hasOwnCode(policy),
  };
}

function shownPolicy(policy: unknown): unknown {
  return hasOwnCode(policy) ? String((policy as { readonly name: unknown }).name) : policy;
}

/** JSON knows neither Infinity, which is a common value of options, nor NaN. */
function spelled(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
