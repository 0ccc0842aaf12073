import type { Decision } from '../../src/control/decision.js';
import { addLimit, noteGate, withinBounds } from '../../src/control/limits.js';
import type { Limit } from '../../src/control/decision.js';
import type { Signals } from '../../src/control/signals.js';

/** While callers wait and more could be opened, these pools act at every acquire; asked this often, in milliseconds. */
const LOOK_MS = 1;

/** A baseline's decision: the size it wants, in its own words. */
export function baselineDecision<State>(
  signals: Signals,
  wanted: number,
  state: State,
  note: string,
): Decision<State> {
  const limitedBy: Limit[] = [];
  const target = withinBounds(wanted, signals, limitedBy);
  noteGate(target, signals, limitedBy);
  if (target === signals.size && signals.creating > 0) addLimit(limitedBy, 'creates-in-flight');
  return {
    target,
    permits: null,
    reason: 'custom',
    note,
    limitedBy,
    candidates: { baseline: wanted },
    state,
    wakeInMs: signals.pending > 0 && target < signals.max ? LOOK_MS : null,
  };
}

/**
 * Size when every waiter without a connection on its way opens one: `size + (pending − creating)`. Connections that will
 * come back in a moment do not count, which is what makes these pools open all they may in a burst.
 */
export function onePerWaiter({ size, pending, creating, min }: Signals): number {
  return Math.max(min, size + Math.max(0, pending - creating));
}

/** Size when one connection at a time is opened while anyone waits. */
export function oneAtATime({ size, pending, creating, min }: Signals): number {
  const isGrowing = creating > 0 && size > min;
  return Math.max(min, pending > 0 && !isGrowing ? size + 1 : size);
}
