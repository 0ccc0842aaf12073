/** Where ticks stand on an axis from zero, and what they say. */
export interface Axis {
  /** End of the axis; a tick stands there when it is an axis of values. */
  readonly most: number;
  readonly ticks: readonly number[];
  readonly unit: string;
  /** What a tick says, without the unit. */
  label(value: number): string;
}

interface Unit {
  readonly name: string;
  readonly ms: number;
  /** Distances between ticks in this unit. */
  readonly steps: readonly number[];
}

const DECIMAL_STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500] as const;
const MILLISECONDS: Unit = { name: 'ms', ms: 1, steps: DECIMAL_STEPS };
const UNITS: readonly Unit[] = [
  { name: 'hours', ms: 3_600_000, steps: [0.5, 1, 2, 3, 4, 6, 12, 24, 48, 96, 168, 336, 720] },
  { name: 'minutes', ms: 60_000, steps: [0.5, 1, 2, 5, 10, 15, 20, 30, 60] },
  { name: 'seconds', ms: 1_000, steps: [0.5, 1, 2, 5, 10, 15, 20, 30, 60] },
];
/** Intervals between ticks at most: a tick's text is about a sixth of a phone wide. */
const MOST_TIME_INTERVALS = 6;
const MOST_VALUE_INTERVALS = 4;

/** Axis of time from 0 to `lengthMs`; ticks are in milliseconds, their text in the unit that suits. */
export function timeAxis(lengthMs: number): Axis {
  const unit = UNITS.find(({ ms }) => lengthMs >= 3 * ms) ?? MILLISECONDS;
  const length = lengthMs / unit.ms;
  const step =
    unit.steps.find((one) => length / one <= MOST_TIME_INTERVALS) ??
    roundStep(length / MOST_TIME_INTERVALS);
  return {
    most: lengthMs,
    ticks: multiples(step, length).map((value) => value * unit.ms),
    unit: unit.name,
    label: (value) => short(value / unit.ms),
  };
}

/**
 * Axis of values from 0 to a round number that is not below `most`.
 *
 * @param unit What the values are in.
 * @param isInteger Ticks are integers.
 */
export function valueAxis(most: number, unit = '', isInteger = false): Axis {
  const wanted = most === 0 ? 1 : roundStep(most / MOST_VALUE_INTERVALS);
  const step = isInteger ? Math.ceil(wanted) : wanted;
  const end = Math.max(1, Math.ceil(most / step - 1e-9)) * step;
  return { most: end, ticks: multiples(step, end), unit, label: short };
}

/** Axis of waits, in milliseconds or in seconds; its values are milliseconds. */
export function waitAxis(mostMs: number): Axis {
  if (mostMs < 2_000) return valueAxis(mostMs, 'ms');
  const axis = valueAxis(mostMs / 1_000, 's');
  return {
    ...axis,
    most: axis.most * 1_000,
    ticks: axis.ticks.map((value) => value * 1_000),
    label: (value) => axis.label(value / 1_000),
  };
}

/** At most three significant digits below a thousand; `12,300` or `1.2M` above. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1_000) return grouped(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** An integer with a comma between thousands, the same in every locale. */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A time of a run as text, such as `12.35 s`: to a millisecond, or a tenth of one in short runs. */
export function timeText(atMs: number, lengthMs: number): string {
  if (lengthMs < 3_000) return `${Number(atMs.toFixed(1))} ms`;
  const seconds = atMs / 1_000;
  if (lengthMs < 600_000) return `${seconds.toFixed(2)} s`;
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 3_600)}:${twoDigits(Math.floor(whole / 60) % 60)}:${twoDigits(whole % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function multiples(step: number, most: number): number[] {
  const count = Math.floor(most / step + 1e-9);
  // Division by the inverse keeps 3 × 0.1 from becoming 0.30000000000000004.
  return Array.from({ length: count + 1 }, (_none, index) =>
    Number((index * step).toPrecision(12)),
  );
}

/** The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `value`. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 2.5, 5].find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}
