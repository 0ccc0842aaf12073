import { integerFrom } from '../../src/control/fields.js';
import { SeriesRecorder } from '../analysis/time-series.js';
import { inFile, printable } from '../input-error.js';
import { Progress } from '../progress.js';
import { calibrate, type CalibratedFigure, type Calibration } from '../recording/calibrate.js';
import { loadRecording } from '../recording/recording.js';
import type { RecordedRun } from '../recording/recorded-run.js';
import { provenance } from '../recording/simulate-recording.js';
import { fold } from '../report/fold.js';
import type { HtmlTable } from '../report/html/report.js';
import { sentences } from '../report/html/sentences.js';
import { rounded } from '../report/json.js';
import { alignedRows, short } from '../report/table.js';
import { widthOf } from './command.js';
import type { Command, Io } from './command.js';
import type { Flags, FlagTable } from './flags.js';
import { checkHtmlFlag, HTML_FLAG, HTML_HELP, writeHtmlFlag } from './html-flag.js';
import { recordingOf } from './replay.js';

const FLAGS: FlagTable = {
  seed: { kind: 'number', rule: integerFrom(0, Number.MAX_SAFE_INTEGER) },
  json: { kind: 'switch' },
  ...HTML_FLAG,
};

/** `adaptive-pool calibrate`. */
export const calibrateCommand: Command = {
  name: 'calibrate',
  summary: 'compare a recording with its own simulation',
  help: `adaptive-pool calibrate: compare a recording with its own simulation

  adaptive-pool calibrate pool.log

Simulates the recorded load with the recorded options and policy, and shows by how much the simulator is wrong. The bias is simulated minus recorded; the error is its size as a part of what was recorded.

  --seed N                    where all drawing comes from (default 1)
  --json                      instead of a table
${HTML_HELP}`,
  flags: FLAGS,
  mostArguments: 1,
  async run(flags: Flags, io: Io): Promise<string> {
    const file = recordingOf(flags, 'calibrate');
    checkHtmlFlag(flags);
    const progress = new Progress(io, 2);
    const { run } = await loadRecording(file, (part) => progress.report(0, part, 'reading'));
    const seed = flags.number('seed') ?? 1;
    const series = flags.has('html') ? new SeriesRecorder(run.lengthMs + 1) : undefined;
    const calibration = inFile(file, () =>
      calibrate(run, {
        seed,
        series,
        onProgress: (part) => progress.report(1, part, 'simulating'),
      }),
    );
    progress.clear();
    writeHtmlFlag(flags, FLAGS, () => ({
      command: 'calibrate',
      title: `Recording of ${calibration.scenario.name} and its simulation`,
      scenario: calibration.scenario,
      seed,
      replications: 1,
      policies: [{ result: calibration.result, series: series?.read() ?? null }],
      tables: [tableOf(run, calibration)],
    }));
    return flags.has('json')
      ? toJson(file, run, calibration)
      : toText(file, run, calibration, widthOf(io));
  },
};

function toText(
  file: string,
  run: RecordedRun,
  { figures, meanError, load }: Calibration,
  width: number,
): string {
  const rows = [['', ...COLUMNS], ...figures.map((one) => rowOf(one))];
  const lines = [
    `${printable(file)}: pool ${printable(run.header?.pool ?? '')}, policy ${printable(run.settings?.policyName ?? '')}, ${short(run.lengthMs / 1_000)} s, ${run.arrivals} arrivals`,
    ...provenance(run, load),
    '',
    ...alignedRows(rows, width),
    '',
    `mean error ${percent(meanError)}`,
  ];
  return fold(`${lines.join('\n')}\n`, width);
}

const COLUMNS = ['recorded', 'simulated', 'bias', 'error'] as const;

function rowOf({ figure, unit, recorded, simulated, bias, error }: CalibratedFigure): string[] {
  return [
    figure + (unit === 'ms' ? ', ms' : ''),
    short(recorded),
    short(simulated),
    `${bias > 0 ? '+' : bias < 0 ? '-' : ''}${short(Math.abs(bias))}`,
    percent(error),
  ];
}

function tableOf(run: RecordedRun, { figures, meanError, load }: Calibration): HtmlTable {
  return {
    heading: 'Recorded and simulated',
    text: `The bias is simulated minus recorded; the error is its size as a part of what was recorded, ${percent(meanError)} in the mean. ${sentences(provenance(run, load))}`,
    columns: ['Figure', ...COLUMNS],
    rows: figures.map((one) => rowOf(one)),
  };
}

function percent(part: number | null): string {
  return part === null ? '-' : `${(100 * part).toFixed(1)} %`;
}

function toJson(file: string, run: RecordedRun, calibration: Calibration): string {
  const { requests, figures, meanError, load } = calibration;
  const report = {
    version: 1,
    file,
    pool: run.header?.pool,
    policy: run.settings?.policyName,
    requests,
    figures: figures.map((figure: CalibratedFigure) => ({
      ...figure,
      recorded: rounded(figure.recorded),
      simulated: rounded(figure.simulated),
      bias: rounded(figure.bias),
      error: figure.error === null ? null : rounded(figure.error),
    })),
    meanError: rounded(meanError),
    assumptions: provenance(run, load),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
