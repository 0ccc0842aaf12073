import type { SeriesRecorder } from '../analysis/time-series.js';
import { WaitTimes } from '../analysis/wait-times.js';
import type { RecordedRun } from './recorded-run.js';
import { waitsOf } from './recorded-result.js';
import { simulateRecording } from './simulate-recording.js';
import type { SimulatedRecording } from './simulate-recording.js';

/** One figure as it was and as the simulator has it. */
export interface CalibratedFigure {
  readonly figure: string;
  readonly unit: 'ms' | 'connections';
  readonly recorded: number;
  readonly simulated: number;
  /** Simulated minus recorded: above 0 the simulator says too much. */
  readonly bias: number;
  /** Size of the bias as a part of the recorded value; null when that is 0 and the simulated is not. */
  readonly error: number | null;
}

/** How far the simulator can be trusted with this pool. */
export interface Calibration extends SimulatedRecording {
  readonly requests: number;
  readonly figures: readonly CalibratedFigure[];
  /** Mean of the errors, of those figures that have one. */
  readonly meanError: number;
}

const PARTS: readonly (readonly [string, number])[] = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
];

/**
 * Simulates a recorded run with its own options and policy and compares. A timeout counts as a wait on both sides; wait plus use is that of the requests that ended.
 *
 * @throws {@link InputError} when the run cannot be simulated.
 */
export function calibrate(
  run: RecordedRun,
  options: {
    readonly seed?: number | undefined;
    /** Sees how the simulation goes over time. */
    readonly series?: SeriesRecorder | undefined;
    readonly onProgress?: ((part: number) => void) | undefined;
  } = {},
): Calibration {
  const totals = new WaitTimes();
  const probe = {
    arrived: (): void => {},
    granted: (): void => {},
    released: (useMs: number, _arrivedAt: number, waitMs: number): void =>
      totals.add(waitMs + useMs),
    created: (): void => {},
  };
  const { result, load, scenario, changes } = simulateRecording(run, { ...options, probe });
  const waits = waitsOf(run);
  const { wait } = result;
  const simulatedWaits = [wait.p50Ms, wait.p95Ms, wait.p99Ms];
  const figures = [
    ...PARTS.map(([name, part], index) =>
      compared(`wait ${name}`, 'ms', waits.quantile(part), simulatedWaits[index] ?? 0),
    ),
    ...PARTS.map(([name, part]) =>
      compared(`wait + use ${name}`, 'ms', run.totals.quantile(part), totals.quantile(part)),
    ),
    compared('mean size', 'connections', run.meanSize, result.meanSize),
  ];
  const errors = figures.flatMap(({ error }) => (error === null ? [] : [error]));
  const meanError = errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
  return { scenario, changes, load, result, requests: load.atMs.length, figures, meanError };
}

/** Less than a nanosecond, or than any connection, is rounding. */
const SMALLEST_BIAS = 1e-6;

function compared(
  figure: string,
  unit: CalibratedFigure['unit'],
  recorded: number,
  simulated: number,
): CalibratedFigure {
  const difference = simulated - recorded;
  // Sums of the same recorded durations in another order.
  const bias = Math.abs(difference) < SMALLEST_BIAS ? 0 : difference;
  const error = bias === 0 ? 0 : recorded === 0 ? null : Math.abs(bias) / recorded;
  return { figure, unit, recorded, simulated, bias, error };
}
