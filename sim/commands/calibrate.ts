import { integerFrom } from '../../src/control/fields.js';
import { printable } from '../input-error.js';
import { Progress } from '../progress.js';
import { calibrate, type CalibratedFigure, type Calibration } from '../recording/calibrate.js';
import { loadRecording } from '../recording/recording.js';
import type { RecordedRun } from '../recording/recorded-run.js';
import { provenance } from '../recording/simulate-recording.js';
import { rounded } from '../report/json.js';
import { short } from '../report/table.js';
import type { Command, Io } from './command.js';
import type { Flags } from './flags.js';
import { inFile, recordingOf } from './replay.js';

/** `adaptive-pool calibrate`. */
export const calibrateCommand: Command = {
  name: 'calibrate',
  summary: 'compare a recording with its own simulation',
  help: `adaptive-pool calibrate: compare a recording with its own simulation

  adaptive-pool calibrate pool.log

Simulates the recorded load with the recorded options and policy, and shows by how much the simulator is wrong. The bias
is simulated minus recorded; the error is its size as a part of what was recorded.

  --seed N                    where all drawing comes from (default 1)
  --json                      instead of a table
`,
  flags: {
    seed: { kind: 'number', rule: integerFrom(0, Number.MAX_SAFE_INTEGER) },
    json: { kind: 'switch' },
  },
  mostArguments: 1,
  async run(flags: Flags, io: Io): Promise<string> {
    const file = recordingOf(flags, 'calibrate');
    const progress = new Progress(io, 2);
    const { run } = await loadRecording(file, (part) => progress.report(0, part, 'reading'));
    const calibration = inFile(file, () =>
      calibrate(run, {
        seed: flags.number('seed'),
        onProgress: (part) => progress.report(1, part, 'simulating'),
      }),
    );
    progress.clear();
    return flags.has('json') ? toJson(file, run, calibration) : toText(file, run, calibration);
  },
};

function toText(file: string, run: RecordedRun, { figures, meanError, load }: Calibration): string {
  const rows = [
    ['', 'recorded', 'simulated', 'bias', 'error'],
    ...figures.map((one) => [
      one.figure + (one.unit === 'ms' ? ', ms' : ''),
      short(one.recorded),
      short(one.simulated),
      `${one.bias > 0 ? '+' : one.bias < 0 ? '-' : ''}${short(Math.abs(one.bias))}`,
      percent(one.error),
    ]),
  ];
  const widths = rows[0]?.map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = [
    `${printable(file)}: pool ${printable(run.header?.pool ?? '')}, policy ${printable(run.settings?.policyName ?? '')}, ${short(run.lengthMs / 1_000)} s, ${run.arrivals} arrivals`,
    ...provenance(run, load),
    '',
    ...rows.map((row) =>
      row
        .map((cell, column) => {
          const width = widths?.[column] ?? 0;
          return column === 0 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  '),
    ),
    '',
    `mean error ${percent(meanError)}`,
  ];
  return `${lines.join('\n')}\n`;
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
