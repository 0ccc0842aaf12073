import { clientCeiling } from './client-saturation.js';
import { clamp, measured } from './numbers.js';
import type { Signals } from './signals.js';
import { NEARLY_A_TICK } from './whole-ticks.js';

/** What the busiest moments of the past needed. */
export interface EnvelopeState {
  /** Most arrivals in windows of 1, 2, 4, … ms within the present tick; empty if nobody came. */
  readonly arrivals: readonly number[];
  /** Time of the present tick that has passed, in milliseconds. */
  readonly elapsedMs: number;
  /** Most connections that this process could have kept busy in the present tick, or null. */
  readonly ceiling: number | null;
  /** Needs of the last ticks, oldest first, in connections. */
  readonly needs: readonly number[];
  /** What was enough in the wanted part of them. */
  readonly enduring: number;
}

/** Nobody came yet. */
export const NO_ENVELOPE: EnvelopeState = {
  arrivals: [],
  elapsedMs: 0,
  ceiling: null,
  needs: [],
  enduring: 0,
};

/** How the past is remembered. */
export interface EnvelopeRules {
  readonly tickMs: number;
  readonly waitObjectiveMs: number;
  /** How long a busy moment is remembered, in milliseconds. */
  readonly memoryMs: number;
  /** Part of ticks that the pool is large enough for, 0..1. */
  readonly quantile: number;
}

/**
 * Connections that the arrivals of one interval needed, so that nobody waits longer than the objective W:
 * `max over w of (α(w) + √α(w))·S / (S + W + w)`, where α(w) is the most arrivals in any window of w milliseconds.
 *
 * By the time W after a window of length w, n connections have begun `n·(1 + (w + W)/S)` uses. Long windows give `λ·S`
 * (Little's law), k callers at once `k·S/(S + W)`; the root is one standard deviation of the sum of k use times that are
 * as irregular as exponential ones. (Delay bound of network calculus: R. L. Cruz, "A calculus for
 * network delay", 1991.) Unlike the peak of callers it is not inflated by a queue that the pool itself caused.
 */
export function envelopeNeed(
  arrivalEnvelope: readonly number[],
  useMs: number,
  waitObjectiveMs: number,
): number {
  let need = 0;
  for (let index = 0; index < arrivalEnvelope.length; index += 1) {
    const count = measured(arrivalEnvelope[index] as number);
    need = Math.max(
      need,
      ((count + Math.sqrt(count)) * useMs) / (useMs + waitObjectiveMs + 2 ** index),
    );
  }
  return need;
}

/** Adds one interval. Arrivals before the first use time is known wait for it. */
export function observeEnvelope(
  state: EnvelopeState,
  signals: Signals,
  useMs: number | null,
  rules: EnvelopeRules,
): EnvelopeState {
  const arrivals = largest(state.arrivals, signals.arrivalEnvelope);
  const elapsedMs = state.elapsedMs + measured(signals.intervalMs);
  const ceiling = lower(state.ceiling, clientCeiling(signals));
  const { needs, enduring } = state;
  if (elapsedMs < NEARLY_A_TICK * rules.tickMs || (useMs === null && arrivals.length > 0)) {
    return { arrivals, elapsedMs, ceiling, needs, enduring };
  }
  const length = Math.max(1, Math.round(rules.memoryMs / rules.tickMs));
  // A pool at rest does not tick: nobody came until now.
  const quiet = clamp(Math.round(elapsedMs / rules.tickMs) - 1, 0, length - 1);
  const kept = needs.slice(Math.max(0, needs.length + quiet + 1 - length));
  for (let tick = 0; tick < quiet; tick += 1) kept.push(0);
  kept.push(needOf({ arrivals, ceiling }, useMs ?? 0, rules));
  const above = ticksAbove(kept, rules);
  return { arrivals: [], elapsedMs: 0, ceiling: null, needs: kept, enduring: ranked(kept, above) };
}

/** Connections that were enough in the wanted part of the remembered ticks, the present one included. */
export function enduringNeed(state: EnvelopeState, useMs: number, rules: EnvelopeRules): number {
  // Among many ticks the present one does not count: whoever waits in it asks for himself.
  if (ticksAbove(state.needs, rules) > 0) return state.enduring;
  return Math.max(state.enduring, needOf(state, useMs, rules));
}

/** How many ticks may have needed more. */
function ticksAbove(needs: readonly number[], { quantile }: EnvelopeRules): number {
  return Math.floor((1 - quantile) * needs.length + 1e-9);
}

/** The largest value but `above`; 0 if there are not so many. */
function ranked(needs: readonly number[], above: number): number {
  const top: number[] = [];
  for (const need of needs) {
    if (top.length > above && need <= (top[above] as number)) continue;
    let place = top.length;
    while (place > 0 && (top[place - 1] as number) < need) place -= 1;
    top.splice(place, 0, need);
    if (top.length > above + 1) top.pop();
  }
  return top[above] ?? 0;
}

function needOf(
  { arrivals, ceiling }: Pick<EnvelopeState, 'arrivals' | 'ceiling'>,
  useMs: number,
  rules: EnvelopeRules,
): number {
  const need = envelopeNeed(arrivals, useMs, rules.waitObjectiveMs);
  return ceiling === null ? need : Math.min(need, ceiling);
}

function largest(one: readonly number[], other: readonly number[]): readonly number[] {
  if (!other.some((count) => count > 0)) return one;
  if (one.length === 0) return other.map(measured);
  return other.map((count, window) => Math.max(measured(count), one[window] ?? 0));
}

function lower(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
