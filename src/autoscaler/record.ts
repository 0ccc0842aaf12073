import type { Decision, ScaleDecision } from '../control/decision.js';
import type { Mode } from '../control/mode.js';
import type { Signals } from '../control/signals.js';
import { describeDecision } from '../telemetry/decision-message.js';
import type { AutoscalerSettings } from './ports.js';

/** A decision as events, log lines and recordings show it. */
export function recordOf(
  settings: AutoscalerSettings,
  policy: string,
  mode: Mode,
  decision: Decision<unknown>,
  signals: Signals,
): ScaleDecision {
  const { name, min, max, waitObjectiveMs, epochAtZero } = settings;
  const { target: to, permits, reason, note, limitedBy, verdict, episode, candidates } = decision;
  const from = signals.target;
  const record: Omit<ScaleDecision, 'message'> = {
    event: mode === 'act' ? 'pool.scale' : 'pool.shadow',
    mode,
    pool: name,
    at: Math.round(epochAtZero + signals.now),
    seq: signals.seq,
    policy,
    cause: signals.cause,
    direction: to > from ? 'grow' : to < from ? 'shrink' : 'hold',
    from,
    to,
    min,
    max,
    permits,
    waitObjectiveMs,
    reason,
    ...(note === undefined ? undefined : { note }),
    limitedBy,
    ...(verdict === undefined ? undefined : { verdict }),
    ...(episode === undefined ? undefined : { episode }),
    candidates,
    signals,
  };
  return { ...record, message: describeDecision(record) };
}
