import { parseArgs } from 'node:util';

import { integerFrom } from '../src/control/fields.js';
import type { FieldRule } from '../src/control/fields.js';
import { InputError, quote } from './input-error.js';
import { isPolicyName, POLICY_NAMES } from './policies.js';
import type { PolicyName } from './policies.js';
import { SCENARIO_RULES, TRACE_RULES } from './scenario-rules.js';
import { MAX_REPLICATIONS } from './simulate.js';

/** How results are written. */
export type OutputFormat = 'table' | 'json' | 'csv';

/** What `simulate` was asked for; flags that were not given are undefined. */
export interface SimulateFlags {
  readonly scenario: string | undefined;
  readonly trace: string | undefined;
  readonly traceFormat: 'timestamps' | 'counts' | undefined;
  readonly column: string | undefined;
  readonly binMs: number | undefined;
  readonly scale: number | undefined;
  readonly speed: number | undefined;
  readonly serviceMs: string | undefined;
  readonly createMs: string | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly waitObjectiveMs: number | undefined;
  readonly acquireTimeoutMs: number | undefined;
  readonly durationMs: number | undefined;
  readonly warmUpMs: number | undefined;
  readonly policies: readonly PolicyName[];
  readonly seed: number;
  readonly replications: number;
  readonly format: OutputFormat;
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' | 'version' | 'scenarios' }
  | { readonly kind: 'simulate'; readonly flags: SimulateFlags };

interface Flag {
  readonly kind: 'switch' | 'text' | 'number';
  readonly rule?: FieldRule | undefined;
}

const FLAGS: Readonly<Record<string, Flag>> = {
  scenario: { kind: 'text' },
  trace: { kind: 'text' },
  'trace-format': { kind: 'text', rule: TRACE_RULES['format'] },
  column: { kind: 'text', rule: TRACE_RULES['column'] },
  'bin-ms': { kind: 'number', rule: TRACE_RULES['binMs'] },
  scale: { kind: 'number', rule: TRACE_RULES['scale'] },
  speed: { kind: 'number', rule: TRACE_RULES['speed'] },
  'service-ms': { kind: 'text', rule: SCENARIO_RULES['serviceMs'] },
  'create-ms': { kind: 'text', rule: SCENARIO_RULES['createMs'] },
  min: { kind: 'number', rule: SCENARIO_RULES['min'] },
  max: { kind: 'number', rule: SCENARIO_RULES['max'] },
  'wait-objective-ms': { kind: 'number', rule: SCENARIO_RULES['waitObjectiveMs'] },
  'acquire-timeout-ms': { kind: 'number', rule: SCENARIO_RULES['acquireTimeoutMs'] },
  'duration-ms': { kind: 'number', rule: SCENARIO_RULES['durationMs'] },
  'warm-up-ms': { kind: 'number', rule: SCENARIO_RULES['warmUpMs'] },
  policy: { kind: 'text' },
  seed: { kind: 'number', rule: integerFrom(0, Number.MAX_SAFE_INTEGER) },
  replications: { kind: 'number', rule: integerFrom(1, MAX_REPLICATIONS) },
  json: { kind: 'switch' },
  csv: { kind: 'switch' },
  help: { kind: 'switch' },
  version: { kind: 'switch' },
};

type Values = ReadonlyMap<string, string | number>;

/**
 * Reads a command line, without the node binary and the script.
 *
 * @throws {@link InputError} that names the flag.
 */
export function parseCommandLine(argv: readonly string[]): Command {
  const { values, words } = readTokens(argv);
  if (values.has('help')) return { kind: 'help' };
  if (values.has('version')) return { kind: 'version' };
  const [command, ...rest] = words;
  if (command === undefined) throw new InputError('no command; see adaptive-pool --help');
  const [extra] = rest;
  if (extra !== undefined) throw new InputError(`${quote(extra)} is one argument too many`);
  if (command === 'scenarios') {
    const [flag] = values.keys();
    if (flag !== undefined) throw new InputError(`--${flag} is not a flag of scenarios`);
    return { kind: 'scenarios' };
  }
  if (command === 'simulate') return { kind: 'simulate', flags: simulateFlags(values) };
  throw new InputError(`${quote(command)} is not a command; known: simulate, scenarios`);
}

function readTokens(argv: readonly string[]): { values: Values; words: string[] } {
  const options = Object.fromEntries(
    Object.entries(FLAGS).map(([name, flag]) => [
      name,
      { type: flag.kind === 'switch' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string | number>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const name = token.name;
    if (!Object.hasOwn(FLAGS, name)) {
      throw new InputError(`${quote(token.rawName)} is not a flag; see adaptive-pool --help`);
    }
    if (values.has(name)) throw new InputError(`--${name} is given twice`);
    values.set(name, valueOf(name, token.value));
  }
  return { values, words };
}

function valueOf(name: string, text: string | undefined): string | number {
  const { kind, rule } = FLAGS[name] as Flag;
  if (kind === 'switch') {
    if (text !== undefined) throw new InputError(`--${name} takes no value, got ${quote(text)}`);
    return '';
  }
  if (text === undefined || text === '') throw new InputError(`--${name} needs a value`);
  const value = kind === 'number' ? numberOf(text) : text;
  const must = rule?.(value) ?? null;
  if (must !== null) throw new InputError(`--${name} must be ${must}, got ${quote(text)}`);
  return value;
}

/** Plain decimals and Infinity only: Number() would read "" as 0 and "0x10" as 16. */
function numberOf(text: string): number {
  if (text === 'Infinity') return Number.POSITIVE_INFINITY;
  return /^-?\d+(?:_\d{3})*(?:\.\d+)?(?:e\d{1,2})?$/.test(text)
    ? Number(text.replaceAll('_', ''))
    : Number.NaN;
}

function simulateFlags(values: Values): SimulateFlags {
  const number = (name: string): number | undefined => values.get(name) as number | undefined;
  const text = (name: string): string | undefined => values.get(name) as string | undefined;
  checkSource(values);
  if (values.has('json') && values.has('csv')) {
    throw new InputError('--json and --csv exclude each other');
  }
  const format = values.has('json') ? 'json' : values.has('csv') ? 'csv' : 'table';
  return {
    scenario: text('scenario'),
    trace: text('trace'),
    traceFormat: text('trace-format') as 'timestamps' | 'counts' | undefined,
    column: text('column'),
    binMs: number('bin-ms'),
    scale: number('scale'),
    speed: number('speed'),
    serviceMs: text('service-ms'),
    createMs: text('create-ms'),
    min: number('min'),
    max: number('max'),
    waitObjectiveMs: number('wait-objective-ms'),
    acquireTimeoutMs: number('acquire-timeout-ms'),
    durationMs: number('duration-ms'),
    warmUpMs: number('warm-up-ms'),
    policies: policiesOf(text('policy')),
    seed: number('seed') ?? 1,
    replications: number('replications') ?? 1,
    format,
  };
}

const NEEDED_WITH_TRACE = ['trace-format', 'service-ms', 'create-ms', 'min', 'max'] as const;
const ONLY_WITH_TRACE = ['trace-format', 'column', 'bin-ms', 'scale', 'speed'] as const;
const ONLY_WITH_COUNTS = ['bin-ms', 'scale'] as const;

function checkSource(values: Values): void {
  if (values.has('scenario') && values.has('trace')) {
    throw new InputError('--scenario and --trace exclude each other');
  }
  if (values.has('trace')) {
    const missing = NEEDED_WITH_TRACE.filter((name) => !values.has(name));
    if (missing.length > 0) {
      throw new InputError(`--trace needs ${missing.map((name) => `--${name}`).join(', ')} too`);
    }
    const misplaced = ONLY_WITH_COUNTS.find((name) => values.has(name));
    if (misplaced !== undefined && values.get('trace-format') !== 'counts') {
      throw new InputError(
        `--${misplaced} is for --trace-format counts only; --speed makes timestamps denser`,
      );
    }
    return;
  }
  const misplaced = ONLY_WITH_TRACE.find((name) => values.has(name));
  if (misplaced !== undefined) throw new InputError(`--${misplaced} needs --trace`);
  if (!values.has('scenario')) throw new InputError('simulate needs --scenario or --trace');
}

function policiesOf(text: string | undefined): readonly PolicyName[] {
  if (text === undefined) return [];
  const names = text.split(',').map((name) => name.trim());
  const policies: PolicyName[] = [];
  for (const name of names) {
    if (!isPolicyName(name)) {
      throw new InputError(
        `--policy: ${quote(name)} is not a policy; known: ${POLICY_NAMES.join(', ')}`,
      );
    }
    if (!policies.includes(name)) policies.push(name);
  }
  return policies;
}
