import { integerFrom } from '../../src/control/fields.js';
import { packageVersion } from '../../src/telemetry/package-version.js';
import { SeriesRecorder } from '../analysis/time-series.js';
import type { RunSeries } from '../analysis/time-series.js';
import { inFile, InputError, named, printable, quote } from '../input-error.js';
import { POLICY_NAMES, policyOf } from '../policies.js';
import { Progress } from '../progress.js';
import type { DecisionReplayResult } from '../recording/decision-replay.js';
import type { RecordingHeader } from '../recording/entries.js';
import { recordedResult } from '../recording/recorded-result.js';
import { loadRecording } from '../recording/recording.js';
import type { RecordedRun } from '../recording/recorded-run.js';
import { reconstruct, UNKNOWN_CREATE_MS } from '../recording/reconstruct.js';
import { TRACE_COLUMNS, traceOf } from '../recording/trace-of.js';
import { noArrivals, provenance, simulateRecording } from '../recording/simulate-recording.js';
import type { SimulatedRecording } from '../recording/simulate-recording.js';
import type { PolicyResult } from '../result.js';
import { fold } from '../report/fold.js';
import { sentences } from '../report/html/sentences.js';
import { policyRow, rounded } from '../report/json.js';
import { aligned, short } from '../report/table.js';
import { isSameFile } from '../report/same-file.js';
import { checkWritable, writeWhole } from '../report/write-file.js';
import { SCENARIO_RULES } from '../scenario-rules.js';
import { widthOf } from './command.js';
import type { Command, Io, Outcome } from './command.js';
import type { Flags, FlagTable } from './flags.js';
import { checkHtmlFlag, HTML_FLAG, HTML_HELP, shellWord, writeHtmlFlag } from './html-flag.js';
import type { HtmlContent } from './html-flag.js';
import { policiesOf } from './load.js';

/** Status when a decision is not the recorded one. */
const DIFFERENT = 1;

const WHAT_IF_FLAGS = ['policy', 'min', 'max', 'wait-objective-ms'] as const;

const FLAGS: FlagTable = {
  policy: { kind: 'text' },
  min: { kind: 'number', rule: SCENARIO_RULES['min'] },
  max: { kind: 'number', rule: SCENARIO_RULES['max'] },
  'wait-objective-ms': { kind: 'number', rule: SCENARIO_RULES['waitObjectiveMs'] },
  seed: { kind: 'number', rule: integerFrom(0, Number.MAX_SAFE_INTEGER) },
  trace: { kind: 'text' },
  json: { kind: 'switch' },
  ...HTML_FLAG,
};

/** `adaptive-pool replay`. */
export const replayCommand: Command = {
  name: 'replay',
  summary: 'decide again from a recording, and try its load with other options',
  help: `adaptive-pool replay: decide again from a recording, and try its load with other options

  adaptive-pool replay pool.log
  adaptive-pool replay pool.log --policy step,adaptive --max 32

The recorded signals go through the recorded policy: every decision must come out as it was, or the first that does not is shown and the status is 1. With one of these flags the recorded load is simulated too, as it was and changed:

  --policy A,B,C              other policies: ${POLICY_NAMES.join(', ')}
  --min N, --max N            other limits of the size
  --wait-objective-ms N       another objective

  --trace FILE                write the recorded load as a trace, for tune, compare and simulate
  --seed N                    where all drawing comes from (default 1)
  --json                      instead of text
${HTML_HELP}                              (of the simulated load; without other flags, as it was)
`,
  flags: FLAGS,
  mostArguments: 1,
  async run(flags: Flags, io: Io): Promise<Outcome> {
    const file = recordingOf(flags, 'replay');
    const policies = policiesOf(flags);
    checkHtmlFlag(flags);
    const trace = traceFlag(flags, file);
    const isWhatIf = WHAT_IF_FLAGS.some((name) => flags.has(name));
    const progress = new Progress(
      io,
      isWhatIf ? 2 + Math.max(1, policies.length) : flags.has('html') ? 2 : 1,
    );
    const { run, decisions } = await loadRecording(file, (part) =>
      progress.report(0, part, 'reading'),
    );
    const simulated =
      isWhatIf || flags.has('html')
        ? inFile(file, () => simulateAll(run, flags, isWhatIf, progress))
        : [];
    const runs = isWhatIf ? simulated : [];
    progress.clear();
    const next = trace === undefined ? [] : inFile(file, () => writeTrace(trace, run, flags));
    writeHtmlFlag(flags, FLAGS, () => contentOf(run, decisions, simulated, flags));
    const output = flags.has('json')
      ? toJson(file, run, decisions, runs)
      : `${toText(file, run, decisions, runs, widthOf(io))}${next.map((line) => `${line}\n`).join('')}`;
    return { output, status: decisions.difference === null ? 0 : DIFFERENT };
  },
};

