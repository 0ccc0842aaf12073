import { DEFAULTS } from '../src/autoscaler/defaults.js';
import { readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findProblems, show } from '../src/control/fields.js';
import { inFile, InputError, printable, quote } from './input-error.js';
import { parseDistribution } from './kernel/distributions.js';
import type { Scenario } from './scenario.js';
import { REQUIRED_FIELDS, SCENARIO_RULES } from './scenario-rules.js';
import { workloadProblems, worldProblems } from './workload-rules.js';
import { readTextFile } from './workload/text-file.js';
import { readTrace } from './workload/trace-file.js';
import type { Trace, TraceFile } from './workload/trace-file.js';
import { expectedArrivals, MAX_REQUESTS } from './workload/workload.js';
import type { Workload } from './workload/workload.js';

type Fields = Readonly<Record<string, unknown>>;

/** Values of the fields that a scenario need not set. */
export const SCENARIO_DEFAULTS: Pick<
  Scenario,
  'warmUpMs' | 'tickMs' | 'maxPending' | 'createConcurrency'
> = {
  warmUpMs: 0,
  tickMs: DEFAULTS.tickMs,
  maxPending: DEFAULTS.maxPending,
  createConcurrency: DEFAULTS.createConcurrency,
};

/** Values of the fields that a workload need not set. */
const WORKLOAD_DEFAULTS: Readonly<Record<string, Fields>> = {
  batch: { periodMs: Number.POSITIVE_INFINITY, startMs: 0 },
  spike: { riseMs: 0, fallMs: 0, periodMs: Number.POSITIVE_INFINITY },
  // A quiet night, a steep morning, a plateau and an evening peak; hours of the day.
  diurnal: {
    periodMs: 86_400_000,
    profile: [
      4, 3, 2, 2, 2, 3, 5, 8, 11, 13, 13, 13, 12, 13, 13, 12, 12, 12, 13, 14, 15, 13, 10, 6,
    ],
  },
};
const RETRY_DEFAULTS = { factor: 2, maxBackoffMs: 10_000 };

const MAX_SCENARIO_BYTES = 2 ** 20;
const MAX_TICKS = 100_000_000;

/** Names of the scenarios that come with the package, sorted. */
export function scenarioNames(): string[] {
  return scenarioFiles()
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .toSorted();
}

/** Looked for when they are asked for: whoever brings scenarios of his own can simulate from a bundle, too. */
function scenarioFiles(): string[] {
  try {
    return readdirSync(scenarioPath(''));
  } catch (error) {
    throw new InputError(
      'the scenarios of adaptive-pool are not beside its code: keep it out of the bundle, or give the path of a .json file',
      { cause: error },
    );
  }
}

function scenarioPath(file: string): string {
  return fileURLToPath(new URL(`./scenarios/${file}`, import.meta.url));
}

/** What a scenario that comes with the package is about, in one sentence; reads no trace. */
export function scenarioDescription(name: string): string {
  const text = readTextFile(scenarioPath(`${name}.json`), MAX_SCENARIO_BYTES);
  return (JSON.parse(text) as { readonly description: string }).description;
}

/**
 * Loads a scenario that comes with the package by its name, or anyone's by the path of its JSON file.
 *
 * @throws {@link InputError} that names the file and lists every problem on one line.
 */
export function loadScenario(nameOrFile: string): Scenario {
  if (!/^[\w-]+$/.test(nameOrFile)) return readScenario(nameOrFile);
  const names = scenarioNames();
  if (names.includes(nameOrFile)) return readScenario(scenarioPath(`${nameOrFile}.json`));
  throw new InputError(
    `${quote(nameOrFile)} is not a scenario; known: ${names.join(', ')}, or the path of a .json file`,
  );
}

