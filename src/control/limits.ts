import type { Limit } from './decision.js';
import { clamp, wholeConnections } from './numbers.js';
import type { Signals } from './signals.js';

/** `wanted` as an integer within `min..max`; appends the bound that held it to `limits`. */
export function withinBounds(wanted: number, signals: Signals, limits: Limit[]): number {
  const { min, max } = signals;
  const size = wholeConnections(wanted);
  if (size > max) addLimit(limits, 'max');
  else if (size < min) addLimit(limits, 'min');
  return clamp(size, min, max);
}

/** Appends `create-gate` when connections are missing that the gate does not let start now. */
export function noteGate(target: number, signals: Signals, limits: Limit[]): void {
  const { gate, size, creating } = signals;
  if (target > size && (gate.state !== 'open' || creating >= gate.limit)) {
    addLimit(limits, 'create-gate');
  }
}

/** Appends a limit unless it is there. */
export function addLimit(limits: Limit[], limit: Limit): void {
  if (!limits.includes(limit)) limits.push(limit);
}
