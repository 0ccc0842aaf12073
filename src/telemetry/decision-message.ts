import type { Episode, Limit, Reason, ScaleDecision } from '../control/decision.js';
import type { Signals } from '../control/signals.js';
import { formatMs, SLOW_CREATE_MS } from '../control/words.js';
import { describeVerdict } from './verdict-message.js';

/** A decision before its message is written. */
export type DecisionFields = Omit<ScaleDecision, 'message'>;

/** Each episode in words. */
export const EPISODES: Readonly<Record<Episode, string>> = {
  'panic-enter': 'far more are needed than are open, so none is closed until that settles',
  'panic-exit': 'the load has settled, so unused ones may be closed again',
};

/**
 * The decision as one line for a person, such as
 * `sessions grow 8→12 (max 64): 37 waiting, wait p99 41 ms > 10 ms; 8/8 in use; a new connection takes 1.9 ms`.
 *
 * Head: pool, direction, targets, the bound ahead; of a policy that only observes `sessions (step) would grow 8→12`. Then the reason in words, what held it, and the verdict on an
 * earlier growth.
 */
export function describeDecision(fields: DecisionFields): string {
  const { verdict } = fields;
  const parts = [because(fields)];
  for (const limit of fields.limitedBy) parts.push(LIMITS[limit](fields));
  if (fields.permits !== null) parts.push(`at most ${fields.permits} in use at once`);
  if (verdict !== undefined) parts.push(describeVerdict({ ...fields, verdict }));
  if (fields.episode !== undefined) parts.push(EPISODES[fields.episode]);
  return `${head(fields)}: ${join(...parts)}`;
}

function head({ pool, mode, policy, direction, from, to, min, max }: DecisionFields): string {
  const who = mode === 'act' ? pool : `${pool} (${policy}) would`;
  if (direction === 'grow') return `${who} grow ${from}→${to} (max ${max})`;
  if (direction === 'shrink') return `${who} shrink ${from}→${to} (min ${min})`;
  return `${who} hold ${to} (min ${min}, max ${max})`;
}

function because(fields: DecisionFields): string {
  return join(REASONS[fields.reason](fields), fields.note);
}

/** Each reason in words. */
export const REASONS: Readonly<Record<Reason, (fields: DecisionFields) => string>> = {
  fixed: () => 'a fixed size',
  floor: (fields) => join(`the minimum of ${fields.min} is kept ready`, waitingIfAny(fields)),
  'cold-start': (fields) =>
    join(
      waiting(fields),
      'no use time is known yet, so a few first and more while nothing comes back',
    ),
  staffing: (fields) =>
    join(
      `the load needs ${fields.candidates['staffing'] ?? 'more'}`,
      waitingIfAny(fields),
      inUse(fields),
    ),
  envelope: (fields) =>
    join(
      `the busiest moments need ${fields.candidates['envelope'] ?? 'more'} for waits of ${formatMs(fields.waitObjectiveMs)} at most`,
      waitingIfAny(fields),
      inUse(fields),
    ),
  hint: (fields) =>
    join(`the announced load needs ${fields.candidates['hint'] ?? 'more'}`, inUse(fields)),
  drain: (fields) => join(waiting(fields), inUse(fields), createTime(fields)),
  'queue-depth': (fields) => join(waiting(fields), inUse(fields)),
  'returns-suffice': (fields) =>
    fields.signals.pending > 0
      ? join(waiting(fields), `${servers(fields)} will serve them before a new connection could`)
      : 'nobody waits any more',
  // Policies say in their note what was unused and for how long.
  'idle-surplus': ({ note, signals }) => (note === undefined ? `${signals.idle} idle` : ''),
  // Policies say in their note what the average is and over what time.
  utilisation: (fields) => join(waitingIfAny(fields), inUse(fields)),
  forecast: ({ candidates, to }) => `${candidates['forecast'] ?? to} are expected to be needed`,
  steady: (fields) => join(waitingIfAny(fields) || 'nobody waits', inUse(fields)),
  manual: ({ min, max }) => `min ${min} and max ${max} were set`,
  custom: ({ note }) => (note === undefined ? 'a rule of its own' : ''),
};

function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('; ');
}

function waitingIfAny(fields: DecisionFields): string {
  return fields.signals.pending > 0 ? waiting(fields) : '';
}

