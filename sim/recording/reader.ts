import { findShapeProblem, type Memory } from '../../src/autoscaler/memory.js';
import { UNCLAMPED } from '../../src/control/clamps.js';
import { actingPolicy } from '../../src/control/mode.js';
import { findPolicyProblems, type PolicyOption } from '../../src/control/policies/index.js';
import { numberFrom, show, trueOrFalse } from '../../src/control/fields.js';
import { MOST_LINE_LENGTH, RECORDING_VERSION } from '../../src/telemetry/recorder.js';
import { LAST_BUCKET, middleOf } from '../../src/telemetry/recording-buckets.js';
import { column, DecisionCodec } from '../../src/telemetry/recording-codec.js';
import { COLUMNS } from '../../src/telemetry/recording-columns.js';
import { InputError, named, printable } from '../input-error.js';
import { SCENARIO_RULES } from '../scenario-rules.js';
import { place } from '../workload/cells.js';
import type {
  DurationCounts,
  RecordedDecision,
  RecordedLoad,
  RecordedLosses,
  RecordedSettings,
  RecordingEntry,
  RecordingHeader,
} from './entries.js';
import { chunksOf, linesOf, type Line } from './lines.js';
import {
  cellOf,
  checked,
  fieldsOf,
  isCount,
  isNumber,
  listOf,
  MOST,
  numbersOf,
  revived,
  wrong,
} from './values.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads what `recordScaling` wrote, line by line and with little memory, and checks every value. A line that is cut off
 * is left out where a process may have died: at the end of the file and before a header.
 *
 * @param file Path, for error messages and unless `chunks` are given.
 * @param chunks The text in pieces.
 * @throws {@link InputError} that names file and line.
 */
export async function* readRecording(
  file: string,
  chunks: AsyncIterable<string> = chunksOf(file),
): AsyncGenerator<RecordingEntry> {
  const reader = new LineReader();
  let broken: InputError | null = null;
  let isEmpty = true;
  for await (const line of linesOf(chunks, file, MOST_LINE_LENGTH)) {
    const parsed = parse(line, file);
    isEmpty = false;
    if (broken !== null && (parsed instanceof InputError || Array.isArray(parsed.value))) {
      throw broken;
    }
    broken = parsed instanceof InputError ? parsed : null;
    if (parsed instanceof InputError) {
      if (reader.isStarted) continue;
      throw new InputError(`${place(file, line.number)}: not a recording of a pool`);
    }
    yield named(`${place(file, line.number)}:`, () => reader.read(parsed.value));
  }
  if (isEmpty) throw new InputError(`${printable(file)}: empty`);
}

function parse({ text, number }: Line, file: string): { readonly value: unknown } | InputError {
  try {
    // An editor may have put a byte order mark there.
    return { value: JSON.parse(number === 1 ? text.replace(/^\uFEFF/, '') : text) };
  } catch (error) {
    return new InputError(`${place(file, number)}: not JSON`, { cause: error });
  }
}

/** Makes entries of parsed lines. */
class LineReader {
  #codec: DecisionCodec | null = null;
  #seq: number | null = null;

  /** Whether there was a header. */
  get isStarted(): boolean {
    return this.#codec !== null;
  }

