import type { Reason } from './decision.js';

/** Why the target stays: right as it is, unless `min` or `max` moved it from `before` to `kept`. */
export function reasonToStay(before: number, kept: number): Reason {
  if (kept > before) return 'floor';
  return kept < before ? 'manual' : 'steady';
}
