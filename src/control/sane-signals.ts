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
  if (isSane(signals)) return signals;
  const amounts = Object.fromEntries(AMOUNTS.map((name) => [name, measured(signals[name])]));
  return { ...signals, now: instant(signals.now), ...amounts };
}

/** Spelled out, since a loop over names costs twenty times as much. */
function isSane(signals: Signals): boolean {
  const { size, creating, checking, idle, inUse, pending, oldestWaitMs, oldestCreateMs } = signals;
  const { intervalMs, arrivals, completions, timeouts, rejections, created } = signals;
  const { inUseMs, pendingMs, peakInUse, peakDemand, lowestIdle } = signals;
  const levels =
    size + creating + checking + idle + inUse + pending + oldestWaitMs + oldestCreateMs;
  const counts = intervalMs + arrivals + completions + timeouts + rejections + created;
  const others = inUseMs + pendingMs + peakInUse + peakDemand + lowestIdle;
  return (
    Math.abs(signals.now) + levels + counts + others <= Number.MAX_SAFE_INTEGER &&
    Math.min(size, creating, checking, idle, inUse, pending, oldestWaitMs, oldestCreateMs) >= 0 &&
    Math.min(intervalMs, arrivals, completions, timeouts, rejections, created) >= 0 &&
    Math.min(inUseMs, pendingMs, peakInUse, peakDemand, lowestIdle) >= 0
  );
}
