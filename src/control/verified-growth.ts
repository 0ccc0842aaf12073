import type { Decision, Limit, Verdict } from './decision.js';
import { addLimit } from './limits.js';
import {
  advanceSearch,
  searchDown,
  searchUp,
  WORTHWHILE,
  type Finding,
  type Search,
} from './knee-search.js';
import { clamp } from './numbers.js';
import type { Policy, PolicyConfig } from './policy.js';
import type { Signals } from './signals.js';
import {
  addSamples,
  elasticity,
  NO_SAMPLE,
  perSecond,
  sumSamples,
  usesAtOnce,
  type Sample,
} from './throughput.js';
import {
  isHot,
  NO_BASELINE,
  observeBaseline,
  recentUseMs,
  type UseBaseline,
} from './use-baseline.js';
import { observeTick, TICK_BEGINS, type PartOfTick, type Tick } from './whole-ticks.js';

/** Saturated ticks without a create after which a growth is tested. */
const SETTLED_TICKS = 5;
/** Saturated ticks that are remembered. */
const MOST_TICKS = 12;
/** Least ticks of a measurement that was not planned, and completions that make it one. */
const FEW_TICKS = 3;
const ENOUGH_COMPLETIONS = 200;
/** Growth during saturation that is large enough to see what it brought. */
const VISIBLE_GROWTH = 1.3;
/** Ticks without waiters after which a growth has cured the queue. */
const CURED_TICKS = 5;
/** Ticks without waiters after which a cap goes although uses still take long. */
const UNUSED_TICKS = 20;
/** Shortest and longest time between two tests, in milliseconds; doubling. */
const SHORTEST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;

/** A cap that was found. */
interface Cap {
  readonly kind: 'cap';
  readonly permits: number;
  /** What was measured with it. */
  readonly held: Sample;
  readonly heldMs: number;
}

/** What is remembered of growth and what it brought; plain JSON. */
export interface GrowthState {
  readonly part: PartOfTick;
  readonly use: UseBaseline;
  /** The last saturated ticks, without a gap between them. */
  readonly saturated: readonly Sample[];
  /** How many of them in a row saw no create. */
  readonly settledTicks: number;
  /** Ticks in a row in which nobody waited. */
  readonly quietTicks: number;
  /** `seq` of the last growth while callers waited that has no verdict yet. */
  readonly of: number | null;
  readonly test: Search | Cap | null;
  /** No test for so long, and the pause after the next one, in milliseconds. */
  readonly restMs: number;
  readonly pauseMs: number;
}

/** Nothing has grown yet. */
export const NO_GROWTH: GrowthState = {
  part: TICK_BEGINS,
  use: NO_BASELINE,
  saturated: [],
  settledTicks: 0,
  quietTicks: 0,
  of: null,
  test: null,
  restMs: 0,
  pauseMs: SHORTEST_PAUSE_MS,
};

/** What one decision adds to what the inner policy says. */
export interface Verification {
  readonly state: GrowthState;
  readonly permits: number | null;
  /** Why the pool may not grow beyond its permits, or null. */
  readonly limit: Limit | null;
  readonly verdict: Verdict | undefined;
}

/** What a policy that verifies its growth remembers. */
export interface VerifiedState<State> {
  readonly inner: State;
  readonly growth: GrowthState;
}

/**
 * A policy whose growth is verified: when uses take longer while callers wait, it measures whether fewer uses at once
 * bring as much. If they do, permits are capped there and the policy's growth is held until the load falls or more uses
 * at once help again.
 */
export function verified<State, Config extends PolicyConfig>(
  inner: Policy<State, Config>,
): Policy<VerifiedState<State>, Config> {
  return {
    name: inner.name,
    init: (config) => ({ inner: inner.init(config), growth: NO_GROWTH }),
    decide(signals, previous, config): Decision<VerifiedState<State>> {
      const decision = inner.decide(signals, previous.inner, config);
      const verification = verifyGrowth(signals, previous.growth, config.tickMs);
      return withVerification(decision, verification, signals);
    },
  };
}