function waiting({ signals, waitObjectiveMs }: DecisionFields): string {
  const { pending, oldestWaitMs, wait } = signals;
  const p99 = wait.p99Ms;
  if (p99 !== null && p99 > waitObjectiveMs) {
    return `${pending} waiting, wait p99 ${moreThan(p99, waitObjectiveMs)}`;
  }
  const oldest =
    oldestWaitMs > waitObjectiveMs
      ? moreThan(oldestWaitMs, waitObjectiveMs)
      : `${formatMs(oldestWaitMs)} of ${formatMs(waitObjectiveMs)}`;
  return `${pending} waiting, the oldest for ${oldest}`;
}

/** A time above a limit; one that reads like it when rounded must not make the line look wrong. */
function moreThan(ms: number, limitMs: number): string {
  const [time, limit] = [formatMs(ms), formatMs(limitMs)];
  return time === limit ? `just over ${limit}` : `${time} > ${limit}`;
}

function inUse({ signals }: DecisionFields): string {
  const usable = signals.size - signals.creating;
  const { creating, oldestCreateMs } = signals;
  const oldest =
    oldestCreateMs >= SLOW_CREATE_MS ? `, the oldest for ${formatMs(oldestCreateMs)}` : '';
  const connecting = creating > 0 ? `, ${creating} connecting${oldest}` : '';
  return `${signals.inUse}/${usable} in use${connecting}`;
}

/** Who serves the waiters without a further connection. */
function servers({ signals: { creating } }: DecisionFields): string {
  return creating === 0 ? 'returns' : `returns and the ${creating} connecting`;
}

function createTime({ signals }: DecisionFields): string {
  const ms = signals.create.p50Ms;
  // What creates took before says nothing while one hangs.
  return ms === null || signals.oldestCreateMs >= SLOW_CREATE_MS
    ? ''
    : `a new connection takes ${formatMs(ms)}`;
}

function gateText({ state, limit, failuresInARow, reopensInMs }: Signals['gate']): string {
  if (state === 'open') return `at most ${limit} ${limit === 1 ? 'is' : 'are'} opened at a time`;
  const failed = `${failuresInARow} failed in a row`;
  return state === 'backing-off'
    ? `${failed}, the next is opened in ${formatMs(reopensInMs)}`
    : `${failed}, so one at a time is tried`;
}

/** Each limit in words. */
export const LIMITS: Readonly<Record<Limit, (fields: DecisionFields) => string>> = {
  min: ({ min }) => `min ${min} allows no less`,
  max: ({ max }) => `max ${max} allows no more`,
  'create-gate': ({ signals: { gate } }) => gateText(gate),
  'server-limit': ({ to, min }) =>
    to > min
      ? `the server refused more than ${to}`
      : `the server refused some, so no more than min ${min} are tried`,
  'backend-saturated': () => 'more uses at once would bring no more',
  verifying: ({ permits }) => `measuring what ${permits ?? 'fewer'} uses at once bring`,
  panic: () => 'none is closed until the load has settled',
  'creates-in-flight': () => 'no more are opened than callers wait',
  'break-even': ({ signals }) => `${signals.idle} idle, but not for long enough`,
  'shrink-rate': () => 'only a few are closed at a time',
  'create-failures': () => 'none is closed soon after a failed create',
  'thin-evidence': () => 'few uses are known yet, so a few first',
  'client-saturated': ({ signals: { eventLoopUtilisation } }) =>
    clientText(eventLoopUtilisation ?? 1),
  tolerance: () => 'the difference is too small to act on',
  stabilisation: () => 'more were asked for a moment ago',
  forecast: ({ candidates }) =>
    `the forecast of ${candidates['forecast'] ?? 'more'} allows no less`,
  permits: () => 'more could not be used',
  'policy-error': ({ from, to }) =>
    `the policy failed, so ${from} ${from === to ? 'stays' : 'would stay'}`,
};

/** Also the event loop of a moment ago counts, which the signals of this one do not show. */
function clientText(utilisation: number): string {
  const busy = utilisation > 0.5 ? `is ${Math.round(100 * utilisation)} % busy` : 'has been busy';
  return `the event loop ${busy}, so growing slowly`;
}
