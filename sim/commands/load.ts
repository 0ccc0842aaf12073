import { basename } from 'node:path';
import { InputError, named, printable, quote } from '../input-error.js';
import { parseDistribution } from '../kernel/distributions.js';
import { CHOICE_NAMES, isChoiceName, type ChoiceName } from '../policies.js';
import { checkSize, loadScenario, SCENARIO_DEFAULTS } from '../scenario-file.js';
import { SCENARIO_RULES, TRACE_RULES } from '../scenario-rules.js';
import type { Scenario } from '../scenario.js';
import { readTrace } from '../workload/trace-file.js';
import type { Flags, FlagTable } from './flags.js';

/** The flags by which a command is told what load to run and on what pool. */
export const LOAD_FLAGS: FlagTable = {
  scenario: { kind: 'text' },
  trace: { kind: 'text' },
  'trace-format': { kind: 'text', rule: TRACE_RULES['format'] },
  column: { kind: 'text', rule: TRACE_RULES['column'] },
  'bin-ms': { kind: 'number', rule: TRACE_RULES['binMs'] },
  scale: { kind: 'number', rule: TRACE_RULES['scale'] },
  speed: { kind: 'number', rule: TRACE_RULES['speed'] },
  'from-ms': { kind: 'number', rule: TRACE_RULES['fromMs'] },
  unit: { kind: 'text', rule: TRACE_RULES['unit'] },
  'service-column': { kind: 'text', rule: TRACE_RULES['serviceColumn'] },
  'service-scale': { kind: 'number', rule: TRACE_RULES['serviceScale'] },
  'service-ms': { kind: 'text', rule: SCENARIO_RULES['serviceMs'] },
  'create-ms': { kind: 'text', rule: SCENARIO_RULES['createMs'] },
  min: { kind: 'number', rule: SCENARIO_RULES['min'] },
  max: { kind: 'number', rule: SCENARIO_RULES['max'] },
  'wait-objective-ms': { kind: 'number', rule: SCENARIO_RULES['waitObjectiveMs'] },
  'acquire-timeout-ms': { kind: 'number', rule: SCENARIO_RULES['acquireTimeoutMs'] },
  'duration-ms': { kind: 'number', rule: SCENARIO_RULES['durationMs'] },
  'warm-up-ms': { kind: 'number', rule: SCENARIO_RULES['warmUpMs'] },
};

/** The part of a command's help that explains `LOAD_FLAGS`. */
export const LOAD_HELP = `load
  --scenario NAME|FILE        one that comes with the package (adaptive-pool scenarios) or a .json file
  --trace FILE                arrivals from a file (.gz is unpacked, .jsonl are JSON lines); needs the next one and --service-ms or --service-column, --create-ms, --min, --max
  --trace-format timestamps   a time per arrival: 2024-05-01T12:00:00.123Z, 2024-05-01 12:00:00.123 or seconds
  --trace-format counts       a number of arrivals per bin, bins one after the other
  --column NAME               the column of a CSV file with a header, or the key of JSON lines (default: a plain file)
  --bin-ms N                  length of a bin of counts (default 60000)
  --scale X                   multiply counts
  --speed X                   play X times as fast
  --from-ms N                 leave out what comes before, as played (default 0)
  --unit s|ms                 what plain numbers as timestamps mean (default s)
  --service-column NAME       the column that says how long each arrival uses its connection
  --service-scale X           milliseconds per unit of that column (default 1)

pool and backend; with --scenario these replace what the scenario says
  --service-ms DIST           how long a lease holds its connection
  --create-ms DIST            how long opening a connection takes
  --min N, --max N            limits of the size
  --wait-objective-ms N       a longer wait is a violation (default with --trace: 10)
  --acquire-timeout-ms N      longest wait, or Infinity (default with --trace: 1000)
  --duration-ms N             cut the workload after this time
  --warm-up-ms N              time for the minimum to open before the workload begins (default with --trace: 0)

DIST, in milliseconds, is 5 (constant), exp:5 (exponential), lognormal:5,2 (mean, sigma of the logarithm), erlang:4,5 (shape, mean), pareto:1.5,5 (shape, mean), h2:0.9,1,40 (in nine of ten cases mean 1, else mean 40) or hist:1x70,5x30 (value x weight).
`;

const NEEDED_WITH_TRACE = ['trace-format', 'service-ms', 'create-ms', 'min', 'max'] as const;

const ONLY_WITH_TRACE = [
  'trace-format',
  'column',
  'bin-ms',
  'scale',
  'speed',
  'from-ms',
  'unit',
  'service-column',
  'service-scale',
] as const;
const ONLY_WITH_COUNTS = ['bin-ms', 'scale'] as const;