function withVerification<State>(
  decision: Decision<State>,
  { state, permits, limit, verdict }: Verification,
  signals: Signals,
): Decision<VerifiedState<State>> {
  const limitedBy: Limit[] = [...decision.limitedBy];
  const most = Math.min(decision.permits ?? Infinity, permits ?? Infinity);
  // Connections beyond the permits bring nothing; those that exist stay until they are idle for long.
  const ceiling =
    permits === null
      ? Infinity
      : Math.max(signals.min, permits, Math.min(signals.size, signals.target));
  const target = Math.min(decision.target, ceiling);
  const isHeld = target < decision.target;
  if (limit !== null && (isHeld || signals.pending > 0)) addLimit(limitedBy, limit);
  const isGrowing = target > signals.target && signals.pending > 0;
  return {
    ...decision,
    target,
    permits: Number.isFinite(most) ? most : null,
    limitedBy,
    ...(verdict === undefined ? undefined : { verdict }),
    state: {
      inner: decision.state,
      growth: isGrowing ? { ...state, of: signals.seq } : state,
    },
    wakeInMs: isHeld ? null : decision.wakeInMs,
  };
}

/** Adds one interval, and says what the permits are to be. */
export function verifyGrowth(
  signals: Signals,
  previous: GrowthState,
  tickMs: number,
): Verification {
  const { part, tick, isGap } = observeTick(previous.part, signals, tickMs);
  if (isGap) return answer({ ...NO_GROWTH, use: previous.use }, undefined);
  if (tick === null) return answer({ ...previous, part }, undefined);
  const state = observe({ ...previous, part }, tick);
  const { test } = state;
  if (test === null) return watch(state, tick, signals, tickMs);
  if (test.kind === 'search') return search(state, test, tick, signals, tickMs);
  return hold(state, test, tick, tickMs);
}

function observe(state: GrowthState, tick: Tick): GrowthState {
  const { isQueued, isFull, isSettled, sample } = tick;
  const use = observeBaseline(state.use, sample, isQueued);
  const isSaturated = isQueued && isFull && isHot(use);
  return {
    ...state,
    use,
    saturated: isSaturated ? [...state.saturated, sample].slice(-MOST_TICKS) : [],
    settledTicks: isSaturated && isSettled ? state.settledTicks + 1 : 0,
    quietTicks: isQueued ? 0 : state.quietTicks + 1,
    restMs: Math.max(0, state.restMs - sample.ms),
  };
}

/** Without a test: has the growth helped, must it be tested? */
function watch(state: GrowthState, tick: Tick, signals: Signals, tickMs: number): Verification {
  if (state.quietTicks >= CURED_TICKS) {
    const calm = { ...state, of: null, pauseMs: SHORTEST_PAUSE_MS };
    return answer(calm, state.of === null ? undefined : unmeasured('cured', state.of));
  }
  const isDue =
    state.restMs === 0 && (state.settledTicks >= SETTLED_TICKS || broughtNothing(state.saturated));
  if (!isDue) return answer(state, undefined);
  const reference = lately(state.saturated);
  const test = searchDown(reference, recentUseMs(state.use), tickMs);
  return answer({ ...state, test, saturated: [], settledTicks: 0 }, undefined);
}

/** The last ticks that make a measurement. */
function lately(ticks: readonly Sample[]): Sample {
  let sum = NO_SAMPLE;
  let count = 0;
  for (const tick of ticks.toReversed()) {
    if (count >= FEW_TICKS && sum.completions >= ENOUGH_COMPLETIONS) break;
    sum = addSamples(sum, tick);
    count += 1;
  }
  return sum;
}

/**
 * Whether the uses at once rose during saturation and the throughput did not. Only a suspicion, because the backend may
 * have changed meanwhile: the test compares two measurements of one time.
 */
