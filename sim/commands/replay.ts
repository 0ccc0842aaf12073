import { integerFrom } from '../../src/control/fields.js';
import { SeriesRecorder } from '../analysis/time-series.js';
import type { RunSeries } from '../analysis/time-series.js';
import { InputError, printable } from '../input-error.js';
import { POLICY_NAMES } from '../policies.js';
import { policyOf } from '../policies.js';
import { Progress } from '../progress.js';
import type { DecisionReplayResult } from '../recording/decision-replay.js';
import { loadRecording } from '../recording/recording.js';
import type { RecordedRun } from '../recording/recorded-run.js';
import { provenance, simulateRecording } from '../recording/simulate-recording.js';
import type { SimulatedRecording } from '../recording/simulate-recording.js';
import { sentences } from '../report/html/sentences.js';
import { policyRow, rounded } from '../report/json.js';
import { aligned, short } from '../report/table.js';
import { SCENARIO_RULES } from '../scenario-rules.js';
import type { Command, Io, Outcome } from './command.js';
import type { Flags, FlagTable } from './flags.js';
import { checkHtmlFlag, HTML_FLAG, HTML_HELP, writeHtmlFlag } from './html-flag.js';
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
  json: { kind: 'switch' },
  ...HTML_FLAG,
};

/** `adaptive-pool replay`. */
export const replayCommand: Command = {
  name: 'replay',
  summary: 'decide again from a recording, and try its load with other options',
  help: `adaptive-pool replay: decide again from a recording, and try its load with other options

  adaptive-pool replay pool.log
  adaptive-pool replay pool.log --policy step,littles-law --max 32

The recorded signals go through the recorded policy: every decision must come out as it was, or the first that does not
is shown and the status is 1. With one of these flags the recorded load is simulated too, as it was and changed:

  --policy A,B,C              other policies: ${POLICY_NAMES.join(', ')}
  --min N, --max N            other limits of the size
  --wait-objective-ms N       another objective

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
    writeHtmlFlag(flags, FLAGS, () => contentOf(run, decisions, simulated, flags));
    const output = flags.has('json')
      ? toJson(file, run, decisions, runs)
      : toText(file, run, decisions, runs);
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

/** Puts the file in front of what is wrong with its content. */
export function inFile<R>(file: string, work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${printable(file)}: ${error.message}`, { cause: error });
  }
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
  const recorded = run.settings?.policy ?? null;
  if (recorded !== null || !isWhatIf) add(' as recorded', {});
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
        text: sentences([...verdict(decisions), ...provenance(run, load)]),
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
  const { settings, waits } = run;
  const options = [settings?.min, settings?.max, settings?.waitObjectiveMs];
  return [
    'recorded',
    ...options.map((one) => (one === undefined ? '' : short(one))),
    ...[0.5, 0.95, 0.99].map((part) => short(waits.quantile(part))),
    String(run.timeouts),
    String(run.rejected),
    String(run.creates),
    short(run.meanSize),
    String(run.peakSize),
  ];
}

function simulatedRow({ scenario, result }: Labelled): string[] {
  const { wait } = result;
  return [
    result.policy,
    ...[scenario.min, scenario.max, scenario.waitObjectiveMs].map((one) => short(one)),
    ...[wait.p50Ms, wait.p95Ms, wait.p99Ms].map((one) => short(one)),
    String(result.timeouts),
    String(result.rejected),
    String(result.creates),
    short(result.meanSize),
    String(result.peakSize),
  ];
}

function toText(
  file: string,
  run: RecordedRun,
  decisions: DecisionReplayResult,
  runs: readonly Labelled[],
): string {
  const { header, settings } = run;
  const lines = [
    `${printable(file)}: pool ${printable(header?.pool ?? '')}, policy ${printable(settings?.policyName ?? '')}, Node ${printable(header?.node ?? '')}, ${short(run.lengthMs / 1_000)} s, ${run.arrivals} arrivals, ${run.decisions} decisions`,
    ...verdict(decisions),
  ];
  const first = runs[0];
  if (first === undefined) return `${lines.join('\n')}\n`;
  lines.push('', ...provenance(run, first.load), '');
  lines.push(
    `recorded: wait p50 ${short(run.waits.quantile(0.5))}, p95 ${short(run.waits.quantile(0.95))}, p99 ${short(run.waits.quantile(0.99))} ms; ${run.timeouts} timeouts, ${run.rejected} rejected; ${run.creates} creates; size mean ${short(run.meanSize)}, peak ${run.peakSize}`,
    'simulated:',
    ...aligned(runs.map(({ result }) => result)),
  );
  for (const { scenario, result } of runs) {
    const { min, max, waitObjectiveMs } = scenario;
    lines.push(`${result.policy}: min ${min}, max ${max}, objective ${waitObjectiveMs} ms`);
  }
  return `${lines.join('\n')}\n`;
}

function verdict({ identical, notReplayable, difference }: DecisionReplayResult): string[] {
  const own = `${notReplayable} decisions of a policy of your own, which no recording can hold, are not replayable`;
  const rest = notReplayable > 0 ? [own] : [];
  if (difference === null) {
    return identical === 0 && notReplayable > 0
      ? rest
      : [`${identical} decisions replayed, all identical`, ...rest];
  }
  const { seq, field, recorded, replayed } = difference;
  return [
    `decision ${seq} differs in ${field}: recorded ${shown(recorded)}, replayed ${shown(replayed)} (${identical} before it are identical)`,
    ...rest,
  ];
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
  const quantiles = { p50Ms: 0.5, p95Ms: 0.95, p99Ms: 0.99 };
  const report = {
    version: 1,
    file,
    pool: run.header?.pool,
    policy: run.settings?.policyName,
    decisions: { identical, notReplayable, difference },
    recorded: {
      requests: run.arrivals,
      lengthMs: rounded(run.lengthMs),
      wait: Object.fromEntries(
        Object.entries(quantiles).map(([name, part]) => [name, rounded(run.waits.quantile(part))]),
      ),
      timeouts: run.timeouts,
      rejected: run.rejected,
      creates: run.creates,
      meanSize: rounded(run.meanSize),
      peakSize: run.peakSize,
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
