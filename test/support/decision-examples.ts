import type {
  Episode,
  Limit,
  Reason,
  ScaleDecision,
  VerdictKind,
} from '../../src/control/decision.js';
import type { Signals } from '../../src/control/signals.js';
import { describeDecision } from '../../src/telemetry/decision-message.js';
import { always, signalsOf } from './timeline.js';

type Given = Partial<Omit<ScaleDecision, 'signals'>> & { readonly signals?: Partial<Signals> };

/** The line of a decision of a pool called `sessions`, 2..64, that aims for 10 ms. */
function lineOf({ signals, ...given }: Given): string {
  const { from = 8, to = from, min = 2, max = 64 } = given;
  return describeDecision({
    event: 'pool.scale',
    mode: 'act',
    pool: 'sessions',
    at: 0,
    seq: 1,
    policy: 'adaptive',
    cause: 'tick',
    direction: to > from ? 'grow' : to < from ? 'shrink' : 'hold',
    permits: null,
    waitObjectiveMs: 10,
    reason: 'steady',
    limitedBy: [],
    candidates: {},
    signals: signalsOf({ inUse: from, ...signals }),
    ...given,
    from,
    to,
    min,
    max,
  });
}

function linesOf<Word extends string>(given: Readonly<Record<Word, Given>>): Record<Word, string> {
  const lines = Object.entries<Given>(given).map(([word, one]) => [word, lineOf(one)] as const);
  return Object.fromEntries(lines) as Record<Word, string>;
}

const create = always(30);
const late = { pending: 29, wait: always(23), create } as const;
const early = { pending: 12, oldestWaitMs: 5, create } as const;
const held = { inUse: 64, pending: 3_156, wait: always(1_100), create } as const;

/** A line for every reason. */
export const REASON_LINES: Readonly<Record<Reason, string>> = linesOf<Reason>({
  fixed: { from: 0, to: 20, reason: 'fixed' },
  floor: { from: 0, to: 2, reason: 'floor' },
  'cold-start': {
    from: 10,
    to: 20,
    reason: 'cold-start',
    signals: { pending: 98, oldestWaitMs: 50 },
  },
  staffing: {
    from: 47,
    to: 48,
    reason: 'staffing',
    candidates: { staffing: 48 },
    signals: { pending: 1, oldestWaitMs: 0.4 },
  },
  envelope: {
    from: 15,
    to: 17,
    reason: 'envelope',
    candidates: { envelope: 17 },
    signals: { pending: 85, oldestWaitMs: 0.2 },
  },
  hint: {
    from: 2,
    to: 23,
    reason: 'hint',
    candidates: { hint: 23 },
    signals: { inUse: 0, idle: 2 },
  },
  drain: { from: 6, to: 8, reason: 'drain', signals: { ...late, inUse: 4, creating: 2 } },
  'returns-suffice': { reason: 'returns-suffice', signals: { pending: 1, oldestWaitMs: 0.3 } },
  'queue-depth': {
    from: 2,
    to: 6,
    reason: 'queue-depth',
    signals: { pending: 54, wait: always(51) },
  },
  'idle-surplus': {
    from: 50,
    to: 47,
    reason: 'idle-surplus',
    note: '45 unused for 30 s, keeping them costs more than reopening (30 ms)',
  },
  utilisation: {
    from: 19,
    to: 20,
    reason: 'utilisation',
    note: '13.4 wanted on average over 300 ms',
    signals: { inUse: 9, idle: 5, creating: 5 },
  },
  forecast: { from: 20, to: 34, reason: 'forecast', candidates: { forecast: 34 } },
  steady: { from: 20, reason: 'steady', signals: { inUse: 4, idle: 16 } },
  manual: { from: 64, to: 32, max: 32, reason: 'manual' },
  custom: { to: 12, reason: 'custom', note: 'as many as were wanted at once' },
});

const gate = { state: 'backing-off', limit: 0, reopensInMs: 93, failuresInARow: 2 } as const;

