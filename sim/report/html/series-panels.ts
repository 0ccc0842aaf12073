import type { RunSeries } from '../../analysis/time-series.js';
import { short, timeText, valueAxis, waitAxis } from './scale.js';
import type { Axis } from './scale.js';

type Values = readonly (number | null)[];

/** One curve of a panel. */
export interface Curve {
  readonly name: string;
  /** Which colour and stroke; see the style sheet. */
  readonly look: string;
  /** Areas are filled down to zero. */
  readonly isArea: boolean;
  readonly values: Values;
}

/** One picture of the stack over the shared time axis. */
export interface Panel {
  readonly title: string;
  readonly axis: Axis;
  readonly heightPx: number;
  /** Drawn in this order. */
  readonly curves: readonly Curve[];
  /** A level drawn across the panel. */
  readonly level: { readonly name: string; readonly value: number } | null;
  /** The panel in a sentence, for who does not see it. */
  readonly summary: string;
}

/** The axes that all policies of a report share, so that their pictures can be compared. */
export interface Scales {
  /** End of the time axis, in milliseconds. */
  readonly lengthMs: number;
  readonly arrivals: Axis;
  readonly size: Axis;
  readonly waiting: Axis;
  readonly wait: Axis;
  /** Null where no policy capped anything. */
  readonly permits: Axis | null;
}

/** Axes that hold every one of `all`, from zero. */
export function scalesOf(all: readonly RunSeries[], waitObjectiveMs: number): Scales {
  const most = (values: (one: RunSeries) => Values): number =>
    all.reduce((highest, one) => Math.max(highest, mostOf(values(one))), 0);
  const permits = most((one) => one.permits);
  const inUse = most((one) => one.inUse);
  return {
    lengthMs: most((one) => [one.lengthMs]),
    arrivals: valueAxis(most((one) => one.arrivals)),
    size: valueAxis(
      most((one) => [mostOf(one.size), mostOf(one.target)]),
      '',
      true,
    ),
    waiting: valueAxis(
      most((one) => one.mostWaiting),
      '',
      true,
    ),
    // The objective stays in the picture unless it is far above every wait.
    wait: waitAxis(
      Math.max(
        most((one) => one.waitP99Ms),
        Math.min(1.05 * waitObjectiveMs, 4 * most((one) => one.waitP99Ms)),
      ),
    ),
    permits: permits === 0 ? null : valueAxis(Math.max(permits, inUse), '', true),
  };
}

/** The panels of a run, from the cause to the effect. */
export function panelsOf(series: RunSeries, scales: Scales, waitObjectiveMs: number): Panel[] {
  const at = (values: Values): string => peakText(values, series);
  const panels: Panel[] = [
    {
      title: 'Arrivals per second',
      axis: scales.arrivals,
      heightPx: 72,
      curves: [area('arrivals', 'arrivals', series.arrivals)],
      level: null,
      summary: `Arrivals per second: highest ${at(series.arrivals)}.`,
    },
    {
      title: 'Connections',
      axis: scales.size,
      heightPx: 120,
      curves: [
        area('in use', 'in-use', series.inUse),
        line('size', 'size', series.size),
        // Above the size, which hides it otherwise most of the time.
        line('target', 'target', series.target),
      ],
      level: null,
      summary: `Connections: size highest ${at(series.size)}; in use highest ${at(series.inUse)}; target highest ${at(series.target)}.`,
    },
    {
      title: 'Callers waiting',
      axis: scales.waiting,
      heightPx: 72,
      curves: [
        area('most at once', 'most-waiting', series.mostWaiting),
        line('mean', 'waiting', series.waiting),
      ],
      level: null,
      summary: `Callers waiting: most at once ${at(series.mostWaiting)}.`,
    },
    {
      title: `Wait, ${scales.wait.unit}`,
      axis: scales.wait,
      heightPx: 96,
      curves: [area('p99', 'p99', series.waitP99Ms), line('median', 'p50', series.waitP50Ms)],
      level:
        waitObjectiveMs <= scales.wait.most
          ? { name: `objective ${short(waitObjectiveMs)} ms`, value: waitObjectiveMs }
          : null,
      summary: `Wait in milliseconds: 99th percentile highest ${at(series.waitP99Ms)}; median highest ${at(series.waitP50Ms)}; objective ${short(waitObjectiveMs)}.`,
    },
  ];
  if (scales.permits !== null) {
    panels.push({
      title: 'Permits: most connections in use at once',
      axis: scales.permits,
      heightPx: 72,
      curves: [area('in use', 'in-use', series.inUse), line('permits', 'permits', series.permits)],
      level: null,
      summary: `Permits: ${mostOf(series.permits) === 0 ? 'no cap' : `highest ${at(series.permits)}`}.`,
    });
  }
  return panels;
}

/**
 * A curve with a step per bin, as the `d` of a path on 1000 × 100 units; a gap where a value is null.
 *
 * @param widthMs What 1000 units stand for.
 * @param most What 100 units stand for.
 */
export function stepPath(
  { values, isArea }: Pick<Curve, 'values' | 'isArea'>,
  { binMs, lengthMs }: Pick<RunSeries, 'binMs' | 'lengthMs'>,
  widthMs: number,
  most: number,
): string {
  const x = (ms: number): string => tenths((1_000 * Math.min(ms, lengthMs)) / widthMs);
  let path = '';
  let drawn: string | null = null;
  for (const [bin, value] of [...values, null].entries()) {
    const y = value === null ? null : tenths(100 - (100 * value) / most);
    if (y === drawn) continue;
    const at = x(bin * binMs);
    if (drawn !== null) path += `H${at}`;
    if (y === null) path += isArea ? 'V100Z' : '';
    else if (drawn === null) path += isArea ? `M${at},100V${y}` : `M${at},${y}`;
    else path += `V${y}`;
    drawn = y;
  }
  return path;
}

function area(name: string, look: string, values: Values): Curve {
  return { name, look, isArea: true, values };
}

function line(name: string, look: string, values: Values): Curve {
  return { name, look, isArea: false, values };
}

function mostOf(values: Values): number {
  let most = 0;
  for (const value of values) if (value !== null && value > most) most = value;
  return most;
}

function peakText(values: Values, { binMs, lengthMs }: RunSeries): string {
  const most = mostOf(values);
  if (most === 0) return '0';
  return `${short(most)} at ${timeText(values.indexOf(most) * binMs, lengthMs)}`;
}

function tenths(value: number): string {
  return String(Math.round(value * 10) / 10);
}