/**
 * The scenario of `--scenario` or `--trace`, changed as the other flags say.
 *
 * @throws {@link InputError} that names the flag
 */
export function scenarioOf(flags: Flags): Scenario {
  checkSource(flags);
  const base = flags.has('trace')
    ? fromTrace(flags)
    : named('--scenario', () => loadScenario(flags.text('scenario') ?? ''));
  const serviceMs = flags.text('service-ms');
  const createMs = flags.text('create-ms');
  const scenario: Scenario = {
    ...base,
    durationMs: flags.number('duration-ms') ?? base.durationMs,
    serviceMs: serviceMs === undefined ? base.serviceMs : parseDistribution(serviceMs),
    createMs: createMs === undefined ? base.createMs : parseDistribution(createMs),
    min: flags.number('min') ?? base.min,
    max: flags.number('max') ?? base.max,
    waitObjectiveMs: flags.number('wait-objective-ms') ?? base.waitObjectiveMs,
    acquireTimeoutMs: flags.number('acquire-timeout-ms') ?? base.acquireTimeoutMs,
    warmUpMs: flags.number('warm-up-ms') ?? base.warmUpMs,
  };
  const { min, max } = scenario;
  if (min > max) {
    throw new InputError(
      flags.has('max')
        ? `--max must be at least min (${min}), got ${max}`
        : `--min must be at most max (${max}), got ${min}`,
    );
  }
  named('--scenario', () => checkSize(scenario));
  return scenario;
}

/**
 * The policies of `--policy A,B,C`; none if it is not given.
 *
 * @throws {@link InputError}
 */
export function policiesOf(flags: Flags): readonly ChoiceName[] {
  const text = flags.text('policy');
  if (text === undefined) return [];
  const policies: ChoiceName[] = [];
  for (const name of text.split(',').map((part) => part.trim())) {
    if (!isChoiceName(name)) {
      throw new InputError(
        `--policy: ${quote(name)} is not a policy; known: ${CHOICE_NAMES.join(', ')}`,
      );
    }
    if (!policies.includes(name)) policies.push(name);
  }
  return policies;
}

function fromTrace(flags: Flags): Scenario {
  const file = flags.text('trace') ?? '';
  const format = flags.text('trace-format') === 'timestamps' ? 'timestamps' : 'counts';
  const trace = named('--trace', () =>
    readTrace({
      file,
      format,
      column: flags.text('column'),
      binMs: flags.number('bin-ms'),
      scale: flags.number('scale'),
      speed: flags.number('speed'),
      fromMs: flags.number('from-ms'),
      unit: flags.text('unit') === 'ms' ? 'ms' : 's',
      serviceColumn: flags.text('service-column'),
      serviceScale: flags.number('service-scale'),
    }),
  );
  return {
    ...SCENARIO_DEFAULTS,
    ...trace,
    name: basename(file),
    description: `${format} of ${printable(file)}`,
    serviceMs: trace.serviceMs ?? parseDistribution(flags.text('service-ms')),
    createMs: parseDistribution(flags.text('create-ms')),
    min: flags.number('min') ?? 0,
    max: flags.number('max') ?? 0,
    waitObjectiveMs: 10,
    acquireTimeoutMs: 1_000,
    policies: [],
  };
}

function checkSource(flags: Flags): void {
  if (flags.has('scenario') && flags.has('trace')) {
    throw new InputError('--scenario and --trace exclude each other');
  }
  if (flags.has('trace')) {
    const isTimed = flags.has('service-column');
    if (isTimed && flags.has('service-ms')) {
      throw new InputError('--service-ms and --service-column exclude each other');
    }
    const missing = NEEDED_WITH_TRACE.filter(
      (name) => !flags.has(name) && !(isTimed && name === 'service-ms'),
    );
    if (missing.length > 0) {
      throw new InputError(`--trace needs ${missing.map((name) => `--${name}`).join(', ')} too`);
    }
    const misplaced = ONLY_WITH_COUNTS.find((name) => flags.has(name));
    if (misplaced !== undefined && flags.text('trace-format') !== 'counts') {
      throw new InputError(
        `--${misplaced} is for --trace-format counts only; --speed makes timestamps denser`,
      );
    }
    return;
  }
  const misplaced = ONLY_WITH_TRACE.find((name) => flags.has(name));
  if (misplaced !== undefined) throw new InputError(`--${misplaced} needs --trace`);
  if (!flags.has('scenario')) throw new InputError('--scenario or --trace is needed');
}
