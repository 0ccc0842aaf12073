import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consult } from '../../src/autoscaler/consult.js';
import { freshMemory, type Memory } from '../../src/autoscaler/memory.js';
import { resolvePolicy, type PolicyOption } from '../../src/control/policies/index.js';
import type { DurationSummary, Signals } from '../../src/control/signals.js';
import { POLICY_NAMES } from '../../sim/policies.js';
import { signalsOf } from '../support/timeline.js';

const POLICIES: readonly PolicyOption[] = [
  'adaptive',
  { name: 'adaptive', memoryMs: 1_000, quantile: 1, headroom: 10, panicFactor: 1, tolerance: 0 },
  'fixed',
  { name: 'fixed', size: 7 },
  'step',
  { name: 'step', holdMs: 0, stepSize: 50, idleMs: 1 },
  'littles-law',
  { name: 'littles-law', idleBeforeCloseMs: 1 },
  'target-tracking',
  { name: 'target-tracking', stableWindowMs: 1, tolerance: 0, downStabilisationMs: 0 },
  'gradient',
  { name: 'gradient', limit: 'vegas', windowMs: 1, over: 'target-tracking' },
  { name: 'gradient', limit: 'aimd', windowMs: 1, minPermits: 1, over: 'predictive' },
  'predictive',
  { name: 'predictive', seasonMs: 10_000, over: 'step' },
  { name: 'predictive', seasonMs: 10_000, over: { name: 'gradient', over: 'fixed', windowMs: 1 } },
  { name: 'predictive', seasonMs: 10_000, headroom: 10, over: { name: 'gradient', windowMs: 1 } },
];

test('every named policy is among them', () => {
  const names = POLICIES.map((option) => (typeof option === 'string' ? option : option.name));
  expect(new Set(names)).toEqual(new Set(POLICY_NAMES));
});

/** Ticks, jumps of hours both ways, and nothing at all. */
const jump = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 3_600_000, -3_600_000, 86_400_000, -1) },
);

/** Mostly plausible, now and then anything that is finite. */
const count = fc.oneof(
  { weight: 9, arbitrary: fc.nat(200) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1e9, Number.MAX_SAFE_INTEGER) },
);
const duration = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: 0, max: 60_000, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, Number.MIN_VALUE, 1e300, Number.MAX_VALUE) },
);
const summary: fc.Arbitrary<DurationSummary> = fc.option(duration).map((ms) => ({
  count: ms === null ? 0 : Math.ceil(ms) % 40,
  meanMs: ms,
  p50Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
  maxMs: ms,
}));

const anySignals: fc.Arbitrary<Partial<Signals>> = fc
  .record({
    creating: count,
    checking: count,
    idle: count,
    inUse: count,
    pending: count,
    oldestWaitMs: duration,
    oldestCreateMs: duration,
    min: fc.nat(20),
    target: fc.nat(400),
    intervalMs: duration,
    arrivals: count,
    completions: count,
    inUseMs: duration,
    pendingMs: duration,
    peakInUse: count,
    peakDemand: count,
    lowestIdle: count,
    arrivalsPerMs: fc.array(count, { maxLength: 20 }),
    use: summary,
    create: summary,
    createFailures: fc.record({
      transient: fc.nat(1),
      permanent: fc.nat(1),
      serverLimit: fc.nat(1),
      timeout: fc.nat(1),
    }),
  })
  .chain((levels) =>
    fc.nat(300).map((more) => ({ ...levels, max: Math.max(1, levels.min + more) })),
  );

function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isPlain);
  return (
    value === null || typeof value === 'string' || typeof value === 'boolean' || value === undefined
  );
}

describe.each(POLICIES.map((policy) => [JSON.stringify(policy), policy] as const))(
  'the policy %s',
  (_name, option) => {
    const resolved = resolvePolicy(option, { waitObjectiveMs: 0, tickMs: 100 });

    test('answers any finite signals with an integer in min..max and a plain state', () => {
      fc.assert(
        fc.property(fc.array(anySignals, { minLength: 1, maxLength: 12 }), (sequence) => {
          let state = freshMemory(resolved);
          let kept = freshMemory(resolved);
          let now = 0;
          for (const levels of sequence) {
            now += Math.min(levels.intervalMs ?? 0, 1e9);
            const signals = signalsOf({ ...levels, now });
            const decision = consult(resolved, signals, state).decision;
            expect(Number.isInteger(decision.target)).toBe(true);
            expect(decision.target).toBeGreaterThanOrEqual(signals.min);
            expect(decision.target).toBeLessThanOrEqual(signals.max);
            expect(decision.wakeInMs ?? 1).toBeGreaterThan(0);
            expect(decision.wakeInMs ?? 1).toBeLessThan(1e9);
            expect(decision.permits ?? 1).toBeGreaterThanOrEqual(1);
            expect(Number.isInteger(decision.permits ?? 1)).toBe(true);
            expect(isPlain(decision.candidates)).toBe(true);
            expect(isPlain(decision.state)).toBe(true);
            // A state that was written down and read again decides the same.
            const again = consult(
              resolved,
              signals,
              JSON.parse(JSON.stringify(kept)) as Memory,
            ).decision;
            expect(again).toEqual(decision);
            ({ state } = decision);
            kept = again.state;
          }
        }),
        { numRuns: 150 },
      );
    });

    test('stays within min..max whatever the clock does and whatever numbers are missing', () => {
      const broken = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 0);
      const levels = fc.record(
        {
          now: broken,
          intervalMs: broken,
          arrivals: broken,
          completions: broken,
          inUseMs: broken,
          pendingMs: broken,
          peakInUse: broken,
          peakDemand: broken,
          pending: broken,
          inUse: broken,
          idle: broken,
          creating: broken,
        },
        { requiredKeys: [] },
      );
      fc.assert(
        fc.property(
          fc.array(fc.tuple(anySignals, jump, levels), { minLength: 1, maxLength: 12 }),
          (sequence) => {
            let state = freshMemory(resolved);
            let now = 0;
            for (const [good, ms, bad] of sequence) {
              now += ms;
              const signals = signalsOf({ ...good, now, intervalMs: Math.max(0, ms), ...bad });
              const decision = consult(resolved, signals, state).decision;
              expect(Number.isInteger(decision.target)).toBe(true);
              expect(decision.target).toBeGreaterThanOrEqual(signals.min);
              expect(decision.target).toBeLessThanOrEqual(signals.max);
              expect(decision.permits ?? 1).toBeGreaterThanOrEqual(1);
              expect(isPlain(decision.state)).toBe(true);
              ({ state } = decision);
            }
          },
        ),
        { numRuns: 150 },
      );
    });

    test('leaves its signals and its old state as they were', () => {
      fc.assert(
        fc.property(anySignals, anySignals, (first, second) => {
          const { state } = consult(resolved, signalsOf(first), freshMemory(resolved)).decision;
          const signals = signalsOf({ ...second, now: 50_000 });
          const before = JSON.stringify({ state, signals });
          consult(resolved, signals, state);
          expect(JSON.stringify({ state, signals })).toBe(before);
        }),
        { numRuns: 50 },
      );
    });
  },
);