  read(value: unknown): RecordingEntry {
    if (!Array.isArray(value)) {
      const header = headerOf(value);
      this.#codec = new DecisionCodec(header.epochAtZero);
      this.#seq = header.continues;
      return { kind: 'header', header };
    }
    if (this.#codec === null) throw new InputError('not a recording of a pool: no header');
    const [kind, ...cells] = value as readonly unknown[];
    switch (kind) {
      case 'd':
        return { kind: 'decision', decision: this.#decision(this.#codec, cells) };
      case 'l':
        return { kind: 'load', load: loadOf(this.#codec, cells) };
      case 'n':
        return { kind: 'losses', losses: lossesOf(cells) };
      case 'q':
        return { kind: 'requests', values: requestsOf(cells) };
      case 'r': {
        const change = fieldsOf('the change', cells[0]);
        const isNewPolicy = checked('isNewPolicy', change['isNewPolicy'], trueOrFalse) as boolean;
        return { kind: 'change', settings: settingsOf(change), isNewPolicy };
      }
      default:
        throw wrong('a line', 'a header or a list that begins with d, l, n, q or r', kind);
    }
  }

  #decision(codec: DecisionCodec, cells: readonly unknown[]): RecordedDecision {
    const [mask, ...given] = cells;
    const values = codec.decode(mask, given, (index, cell) => {
      const [path, kind] = COLUMNS[index] ?? ['', 'text'];
      return cellOf(path, kind, cell);
    });
    if (values === null) throw new InputError('the mask and the values do not fit each other');
    const seq = values[column('seq')];
    if (!isCount(seq) || (this.#seq !== null && seq !== this.#seq + 1)) {
      throw new InputError(
        `decision ${show(seq)} follows ${show(this.#seq)}: lines are missing, or two pools wrote to the file`,
      );
    }
    this.#seq = seq;
    return decisionOf(values);
  }
}

function headerOf(value: unknown): RecordingHeader {
  const fields = fieldsOf('a line', value);
  if (fields['recording'] !== 'adaptive-pool') throw new InputError('not a recording of a pool');
  const { version, pool, node, epochAtZero, tickMs, continues, columns, state } = fields;
  if (version !== RECORDING_VERSION) {
    throw new InputError(
      `version ${printable(show(version))} of the recording is not known; known: ${RECORDING_VERSION}`,
    );
  }
  if (typeof pool !== 'string') throw wrong('pool', 'a text', pool);
  if (typeof node !== 'string') throw wrong('node', 'a text', node);
  const made = fields['package'] ?? null;
  if (made !== null && typeof made !== 'string') throw wrong('package', 'a text or null', made);
  if (!isNumber(epochAtZero)) throw wrong('epochAtZero', `a number to ${MOST}`, epochAtZero);
  checked('tickMs', tickMs, numberFrom(10, 60_000));
  if (continues !== null && !isCount(continues)) throw wrong('continues', 'a count', continues);
  const names = listOf('columns', columns);
  if (names.length !== COLUMNS.length || COLUMNS.some(([path], index) => path !== names[index])) {
    throw new InputError(`the columns are not those of version ${RECORDING_VERSION}`);
  }
  return {
    pool,
    package: made,
    node,
    epochAtZero,
    tickMs: tickMs as number,
    continues,
    settings: settingsOf(fields),
    state: memoryOf(revived(state)),
  };
}

function memoryOf(state: unknown): Memory {
  const problem = findShapeProblem(state, { policy: null, clamps: UNCLAMPED }, 'state');
  if (problem !== null) throw new InputError(printable(problem));
  return state as Memory;
}

function settingsOf(fields: Fields): RecordedSettings {
  const options = revived(fieldsOf('options', fields['options'])) as Fields;
  const number = (name: string): number => {
    const rule = SCENARIO_RULES[name] ?? numberFrom(0, MOST);
    return checked(`options.${name}`, options[name], rule) as number;
  };
  const { mode = 'act', policy } = options;
  if (mode !== 'act' && mode !== 'observe') throw wrong('options.mode', "'act' or 'observe'", mode);
  const isOwnPolicy = checked('isOwnPolicy', fields['isOwnPolicy'], trueOrFalse) as boolean;
  const problems = isOwnPolicy ? [] : findPolicyProblems(policy);
  if (problems.length > 0) throw new InputError(`options.${printable(problems.join('; '))}`);
  const name = typeof policy === 'string' ? policy : (policy as { readonly name?: unknown })?.name;
  const min = number('min');
  const isObserving = mode === 'observe';
  const settings = {
    min,
    max: number('max'),
    waitObjectiveMs: number('waitObjectiveMs'),
    acquireTimeoutMs: number('acquireTimeoutMs'),
    maxPending: number('maxPending'),
    createConcurrency: number('createConcurrency'),
    // What only observed had no part in what was recorded.
    policy: isObserving
      ? actingPolicy({ mode, policy: 'fixed', min })
      : isOwnPolicy
        ? null
        : (policy as PolicyOption),
    policyName: isObserving ? 'fixed' : typeof name === 'string' ? name : 'unnamed',
  };
  if (settings.min > settings.max) throw wrong('options.max', 'at least min', settings.max);
  return settings;
}

function loadOf(codec: DecisionCodec, cells: readonly unknown[]): RecordedLoad {
  const [since, arrivals, waits, uses, laterUses, totals, creates] = cells;
  if (cells.length !== 7) throw new InputError('a line of load must have 7 values');
  const gaps = numbersOf('arrivals', arrivals, 2);
  if (gaps.length > 0 && !Number.isInteger(since)) throw wrong('the start', 'an integer', since);
  const pairs = momentsOf('arrivals', gaps, since as number);
  const promptly = durationsOf('uses', uses);
  const counts = {
    waits: durationsOf('waits', waits),
    uses: [...promptly, ...durationsOf('laterUses', laterUses)],
    totals: [...promptly, ...durationsOf('totals', totals)],
    creates: durationsOf('creates', creates),
  };
  codec.load({
    arrivals: pairs.map(([at, count]) => [at, Math.abs(count)]),
    completions: total(counts.uses),
    created: total(counts.creates),
  });
  return { arrivals: pairs, ...counts };
}

function lossesOf(cells: readonly unknown[]): RecordedLosses {
  if (cells.length !== 3)
    throw new InputError('a line of those who got nothing must have 3 values');
  const [left, timeouts, rejected] = cells;
  const pairs = momentsOf('left', numbersOf('left', left, 2), 0);
  const odd = pairs.find(([, count]) => count < 0);
  if (odd !== undefined) throw wrong('left', 'pairs of a gap and a count above 0', odd[1]);
  if (!isCount(rejected)) throw wrong('rejected', 'a count', rejected);
  return { left: pairs, timeouts: durationsOf('timeouts', timeouts), rejected };
}

/** Milliseconds and how many each; the first gap counts from `since`. */
function momentsOf(what: string, gaps: readonly number[], since: number): [number, number][] {
  const pairs: [number, number][] = [];
  let ms = since;
  for (let index = 0; index < gaps.length; index += 2) {
    const [gap, count] = [gaps[index] as number, gaps[index + 1] as number];
    ms += gap;
    if (!Number.isSafeInteger(ms) || !isNumber(ms) || !Number.isInteger(count) || count === 0) {
      throw wrong(what, 'pairs of a gap and a count', `${gap}, ${count}`);
    }
    pairs.push([ms, count]);
  }
  return pairs;
}

function durationsOf(what: string, value: unknown): DurationCounts {
  const pairs = numbersOf(what, value, 2);
  const durations: number[] = [];
  let bucket = 0;
  for (let index = 0; index < pairs.length; index += 2) {
    const [gap, count] = [pairs[index], pairs[index + 1]];
    bucket += isCount(gap) ? gap : Number.NaN;
    if (!(bucket <= LAST_BUCKET) || !isCount(count)) {
      throw wrong(what, `pairs of a bucket to ${LAST_BUCKET} and a count`, `${gap}, ${count}`);
    }
    durations.push(middleOf(bucket), count);
  }
  return durations;
}

function requestsOf(cells: readonly unknown[]): readonly number[] {
  const values = numbersOf('requests', cells, 3);
  const odd = values.find((one, index) => index % 3 > 0 && one < 0);
  if (odd !== undefined) throw wrong('requests', 'waits and use times from 0', odd);
  return values;
}

/** Sum of the counts. */
function total(pairs: DurationCounts): number {
  return pairs.reduce((sum, one, index) => (index % 2 === 1 ? sum + one : sum), 0);
}

/** Puts the values where their columns' paths say; the columns are ours, not the file's. */
function decisionOf(values: readonly unknown[]): RecordedDecision {
  const decision: Record<string, unknown> = {};
  for (const [index, [path]] of COLUMNS.entries()) {
    const names = path.split('.');
    const last = names.pop() ?? path;
    let target = decision;
    for (const name of names) target = (target[name] ??= {}) as Record<string, unknown>;
    target[last] = values[index];
  }
  const { cause, min, max, from, note, verdict, episode, ...rest } = decision;
  const { seq } = rest;
  Object.assign(rest['signals'] as object, { seq, cause, min, max, target: from });
  const isJudged = (verdict as Record<string, unknown>)['kind'] !== null;
  return {
    cause,
    min,
    max,
    from,
    ...rest,
    ...(note === null ? undefined : { note }),
    ...(isJudged ? { verdict } : undefined),
    ...(episode === null ? undefined : { episode }),
  } as unknown as RecordedDecision;
}