/** The one argument of a command that reads a recording. */
export function recordingOf(flags: Flags, command: string): string {
  const file = flags.words[0];
  if (file === undefined) {
    throw new InputError(`a recording is needed: adaptive-pool ${command} LOG`);
  }
  return file;
}

/** The file of `--trace`, which must not be what the command reads. */
function traceFlag(flags: Flags, recording: string): string | undefined {
  const trace = flags.text('trace');
  if (trace === undefined) return undefined;
  if (isSameFile(trace, recording)) {
    throw new InputError(`--trace ${quote(trace)} is what the command reads; name another file`);
  }
  named('--trace', () => checkWritable(trace));
  return trace;
}

/** Writes the recorded load, and says what to do with it. */
function writeTrace(trace: string, run: RecordedRun, flags: Flags): string[] {
  const { settings, createTimes, knownCreateMs } = run;
  const load = reconstruct(run, flags.number('seed') ?? 1);
  if (settings === null || load.atMs.length === 0) throw noArrivals();
  named('--trace', () => writeWhole(trace, traceOf(load)));
  const createMs =
    createTimes.count > 0 ? createTimes.quantile(0.5) : (knownCreateMs ?? UNKNOWN_CREATE_MS);
  const [at, use] = TRACE_COLUMNS;
  const { min, max, waitObjectiveMs } = settings;
  return [
    '',
    `wrote ${load.atMs.length} arrivals and their use times to ${printable(trace)}; to find options for them:`,
    `npx adaptive-pool tune --trace ${shellWord(trace)} --trace-format timestamps --unit ms --column ${at} --service-column ${use} --create-ms ${short(createMs)} --min ${min} --max ${max} --objective 'wait p99 < ${waitObjectiveMs}ms'`,
  ];
}

interface Labelled extends SimulatedRecording {
  readonly label: string;
  readonly series: RunSeries | null;
}

function simulateAll(
  run: RecordedRun,
  flags: Flags,
  isWhatIf: boolean,
  progress: Progress,
): Labelled[] {
  const seed = flags.number('seed');
  const changes = {
    min: flags.number('min'),
    max: flags.number('max'),
    waitObjectiveMs: flags.number('wait-objective-ms'),
  };
  const runs: Labelled[] = [];
  const add = (label: string, whatIf: Parameters<typeof simulateRecording>[1]): void => {
    const onProgress = (part: number): void => progress.report(1 + runs.length, part, label);
    const series = flags.has('html') ? new SeriesRecorder(run.lengthMs + 1) : undefined;
    const simulated = simulateRecording(run, { ...whatIf, seed, onProgress, series });
    const { policy } = simulated.result;
    runs.push({
      ...simulated,
      label,
      series: series?.read() ?? null,
      result: { ...simulated.result, policy: `${policy}${label}` },
    });
  };
  const isOwn = run.phases.some(({ settings }) => settings.policy === null);
  if (!isOwn || !isWhatIf) add(' as recorded', {});
  for (const policy of policiesOf(flags)) add('', { ...changes, policy: policyOf(policy) });
  if (isWhatIf && !flags.has('policy')) add(' changed', changes);
  return runs;
}

function contentOf(
  run: RecordedRun,
  decisions: DecisionReplayResult,
  runs: readonly Labelled[],
  flags: Flags,
): HtmlContent {
  // The last one has the options that were asked for; the first one those that were recorded.
  const { scenario, load } = runs.at(-1) as Labelled;
  const isSame = runs.every((one) => one.scenario.waitObjectiveMs === scenario.waitObjectiveMs);
  return {
    command: 'replay',
    title: `Recorded load of ${scenario.name}`,
    scenario,
    seed: flags.number('seed') ?? 1,
    replications: 1,
    policies: runs.map(({ result, series, scenario: { waitObjectiveMs } }) => ({
      result,
      series,
      waitObjectiveMs: isSame ? undefined : waitObjectiveMs,
    })),
    tables: [
      {
        heading: 'What was recorded and what was tried',
        text: sentences([...verdict(decisions, run), ...provenance(run, load)]),
        columns: ['Run', ...RECORDED_COLUMNS],
        rows: [recordedRow(run), ...runs.map((one) => simulatedRow(one))],
      },
    ],
  };
}

const RECORDED_COLUMNS = [
  'min',
  'max',
  'objective, ms',
  'wait p50, ms',
  'p95',
  'p99',
  'timeouts',
  'rejected',
  'creates',
  'size mean',
  'peak',
] as const;

function recordedRow(run: RecordedRun): string[] {
  return rowOf(
    run.phases.map(({ settings }) => settings),
    recordedResult(run),
  );
}

function simulatedRow({ changes, result }: Labelled): string[] {
  return rowOf(changes, result);
}

function rowOf(options: readonly Limits[], result: PolicyResult): string[] {
  const { wait } = result;
  return [
    result.policy,
    ...LIMITS.map((name) => overTime(options, name)),
    ...[wait.p50Ms, wait.p95Ms, wait.p99Ms].map((one) => short(one)),
    String(result.timeouts),
    String(result.rejected),
    String(result.creates),
    short(result.meanSize),
    String(result.peakSize),
  ];
}