function broughtNothing(ticks: readonly Sample[]): boolean {
  // Something may have changed in the middle of the first tick.
  const first = sumSamples(ticks.slice(1, 1 + FEW_TICKS));
  const last = sumSamples(ticks.slice(1 + FEW_TICKS).slice(-FEW_TICKS));
  if (Math.min(first.completions, last.completions) < ENOUGH_COMPLETIONS) return false;
  const found = elasticity(first, last);
  const isVisible = usesAtOnce(last) >= VISIBLE_GROWTH * usesAtOnce(first);
  return isVisible && found !== null && found.value < WORTHWHILE;
}

function search(
  state: GrowthState,
  test: Search,
  tick: Tick,
  { max }: Signals,
  tickMs: number,
): Verification {
  const found = advanceSearch(test, tick, recentUseMs(state.use), tickMs, max);
  if (found.kind === 'search') return answer({ ...state, test: found }, undefined);
  const cap: Cap | null =
    found.permits === null
      ? null
      : { kind: 'cap', permits: found.permits, held: NO_SAMPLE, heldMs: 0 };
  const hasMoved = test.direction === 'up' && found.permits !== test.bestPermits;
  const pauseMs = hasMoved ? SHORTEST_PAUSE_MS : state.pauseMs;
  const after: GrowthState = {
    ...state,
    test: cap,
    of: null,
    saturated: [],
    settledTicks: 0,
    restMs: pauseMs,
    pauseMs: Math.min(LONGEST_PAUSE_MS, 2 * pauseMs),
  };
  return answer(after, verdictOf(found, state.of));
}

/** With a cap: is it still needed, is it still right? */
function hold(state: GrowthState, cap: Cap, tick: Tick, tickMs: number): Verification {
  const { quietTicks, use } = state;
  if (quietTicks >= (isHot(use) ? UNUSED_TICKS : CURED_TICKS)) {
    return answer({ ...state, test: null, restMs: 0, pauseMs: SHORTEST_PAUSE_MS }, undefined);
  }
  const isMeasured = tick.isQueued && tick.isFull;
  const held = isMeasured ? addSamples(faded(cap.held), tick.sample) : cap.held;
  if (state.restMs === 0 && isMeasured) {
    const test = searchUp(held, cap.permits, recentUseMs(use), tickMs);
    return answer({ ...state, test }, undefined);
  }
  return answer(
    { ...state, test: { ...cap, held, heldMs: cap.heldMs + tick.sample.ms } },
    undefined,
  );
}

/** What was measured long ago counts less. */
function faded(sample: Sample): Sample {
  if (sample.ms < SHORTEST_PAUSE_MS) return sample;
  const { ms, completions, busyMs } = sample;
  return { ms: ms / 2, completions: completions / 2, busyMs: busyMs / 2 };
}

function verdictOf({ kind, samples }: Finding, of: number | null): Verdict | undefined {
  if (kind === null || (kind === 'cured' && of === null)) return undefined;
  if (samples === null) return unmeasured(kind, of);
  const [before, after] = samples;
  return {
    kind,
    of,
    permits: samples.map((one) => Math.round(usesAtOnce(one))),
    throughputPerSecond: samples.map(perSecond),
    elasticity: elasticity(before, after)?.value ?? null,
  };
}

function unmeasured(kind: Verdict['kind'], of: number | null): Verdict {
  return { kind, of, permits: null, throughputPerSecond: null, elasticity: null };
}

function answer(state: GrowthState, verdict: Verdict | undefined): Verification {
  const { test } = state;
  const permits = test === null ? null : clamp(test.permits, 1, Number.MAX_SAFE_INTEGER);
  const limit: Limit | null =
    test === null ? null : test.kind === 'cap' ? 'backend-saturated' : 'verifying';
  return { state, permits, limit, verdict };
}
