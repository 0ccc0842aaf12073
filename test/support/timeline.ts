import { expect } from 'vitest';
import type { Decision } from '../../src/control/decision.js';
import { consult } from '../../src/autoscaler/consult.js';
import { freshMemory, type Memory } from '../../src/autoscaler/memory.js';
import { resolvePolicy, type PolicyOption } from '../../src/control/policies/index.js';
import type { DurationSummary, Signals } from '../../src/control/signals.js';

/** A duration of which nothing is known. */
export const NO_SAMPLES: DurationSummary = {
  count: 0,
  meanMs: null,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  maxMs: null,
};

/** A duration that was always `ms`. */
export function always(ms: number, count = 100): DurationSummary {
  return { count, meanMs: ms, p50Ms: ms, p95Ms: ms, p99Ms: ms, maxMs: ms };
}

/** Signals of a pool at rest, 0..64, with these differences; `size` is the sum of its parts unless given. */
export function signalsOf(given: Partial<Signals> = {}): Signals {
  const { creating = 0, checking = 0, idle = 0, inUse = 0, pending = 0 } = given;
  const size = given.size ?? creating + checking + idle + inUse;
  return {
    now: 0,
    cause: 'tick',
    seq: 1,
    size,
    creating,
    checking,
    idle,
    inUse,
    pending,
    oldestWaitMs: 0,
    oldestCreateMs: 0,
    min: 0,
    max: 64,
    target: size,
    permits: null,
    intervalMs: 100,
    arrivals: 0,
    completions: 0,
    timeouts: 0,
    rejections: 0,
    created: 0,
    createFailures: { transient: 0, permanent: 0, serverLimit: 0, timeout: 0 },
    inUseMs: 0,
    pendingMs: 0,
    peakInUse: inUse,
    peakDemand: inUse + pending,
    lowestIdle: idle,
    arrivalsPerMs: [],
    arrivalEnvelope: [],
    hints: [],
    wait: NO_SAMPLES,
    use: NO_SAMPLES,
    create: NO_SAMPLES,
    gate: { state: 'open', limit: 64, reopensInMs: 0, failuresInARow: 0 },
    eventLoopUtilisation: null,
    ...given,
  };
}

/** A tick of steady traffic: `perTick` callers, each `useMs` long. */
export function traffic(
  perTick: number,
  useMs: number,
  rest: Partial<Signals> = {},
): Partial<Signals> {
  return {
    arrivals: perTick,
    completions: perTick,
    inUseMs: perTick * useMs,
    arrivalsPerMs: Array.from({ length: 100 }, () => perTick / 100),
    create: always(5),
    ...rest,
  };
}

/** What differs from the signals of a pool at rest; as a function, of the target that the policy asked for before. */
export type Given = Partial<Signals> | ((target: number) => Partial<Signals>);

/** One moment of a timeline: what the policy is shown, and what it must answer. */
export interface Row {
  readonly at: number;
  readonly given: Given;
  readonly expected: Partial<Decision<unknown>>;
}

/** A row without an expectation yet; it may stand alone where only the past matters. */
export interface OpenRow extends Row {
  /** What the policy must answer; fields that are left out may be anything. */
  expect(expected: Partial<Decision<unknown>>): Row;
}

/** Begins a row at this many milliseconds. */
export function at(ms: number): { signals(given: Given): OpenRow } {
  return {
    signals: (given) => ({
      at: ms,
      given,
      expected: {},
      expect: (expected) => ({ at: ms, given, expected }),
    }),
  };
}

/** The same row again and again: `ticks(0, 1_000)` is 0, 100, … 1,000. */
export function ticks(
  fromMs: number,
  toMs: number,
  row: (ms: number) => Row,
  everyMs = 100,
): readonly Row[] {
  const rows: Row[] = [];
  for (let ms = fromMs; ms <= toMs; ms += everyMs) rows.push(row(ms));
  return rows;
}

/**
 * Shows the rows to a policy one after the other, as the autoscaler does. Each row starts from `base`; the target is what the policy said
 * before, the interval is the time since the row before. The state goes through JSON between any two rows.
 */
export function timeline(
  policy: PolicyOption,
  base: Partial<Signals>,
  ...rows: readonly (Row | readonly Row[])[]
): readonly Decision<unknown>[] {
  const resolved = resolvePolicy(policy, { waitObjectiveMs: 10, tickMs: 100 });
  let memory = freshMemory(resolved);
  let before: number | null = null;
  let target: number | undefined;
  const decisions: Decision<unknown>[] = [];
  for (const row of rows.flat()) {
    const intervalMs: number = before === null ? 100 : row.at - before;
    const carried = target === undefined ? {} : { target };
    const given = typeof row.given === 'function' ? row.given(target ?? 0) : row.given;
    const signals = signalsOf({ intervalMs, ...base, ...carried, ...given, now: row.at });
    const { decision, problem } = consult(resolved, signals, memory);
    expect(problem).toBeNull();
    expect(decision, `at ${row.at} ms`).toMatchObject(row.expected);
    decisions.push(decision);
    memory = JSON.parse(JSON.stringify(decision.state)) as Memory;
    target = decision.target;
    before = row.at;
  }
  return decisions;
}