const LIMITS = ['min', 'max', 'waitObjectiveMs'] as const;

type Limits = Readonly<Record<(typeof LIMITS)[number], number>>;

/** Longest list of the values that an option had. */
const MOST_VALUES = 4;

/** The values of an option, one after the other: `16 then 24`. */
function overTime(options: readonly Limits[], name: keyof Limits): string {
  const values = options.map((one) => one[name]);
  const changed = values.filter((value, index) => index === 0 || value !== values[index - 1]);
  if (changed.length <= MOST_VALUES) return changed.map((value) => short(value)).join(' then ');
  return `${short(values[0] ?? 0)} then … ${short(values.at(-1) ?? 0)}`;
}

function toText(
  file: string,
  run: RecordedRun,
  decisions: DecisionReplayResult,
  runs: readonly Labelled[],
  width: number,
): string {
  const { header, settings } = run;
  const made = header === null ? '' : `, recorded by ${printable(madeBy(header))}`;
  const lines = [
    `${printable(file)}: pool ${printable(header?.pool ?? '')}, policy ${printable(settings?.policyName ?? '')}, ${short(run.lengthMs / 1_000)} s, ${run.arrivals} arrivals, ${run.decisions} decisions${made}`,
    ...verdict(decisions, run),
  ];
  const first = runs[0];
  if (first === undefined) return fold(`${lines.join('\n')}\n`, width);
  lines.push('', ...provenance(run, first.load), '');
  lines.push(...aligned([recordedResult(run), ...runs.map(({ result }) => result)], width), '');
  for (const { changes, result } of runs) {
    const [min, max, objective] = LIMITS.map((name) => overTime(changes, name));
    lines.push(`${result.policy}: min ${min}, max ${max}, objective ${objective} ms`);
  }
  const objectives = new Set(runs.map(({ scenario }) => scenario.waitObjectiveMs));
  const objective =
    objectives.size === 1 ? `${short([...objectives][0] ?? 0)} ms` : 'its objective';
  lines.push(
    `a violation is a wait above ${objective}, a timeout, a rejection, or waiting still at the end; conn-s are connection-seconds`,
  );
  return fold(`${lines.join('\n')}\n`, width);
}

function madeBy({ package: version, node }: RecordingHeader): string {
  return `${version === null ? '' : `adaptive-pool ${version} on `}Node ${node}`;
}

function verdict(
  { identical, notReplayable, difference }: DecisionReplayResult,
  run: RecordedRun,
): string[] {
  const own = `${notReplayable} decisions of a policy of your own, which no recording can hold, are not replayable`;
  const rest = notReplayable > 0 ? [own] : [];
  if (difference === null) {
    return identical === 0 && notReplayable > 0
      ? rest
      : [`${identical} decisions replayed, all identical`, ...rest];
  }
  const { seq, at, field, recorded, replayed } = difference;
  const when = at === null ? '' : ` of ${timeOf(at)}`;
  const version = run.header?.package ?? packageVersion();
  const other =
    version === packageVersion()
      ? []
      : [
          `it was recorded by adaptive-pool ${printable(version)}, and this is ${packageVersion()}: a policy may have changed`,
        ];
  return [
    `decision ${seq}${when} differs in ${field}: recorded ${shown(recorded)}, replayed ${shown(replayed)} (${identical} before it are identical)`,
    ...other,
    ...rest,
  ];
}

/** A recording may hold instants that no calendar has. */
function timeOf(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? `${epochMs} ms` : date.toISOString();
}

/** Longest text of a value that is shown. */
const MOST_SHOWN = 500;

function shown(value: unknown): string {
  const json = printable(JSON.stringify(value) ?? 'nothing');
  return json.length > MOST_SHOWN ? `${json.slice(0, MOST_SHOWN)}…` : json;
}

function toJson(
  file: string,
  run: RecordedRun,
  { identical, notReplayable, difference }: DecisionReplayResult,
  runs: readonly Labelled[],
): string {
  const { policy: _label, ...recorded } = policyRow(recordedResult(run)) as { policy: string };
  const report = {
    version: 1,
    file,
    pool: run.header?.pool,
    policy: run.settings?.policyName,
    decisions: { identical, notReplayable, difference },
    recorded: {
      package: run.header?.package,
      node: run.header?.node,
      lengthMs: rounded(run.lengthMs),
      changes: run.changes,
      ...recorded,
    },
    ...(runs[0] === undefined ? undefined : { assumptions: provenance(run, runs[0].load) }),
    simulated: runs.map(({ label, scenario: { min, max, waitObjectiveMs }, result }) => ({
      isAsRecorded: label === ' as recorded',
      options: { min, max, waitObjectiveMs },
      ...policyRow({
        ...result,
        policy: result.policy.slice(0, result.policy.length - label.length),
      }),
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
