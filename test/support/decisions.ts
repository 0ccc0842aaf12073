import type { ScaleDecision } from '../../src/control/decision.js';
import type { Signals } from '../../src/control/signals.js';
import { describeDecision } from '../../src/telemetry/decision-message.js';
import { signalsOf } from './timeline.js';

export type Given = Partial<Omit<ScaleDecision, 'signals'>> & {
  readonly signals?: Partial<Signals>;
};

/** A decision that changes nothing, but for what is given. */
export function decisionOf({ signals, ...given }: Given = {}): ScaleDecision {
  const fields: Omit<ScaleDecision, 'message'> = {
    event: 'pool.scale',
    mode: 'act',
    pool: 'sessions',
    at: 0,
    seq: 1,
    policy: 'littles-law',
    cause: 'tick',
    direction: 'hold',
    from: 8,
    to: 8,
    min: 2,
    max: 64,
    permits: null,
    waitObjectiveMs: 10,
    reason: 'steady',
    limitedBy: [],
    candidates: {},
    signals: signalsOf({ inUse: 8, ...signals }),
    ...given,
  };
  return { ...fields, message: describeDecision(fields) };
}

export const growing = { direction: 'grow', from: 8, to: 12 } as const;
export const shrinking = { direction: 'shrink', from: 12, to: 10 } as const;

export const verdict = {
  kind: 'knee',
  of: 812,
  permits: [8, 6],
  throughputPerSecond: [4_000.2, 3_990],
  elasticity: 0.009,
} as const;
