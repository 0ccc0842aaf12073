import { NO_ARRIVALS, observeArrivals, type ArrivalState } from './arrival-rate.js';
import { breakEvenIdleMs } from './break-even.js';
import { observeCold, type ColdState } from './cold-start.js';
import { measured } from './numbers.js';
import { NO_PRESENT_USE, observePresentUse, presentUseMs, type PresentUse } from './present-use.js';
import { NOTHING_CLOSED, observeShrink, type ShrinkState } from './shrink.js';
import type { Signals } from './signals.js';
import { NO_USE, observeUse, useTimeMs, type UseTimeState } from './use-time.js';

/** Assumed create time before any connection was opened, in milliseconds. */
export const UNKNOWN_CREATE_MS = 10;

/** What is remembered of past load. */
export interface LoadState {
  readonly use: UseTimeState;
  /** The same of the last moments. */
  readonly present: PresentUse;
  readonly arrivals: ArrivalState;
  /** Last known median create time in milliseconds. */
  readonly createMs: number | null;
  /** The episode of waiting without enough evidence, or null. */
  readonly cold: ColdState | null;
  readonly shrink: ShrinkState;
}

/** Nothing was measured yet. */
export const NO_LOAD: LoadState = {
  use: NO_USE,
  present: NO_PRESENT_USE,
  arrivals: NO_ARRIVALS,
  createMs: null,
  cold: null,
  shrink: NOTHING_CLOSED,
};

/** What the load looks like at a decision. */
export interface Load {
  readonly state: LoadState;
  /** Mean use time in milliseconds, or null before the first completion. */
  readonly useMs: number | null;
  /** The same for a queue of now: more if uses have just become longer. */
  readonly presentUseMs: number | null;
  /** Create time in milliseconds, assumed if none is known. */
  readonly createMs: number;
  /** Idle time before closing, in milliseconds. */
  readonly idleMs: number;
}

/** How to look at the load. */
export interface LoadRules {
  readonly tickMs: number;
  /** Idle time before closing in milliseconds, or null for the break-even time. */
  readonly idleBeforeCloseMs: number | null;
  /** Cost of opening a connection over the cost of keeping one for a create time. */
  readonly idleCostRatio: number;
}

/** The measurements of one interval added to the memory. */
export function observeLoad(signals: Signals, previous: LoadState, rules: LoadRules): Load {
  const median = signals.create.p50Ms;
  const known = median === null ? previous.createMs : measured(median);
  const createMs = known ?? Math.max(measured(signals.oldestCreateMs), UNKNOWN_CREATE_MS);
  const use = observeUse(previous.use, signals);
  const useMs = useTimeMs(use, signals.inUse, signals.use);
  const present = observePresentUse(previous.present, signals, useMs);
  const idleMs = rules.idleBeforeCloseMs ?? breakEvenIdleMs(known, rules.idleCostRatio);
  const state: LoadState = {
    use,
    present,
    arrivals: observeArrivals(previous.arrivals, signals, rules.tickMs, useMs, createMs),
    createMs: known,
    cold: observeCold(previous.cold, signals, use.completions),
    shrink: observeShrink(previous.shrink, signals, idleMs),
  };
  const presentMs = useMs === null ? null : presentUseMs(present, signals.inUse, useMs);
  return { state, useMs, presentUseMs: presentMs, createMs, idleMs };
}