function readScenario(file: string): Scenario {
  const text = readTextFile(file, MAX_SCENARIO_BYTES);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${printable(file)}, ${jsonProblem(error, text)}`, { cause: error });
  }
  return inFile(file, () => parseScenario(given, dirname(file)));
}

/**
 * Makes a scenario of a parsed scenario file (schema version 1). JSON has no Infinity: the text `"Infinity"` stands for
 * it.
 *
 * @param given The parsed JSON; may be anything.
 * @param directory What a trace's path is relative to.
 * @throws {@link InputError} that lists every problem on one line; of a trace, file and line.
 */
export function parseScenario(given: unknown, directory = '.'): Scenario {
  const fields = withInfinity(given);
  if (!isFields(fields)) throw new InputError(`a scenario must be an object, got ${show(fields)}`);
  const workload = withInfinity(fields['workload']);
  // A trace may bring its own use times.
  const isTimed = isFields(workload) && workload['serviceColumn'] !== undefined;
  const required = REQUIRED_FIELDS.filter((field) => !(isTimed && field === 'serviceMs'));
  const problems = findProblems(fields, SCENARIO_RULES, required);
  if (isTimed && fields['serviceMs'] !== undefined) {
    problems.push('serviceMs must be left out with workload.serviceColumn');
  }
  if (isFields(workload)) problems.push(...workloadProblems(workload));
  problems.push(...worldProblems(fields));
  const { min, max } = fields as { readonly min: unknown; readonly max: unknown };
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    problems.push(`max must be at least min (${min}), got ${max}`);
  }
  const isTrace = isFields(workload) && workload['kind'] === 'trace';
  if (fields['durationMs'] === undefined && !isTrace) {
    problems.push('durationMs is required');
  }
  if (problems.length > 0 || !isFields(workload)) {
    throw new InputError(printable(problems.join('; ')));
  }

  const trace = workloadOf(workload, directory, fields['durationMs'] as number | undefined);
  const { version: _version, policies, ...rest } = fields;
  const { faults, retries, patienceMs } = fields;
  const scenario = {
    ...SCENARIO_DEFAULTS,
    ...rest,
    ...trace,
    serviceMs: trace.serviceMs ?? parseDistribution(fields['serviceMs']),
    createMs: parseDistribution(fields['createMs']),
    ...(faults === undefined ? {} : { faults: (faults as Fields[]).map(completeFault) }),
    ...(retries === undefined ? {} : { retries: { ...RETRY_DEFAULTS, ...(retries as object) } }),
    ...(patienceMs === undefined ? {} : { patienceMs: parseDistribution(patienceMs) }),
    policies: policies ?? [],
  } as unknown as Scenario;
  checkSize(scenario);
  return scenario;
}

/**
 * Makes sure that a run stays within a hundred million requests and as many regular decisions.
 *
 * @throws {@link InputError}
 */
export function checkSize(scenario: Scenario): void {
  const requests = expectedArrivals(scenario.workload, scenario.durationMs);
  if (requests > MAX_REQUESTS) {
    throw new InputError(
      `about ${requests.toPrecision(3)} requests are more than the ${MAX_REQUESTS} that one run may have`,
    );
  }
  if (scenario.durationMs / scenario.tickMs > MAX_TICKS) {
    throw new InputError(
      `durationMs must be at most ${MAX_TICKS * scenario.tickMs} with a decision every ${scenario.tickMs} ms, got ${scenario.durationMs}`,
    );
  }
}

function workloadOf(
  fields: Fields,
  directory: string,
  durationMs: number | undefined,
): Trace & Pick<Scenario, 'traceFile'> {
  if (fields['kind'] === 'trace') {
    const trace = fields as unknown as TraceFile;
    const traceFile = resolve(directory, trace.file);
    const read = readTrace({ ...trace, file: traceFile });
    return { ...read, traceFile, durationMs: durationMs ?? read.durationMs };
  }
  const kind = String(fields['kind']);
  const defaults = Object.hasOwn(WORKLOAD_DEFAULTS, kind) ? WORKLOAD_DEFAULTS[kind] : {};
  const { thinkMs } = fields;
  const think = thinkMs === undefined ? {} : { thinkMs: parseDistribution(thinkMs) };
  // The rules have just proved that the fields are those of a workload.
  const workload = { ...defaults, ...fields, ...think } as unknown as Workload;
  return { workload, durationMs: durationMs as number };
}

function completeFault(fault: Fields): Fields {
  return fault['kind'] === 'slow' ? { useFactor: 1, createFactor: 1, ...fault } : fault;
}

/** The same object with Infinity for "Infinity". */
function withInfinity(given: unknown): unknown {
  if (!isFields(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([field, value]) => [
      field,
      value === 'Infinity' ? Number.POSITIVE_INFINITY : value,
    ]),
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The line of a syntax error and what is wrong there. */
function jsonProblem(error: unknown, text: string): string {
  const [what = ''] = (error instanceof Error ? error.message : String(error)).split(
    /, "|, \.\.\."| in JSON/,
  );
  return `line ${brokenLine(text)}: not JSON (${printable(what)})`;
}

/**
 * The first line with which `text` can no longer become JSON, counted from 1. The parser does not always tell where it
 * stopped, but it does tell whether it stopped for want of more.
 */
function brokenLine(text: string): number {
  const lines = text.split('\n');
  let fine = 0;
  let broken = lines.length;
  while (broken - fine > 1) {
    const middle = (fine + broken) >> 1;
    if (wantsMore(lines.slice(0, middle).join('\n'))) fine = middle;
    else broken = middle;
  }
  return broken;
}

function wantsMore(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = /at position (\d+)/.exec(message)?.[1];
    return message.startsWith('Unexpected end') || Number(position) >= text.length;
  }
}
