import type { Decision } from '../decision.js';
import { numberFrom, type FieldRule } from '../fields.js';
import { NO_LOAD, observeLoad, type LoadState } from '../load.js';
import type { Policy, PolicyConfig } from '../policy.js';
import type { Signals } from '../signals.js';
import { decideSize, SIZING_DEFAULTS, wishFor, type SizingRules } from '../sizing.js';

/** Options of the policy `littles-law`: as many connections as the measured load needs, soon enough and no longer. */
export interface LittlesLawOptions {
  /**
   * How long connections must be unused before they are closed, in milliseconds, 1 to 86,400,000.
   * @default the break-even time: 1,000 create times, at least 10 s and at most 300 s
   */
  readonly idleBeforeCloseMs?: number | undefined;
}

/** What the fields of {@link LittlesLawOptions} must be. */
export const littlesLawRules: Readonly<Record<string, FieldRule>> = {
  idleBeforeCloseMs: numberFrom(1, 86_400_000),
};

/** {@link LittlesLawOptions} with defaults. */
export function resolveLittlesLaw(options: LittlesLawOptions, base: PolicyConfig): SizingRules {
  return {
    ...base,
    ...SIZING_DEFAULTS,
    tolerance: 0,
    idleBeforeCloseMs: options.idleBeforeCloseMs ?? null,
  };
}

/**
 * The largest of three sizes: the minimum, `R + √R` for the steady load, and what drains the backlog that will remain when
 * a new connection is ready. Connections that nobody needed for the break-even idle time are closed.
 */
export const littlesLawPolicy: Policy<LoadState, SizingRules> = {
  name: 'littles-law',
  init: () => NO_LOAD,
  decide(signals: Signals, previous: LoadState, rules: SizingRules): Decision<LoadState> {
    const load = observeLoad(signals, previous, rules);
    return decideSize(signals, load, wishFor(signals, load, rules), rules);
  },
};
