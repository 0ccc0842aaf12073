import type { Limit, Verdict } from './decision.js';
import { advanceSearch, searchDown, searchFrom, type Finding, type Search } from './knee-search.js';
import { clamp } from './numbers.js';
import { broughtNothing, extendStretches, lastStretches } from './saturated-time.js';
import type { Signals } from './signals.js';
import {
  addSamples,
  elasticity,
  NO_SAMPLE,
  perSecond,
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
  /** Where the next re-examination looks: above and below by turns. */
  readonly next: 'down' | 'up';
}

/** What is remembered of growth and what it brought; plain JSON. */
export interface GrowthState {
  readonly part: PartOfTick;
  readonly use: UseBaseline;
  /** The last saturated time without a gap, in stretches of a tick, or more where few uses end in one. */
  readonly saturated: readonly Sample[];
  /** Saturated ticks in a row that saw no create. */
  readonly settledTicks: number;
  /** Ticks in a row in which nobody waited. */
  readonly quietTicks: number;
  /** `seq` of the last growth while callers waited that has no verdict yet. */
  readonly of: number | null;
  readonly test: Search | Cap | null;
  /** Whether the last test saw more than fewer uses can explain, so that it must be repeated. */
  readonly isDoubtful: boolean;
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
  isDoubtful: false,
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
  return hold(state, test, tick, signals.max, tickMs);
}

function observe(state: GrowthState, tick: Tick): GrowthState {
  const { isQueued, isFull, isSettled, sample } = tick;
  const use = observeBaseline(state.use, sample, isQueued);
  const isSaturated = isQueued && isFull && isHot(use);
  return {
    ...state,
    use,
    saturated: isSaturated ? extendStretches(state.saturated, sample) : [],
    settledTicks: isSaturated && isSettled ? state.settledTicks + 1 : 0,
    quietTicks: isQueued ? 0 : state.quietTicks + 1,
    restMs: Math.max(0, state.restMs - sample.ms),
  };
}

/** Without a test: has the growth helped, must it be tested? */
function watch(state: GrowthState, tick: Tick, signals: Signals, tickMs: number): Verification {
  if (state.quietTicks >= CURED_TICKS) {
    const calm = { ...state, of: null, isDoubtful: false, pauseMs: SHORTEST_PAUSE_MS };
    return answer(calm, state.of === null ? undefined : unmeasured('cured', state.of));
  }
  const isRested = state.restMs === 0;
  // Near the knee a growth may look worthwhile, and the next one collapse: such evidence need not wait, once.
  const mayHurry = state.pauseMs <= 2 * SHORTEST_PAUSE_MS;
  const isDue =
    (isRested && state.settledTicks >= SETTLED_TICKS) ||
    ((isRested || mayHurry) && broughtNothing(state.saturated));
  if (!isDue) return answer(state, undefined);
  const reference = lastStretches(state.saturated, state.settledTicks * tickMs);
  if (reference === null) return answer(state, undefined);
  const test = searchDown(reference, state.isDoubtful, recentUseMs(state.use), tickMs);
  return answer({ ...state, test, saturated: [], settledTicks: 0 }, undefined);
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
      : { kind: 'cap', permits: found.permits, held: NO_SAMPLE, next: turned(test.direction) };
  const isNew = found.kind === 'cured' || (test.direction === 'up' && test.hasMoved);
  const pauseMs = isNew ? SHORTEST_PAUSE_MS : state.pauseMs;
  // Without a cap and without a verdict the next test must not have to wait.
  const isJudged = found.kind === 'knee' || found.kind === 'exogenous';
  const after: GrowthState = {
    ...state,
    test: cap,
    of: found.kind === null ? state.of : null,
    saturated: [],
    settledTicks: 0,
    isDoubtful: found.kind === null,
    restMs: isJudged ? pauseMs : 0,
    pauseMs: isJudged ? Math.min(LONGEST_PAUSE_MS, 2 * pauseMs) : pauseMs,
  };
  return answer(after, verdictOf(found, state.of));
}

/** With a cap: is it still needed, is it still right? */
function hold(state: GrowthState, cap: Cap, tick: Tick, max: number, tickMs: number): Verification {
  const { quietTicks, use } = state;
  if (quietTicks >= (isHot(use) ? UNUSED_TICKS : CURED_TICKS)) {
    return answer({ ...state, test: null, restMs: 0, pauseMs: SHORTEST_PAUSE_MS }, undefined);
  }
  const isMeasured = tick.isQueued && tick.isFull;
  const held = isMeasured ? addSamples(faded(cap.held), tick.sample) : cap.held;
  if (state.restMs === 0 && isMeasured) {
    const from = { reference: held, permits: cap.permits, max };
    const useMs = recentUseMs(use);
    const test = searchFrom(cap.next, from, useMs, tickMs) ?? searchFrom('up', from, useMs, tickMs);
    return answer({ ...state, test }, undefined);
  }
  return answer({ ...state, test: { ...cap, held } }, undefined);
}

function turned(direction: 'down' | 'up'): 'down' | 'up' {
  return direction === 'up' ? 'down' : 'up';
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