/** A line for every limit. */
export const LIMIT_LINES: Readonly<Record<Limit, string>> = linesOf<Limit>({
  min: { from: 2, limitedBy: ['min'], signals: { inUse: 0, idle: 2 } },
  max: { from: 64, reason: 'drain', limitedBy: ['max'], signals: held },
  'create-gate': {
    from: 20,
    to: 29,
    reason: 'drain',
    limitedBy: ['create-gate'],
    signals: { ...late, inUse: 0, gate },
  },
  'server-limit': {
    from: 40,
    reason: 'drain',
    limitedBy: ['server-limit'],
    signals: { ...late, inUse: 40 },
  },
  'backend-saturated': {
    from: 64,
    reason: 'drain',
    limitedBy: ['backend-saturated'],
    permits: 27,
    signals: { ...held, inUse: 27, idle: 37 },
  },
  verifying: {
    from: 64,
    reason: 'drain',
    limitedBy: ['verifying'],
    permits: 48,
    signals: { ...held, inUse: 48, idle: 16 },
  },
  panic: { from: 50, limitedBy: ['panic'], signals: { inUse: 9, idle: 41 } },
  'thin-evidence': {
    from: 2,
    reason: 'drain',
    limitedBy: ['thin-evidence'],
    signals: { pending: 22, wait: always(12), create },
  },
  'client-saturated': {
    from: 20,
    to: 22,
    reason: 'drain',
    limitedBy: ['client-saturated'],
    signals: { ...late, eventLoopUtilisation: 0.97 },
  },
  'creates-in-flight': {
    to: 20,
    reason: 'drain',
    limitedBy: ['creates-in-flight'],
    signals: early,
  },
  'break-even': { from: 10, limitedBy: ['break-even'], signals: { inUse: 6, idle: 4 } },
  'shrink-rate': {
    from: 126,
    to: 114,
    max: 200,
    reason: 'idle-surplus',
    note: '14 unused for 30 s, keeping them costs more than reopening (30 ms)',
    limitedBy: ['shrink-rate'],
  },
  'create-failures': { from: 20, limitedBy: ['create-failures'], signals: { inUse: 4, idle: 16 } },
  tolerance: {
    from: 47,
    reason: 'staffing',
    candidates: { staffing: 48 },
    limitedBy: ['tolerance'],
    signals: { inUse: 42, idle: 5 },
  },
  stabilisation: { from: 23, limitedBy: ['stabilisation'], signals: { inUse: 6, idle: 17 } },
  forecast: {
    from: 34,
    limitedBy: ['forecast'],
    candidates: { forecast: 34 },
    signals: { inUse: 6, idle: 28 },
  },
  permits: {
    from: 20,
    reason: 'drain',
    limitedBy: ['permits'],
    permits: 20,
    signals: { ...late, inUse: 20 },
  },
  'policy-error': { from: 20, limitedBy: ['policy-error'], signals: { inUse: 4, idle: 16 } },
});

/** A line for every verdict. */
export const VERDICT_LINES: Readonly<Record<VerdictKind, string>> = linesOf<VerdictKind>({
  cured: {
    from: 24,
    signals: { inUse: 7, idle: 17, wait: { ...always(0), p99Ms: 14 } },
    verdict: {
      kind: 'cured',
      of: 25,
      permits: null,
      throughputPerSecond: null,
      elasticity: null,
    },
  },
  exogenous: {
    from: 60,
    reason: 'drain',
    limitedBy: ['max'],
    max: 60,
    signals: { inUse: 45, idle: 15, pending: 681, wait: always(326), create },
    verdict: {
      kind: 'exogenous',
      of: 166,
      permits: [60, 45],
      throughputPerSecond: [1_554, 1_100],
      elasticity: 1.2,
    },
  },
  knee: {
    from: 64,
    reason: 'drain',
    limitedBy: ['backend-saturated'],
    permits: 27,
    signals: { ...held, inUse: 27, idle: 37 },
    verdict: {
      kind: 'knee',
      of: 162,
      permits: [64, 27],
      throughputPerSecond: [1_930, 2_510],
      elasticity: -0.3,
    },
  },
});

/** A line for every episode. */
export const EPISODE_LINES: Readonly<Record<Episode, string>> = linesOf<Episode>({
  'panic-enter': {
    from: 2,
    to: 6,
    reason: 'drain',
    signals: { pending: 8, oldestWaitMs: 5.3, create },
    episode: 'panic-enter',
  },
  'panic-exit': {
    from: 50,
    signals: { inUse: 0, idle: 50 },
    limitedBy: ['break-even'],
    episode: 'panic-exit',
  },
});
