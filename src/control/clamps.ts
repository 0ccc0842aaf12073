import { clientCap, observeClient, type ClientState } from './client-saturation.js';
import type { Decision, Limit } from './decision.js';
import { hintedFloor, type HintedFloor } from './hints.js';
import { addLimit } from './limits.js';
import { clamp, measured } from './numbers.js';
import { observeServerLimit, type ServerLimit } from './server-limit.js';
import type { Signals } from './signals.js';

/** Uses in the last second that make their mean worth remembering. */
const ENOUGH_USES = 10;

/** What is remembered for all policies alike. */
export interface ClampState {
  /** Mean use time of the last second that had enough uses, in milliseconds. */
  readonly useMs: number | null;
  readonly serverLimit: ServerLimit | null;
  /** Moment of the latest announced load that is being prepared, in monotonic milliseconds, or null. */
  readonly preparing: number | null;
  /** How busy the event loop is, or null where that is not measured. */
  readonly client: ClientState | null;
}

/** Nothing was measured or refused yet. */
export const UNCLAMPED: ClampState = {
  useMs: null,
  serverLimit: null,
  preparing: null,
  client: null,
};

/** The bounds of one decision. */
export interface Clamps {
  readonly state: ClampState;
  /** What the policy is told: `min` raised to what was announced, `max` lowered to what the server allows. */
  readonly signals: Signals;
  readonly hinted: HintedFloor;
}

/** Bounds that hold whatever the policy is. */
export function clampsFor(signals: Signals, previous: ClampState): Clamps {
  const observed = observe(signals, previous);
  const hinted = hintedFloor(signals, observed.useMs, previous.preparing);
  const { preparing } = hinted;
  const state = preparing === observed.preparing ? observed : { ...observed, preparing };
  const { min, max } = signals;
  const most = clamp(state.serverLimit?.size ?? max, min, max);
  const least = clamp(hinted.size, min, most);
  const isAsBefore = most === max && least === min;
  return { state, hinted, signals: isAsBefore ? signals : { ...signals, min: least, max: most } };
}

function observe(signals: Signals, previous: ClampState): ClampState {
  const { use } = signals;
  // Only announced rates need it, so once per tick is often enough.
  const isKnown = signals.cause !== 'pressure' && use.count >= ENOUGH_USES && use.meanMs !== null;
  const useMs = isKnown ? measured(use.meanMs) : previous.useMs;
  const serverLimit = observeServerLimit(previous.serverLimit, signals);
  const client = observeClient(previous.client, signals);
  const isAsBefore =
    useMs === previous.useMs && serverLimit === previous.serverLimit && client === previous.client;
  return isAsBefore ? previous : { ...previous, useMs, serverLimit, client };
}

/** The decision held within the bounds, with the names of those that held it. */
export function clampDecision<State>(
  decision: Decision<State>,
  clamps: Clamps,
  given: Signals,
): Decision<State> {
  const { min, max } = clamps.signals;
  const wanted = Math.round(decision.target);
  const permits = wholePermits(decision.permits);
  let target = clamp(wanted, min, max);
  const isGrowing = target > Math.max(given.target, min);
  const isFree = min === given.min && max === given.max && clamps.hinted.wakeInMs === null;
  // The common case, in which nothing is to be changed.
  if (isFree && !isGrowing && target === decision.target && permits === decision.permits) {
    return decision;
  }
  const limitedBy: Limit[] = [...decision.limitedBy];
  if (wanted > given.max) addLimit(limitedBy, 'max');
  else if (wanted < given.min) addLimit(limitedBy, 'min');
  // The policy saw the lower maximum, so it may have said `max` itself.
  if (max < given.max && wanted >= max) replaceLimit(limitedBy, 'max', 'server-limit');
  if (isGrowing && decision.reason !== 'fixed') {
    const most = Math.max(given.target, min, clientCap(given, clamps.state.client));
    if (target > most) addLimit(limitedBy, 'client-saturated');
    target = Math.min(target, most);
  }
  const isHinted =
    min > given.min && target === min && (given.pending === 0 || decision.reason === 'floor');
  if (isHinted) replaceLimit(limitedBy, 'min', null);
  const { wakeInMs } = clamps.hinted;
  return {
    ...decision,
    target,
    permits,
    limitedBy,
    reason: isHinted ? 'hint' : decision.reason,
    candidates: min > given.min ? { ...decision.candidates, hint: min } : decision.candidates,
    wakeInMs:
      wakeInMs === null ? decision.wakeInMs : Math.min(wakeInMs, decision.wakeInMs ?? wakeInMs),
  };
}

/** A cap on leases in whole ones; one that caps nothing is none. */
function wholePermits(permits: number | null): number | null {
  return permits === null || permits === Number.POSITIVE_INFINITY ? null : Math.floor(permits);
}

function replaceLimit(limits: Limit[], old: Limit, limit: Limit | null): void {
  const at = limits.indexOf(old);
  if (at >= 0) limits.splice(at, 1);
  if (limit !== null) addLimit(limits, limit);
}

/** What is remembered after a decision that grew although the event loop has no time left. */
export function rememberGrowth(
  state: ClampState,
  decision: Decision<unknown>,
  { now, target }: Signals,
): ClampState {
  const { client } = state;
  const isCautious = decision.limitedBy.includes('client-saturated') && decision.target > target;
  return client !== null && isCautious ? { ...state, client: { ...client, grewAt: now } } : state;
}
