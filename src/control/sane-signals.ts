import { instant, measured } from './numbers.js';
import type { Signals } from './signals.js';

/** Levels and sums over the interval: never below zero. */
const AMOUNTS = [
  'size',
  'creating',
  'checking',
  'idle',
  'inUse',
  'pending',
  'oldestWaitMs',
  'oldestCreateMs',
  'intervalMs',
  'arrivals',
  'completions',
  'timeouts',
  'rejections',
  'created',
  'inUseMs',
  'pendingMs',
  'peakInUse',
  'peakDemand',
  'lowestIdle',
] as const satisfies readonly (keyof Signals)[];

/**
 * The signals, with every number that cannot be replaced by the nearest that can: a clock that jumped or a host with a bug
 * must not put NaN into a policy's memory, where it would stay. The same object when nothing is wrong.
 */
export function saneSignals(signals: Signals): Signals {
  if (Number.isFinite(signals.now) && AMOUNTS.every((name) => isSane(signals[name]))) {
    return signals;
  }
  const amounts = Object.fromEntries(AMOUNTS.map((name) => [name, measured(signals[name])]));
  return { ...signals, now: instant(signals.now), ...amounts };
}

function isSane(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
