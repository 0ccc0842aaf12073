/** Far above any real count or duration, far below where sums of such numbers overflow. */
const LARGEST = 1e12;

/** `value` held within `low..high`; `low` wins when they cross. */
export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

/** A measurement as the arithmetic may use it: 0..1e12, so that no sum or product of two becomes Infinity or NaN. */
export function measured(value: number): number {
  return value > 0 ? Math.min(value, LARGEST) : 0;
}

/** A number of connections: rounded up, 0..1e12. The epsilon forgives the last bits of a quotient that is an integer. */
export function wholeConnections(value: number): number {
  return Math.ceil(measured(value) - 1e-9) + 0;
}

/** An instant as the arithmetic may use it: anything that is no finite number is 0, a clock that went back. */
export function instant(now: number): number {
  return Number.isFinite(now) ? now : 0;
}
