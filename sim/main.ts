import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

import { parseCommandLine } from './args.js';
import type { OutputFormat, SimulateFlags } from './args.js';
import { HELP } from './help.js';
import { InputError, printable } from './input-error.js';
import { parseDistribution } from './kernel/distributions.js';
import { isPolicyName, POLICY_NAMES } from './policies.js';
import type { PolicyName } from './policies.js';
import { Progress } from './progress.js';
import { toCsv } from './report/csv.js';
import { toJson } from './report/json.js';
import type { Report } from './report/report.js';
import { toTable } from './report/table.js';
import type { PolicyResult } from './result.js';
import type { Scenario } from './scenario.js';
import {
  checkSize,
  loadScenario,
  SCENARIO_DEFAULTS,
  scenarioDescription,
  scenarioNames,
} from './scenario-file.js';
import { simulate } from './simulate.js';
import { readTrace } from './workload/trace-file.js';

/** What the command needs of its process. */
export interface Io {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** Whether a person watches stderr. */
  readonly isTerminal: boolean;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
}

/** Status when everything went well. */
const OK = 0;
/** Status when the command line or a file is wrong. */
const BAD_INPUT = 2;

const FORMATS: Readonly<Record<OutputFormat, (report: Report) => string>> = {
  table: toTable,
  json: toJson,
  csv: toCsv,
};

/**
 * The command `adaptive-pool`.
 *
 * @param argv The arguments, without the node binary and the script.
 * @returns The exit status: 0, or 2 when a flag or a file is wrong; then stderr has one line and stdout nothing.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const output = await run(argv, io);
    io.stdout.write(output);
    return OK;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    io.stderr.write(`adaptive-pool: ${error.message}\n`);
    return BAD_INPUT;
  }
}

async function run(argv: readonly string[], io: Io): Promise<string> {
  const command = parseCommandLine(argv);
  switch (command.kind) {
    case 'help':
      return HELP;
    case 'version':
      return `${packageVersion()}\n`;
    case 'scenarios':
      return scenarioList();
    default:
      return compare(command.flags, io);
  }
}

function compare(flags: SimulateFlags, io: Io): string {
  const scenario = scenarioOf(flags);
  const policies = policiesOf(flags, scenario);
  const { seed, replications } = flags;
  const progress = new Progress(io, policies.length);
  const results: PolicyResult[] = [];
  for (const [index, policy] of policies.entries()) {
    const onProgress = (part: number): void => progress.report(index, part, policy);
    results.push(simulate(scenario, policy, { seed, replications, onProgress }));
  }
  progress.clear();
  return FORMATS[flags.format]({ scenario, seed, replications, results });
}

function policiesOf(flags: SimulateFlags, scenario: Scenario): readonly PolicyName[] {
  if (flags.policies.length > 0) return flags.policies;
  const named = scenario.policies.filter((name) => isPolicyName(name));
  return named.length > 0 ? named : POLICY_NAMES;
}

/** The scenario of `--scenario` or `--trace`, changed as the other flags say. */
function scenarioOf(flags: SimulateFlags): Scenario {
  const base =
    flags.trace === undefined ? fromScenario(flags.scenario as string) : fromTrace(flags);
  const scenario: Scenario = {
    ...base,
    durationMs: flags.durationMs ?? base.durationMs,
    serviceMs: flags.serviceMs === undefined ? base.serviceMs : parseDistribution(flags.serviceMs),
    createMs: flags.createMs === undefined ? base.createMs : parseDistribution(flags.createMs),
    min: flags.min ?? base.min,
    max: flags.max ?? base.max,
    waitObjectiveMs: flags.waitObjectiveMs ?? base.waitObjectiveMs,
    acquireTimeoutMs: flags.acquireTimeoutMs ?? base.acquireTimeoutMs,
    warmUpMs: flags.warmUpMs ?? base.warmUpMs,
  };
  const { min, max } = scenario;
  if (min > max) {
    throw new InputError(
      flags.max === undefined
        ? `--min must be at most max (${max}), got ${min}`
        : `--max must be at least min (${min}), got ${max}`,
    );
  }
  named('--scenario', () => checkSize(scenario));
  return scenario;
}

function fromScenario(nameOrFile: string): Scenario {
  return named('--scenario', () => loadScenario(nameOrFile));
}

function fromTrace(flags: SimulateFlags): Scenario {
  const file = flags.trace as string;
  const { traceFormat = 'counts', column, binMs, scale, speed } = flags;
  const trace = named('--trace', () =>
    readTrace({ file, format: traceFormat, column, binMs, scale, speed }),
  );
  return {
    ...SCENARIO_DEFAULTS,
    ...trace,
    name: basename(file),
    description: `${traceFormat} of ${printable(file)}`,
    serviceMs: parseDistribution(flags.serviceMs),
    createMs: parseDistribution(flags.createMs),
    min: flags.min as number,
    max: flags.max as number,
    waitObjectiveMs: 10,
    acquireTimeoutMs: 1_000,
    policies: [],
  };
}

/** Puts the flag in front of what is wrong with its value. */
function named<R>(flag: string, load: () => R): R {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${flag} ${error.message}`, { cause: error });
  }
}

function scenarioList(): string {
  const names = scenarioNames();
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => `${name.padEnd(width)}  ${scenarioDescription(name)}\n`).join('');
}

function packageVersion(): string {
  const manifest = createRequire(import.meta.url).resolve('adaptive-pool/package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}
