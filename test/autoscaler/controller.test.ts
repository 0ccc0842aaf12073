import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Controller } from '../../src/autoscaler/controller.js';
import { resolvePolicy, type PolicyOption } from '../../src/control/policies/index.js';
import type { Policy } from '../../src/control/policy.js';
import type { Signals } from '../../src/control/signals.js';
import { always, signalsOf } from '../support/timeline.js';

const HOUR_MS = 3_600_000;
const POLICIES: readonly PolicyOption[] = [
  'fixed',
  'step',
  'target-tracking',
  'littles-law',
  'gradient',
  'predictive',
];

function controllerOf(policy: PolicyOption): Controller {
  return new Controller(resolvePolicy(policy, { waitObjectiveMs: 10, tickMs: 100 }));
}

function throws(error: unknown): never {
  throw error;
}

/** What a pool of stubs may look like: mostly waiting callers, some failures. */
const moments = fc.array(
  fc.record({
    pending: fc.nat(50),
    idle: fc.nat(20),
    inUse: fc.nat(20),
    creating: fc.nat(20),
    arrivals: fc.nat(500),
    completions: fc.nat(500),
    inUseMs: fc.nat(2_000),
    createFailures: fc.record({
      transient: fc.nat(1),
      permanent: fc.nat(1),
      serverLimit: fc.nat(1),
      timeout: fc.nat(1),
    }),
    hints: fc.constantFrom<readonly number[]>([], [20]),
  }),
  { minLength: 1, maxLength: 30 },
);

describe.each(POLICIES.map((policy) => [policy] as const))('a memory of %s', (policy) => {
  it('from another process decides as it would have there', () => {
    const stayed = controllerOf(policy);
    let now = 0;
    let target = 0;
    const next = (given: Partial<Signals> = {}): Signals => {
      now += 100;
      return signalsOf({ now, target, min: 1, create: always(5), use: always(20), ...given });
    };
    const busy = { idle: 2, inUse: 10, arrivals: 50, completions: 50, inUseMs: 1_000 };
    for (let tick = 0; tick < 50; tick += 1) ({ target } = stayed.ask(next(busy), throws));
    const restored = controllerOf(policy);
    expect(restored.restore(JSON.parse(JSON.stringify(stayed.state)))).toBeNull();
    for (const given of [{}, busy, { ...busy, pending: 30 }, { idle: 12 }]) {
      const signals = next(given);
      expect(restored.ask(signals, throws)).toEqual(stayed.ask(signals, throws));
    }
  });

  it('of a clock that was hours ahead neither stops it from deciding nor from closing', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 1, max: 10_000 }), (past, hours) => {
        const old = controllerOf(policy);
        let now = hours * HOUR_MS;
        let target = 1;
        for (const { hints, ...given } of past) {
          now += 100;
          const announced = hints.map((concurrency) => ({
            from: now + 100,
            until: now + 60_000,
            concurrency,
            ratePerSecond: null,
          }));
          const signals = signalsOf({
            now,
            target,
            min: 1,
            create: always(5),
            hints: announced,
            ...given,
          });
          ({ target } = old.ask(signals, throws));
        }
        const restored = controllerOf(policy);
        expect(restored.restore(JSON.parse(JSON.stringify(old.state)))).toBeNull();
        // Callers wait: it must not wait for hours before it looks again.
        now = 5;
        target = 1;
        const waiting = { pending: 10, inUse: 1, min: 1, create: always(5) };
        for (let look = 0; look < 30; look += 1, now += 100) {
          const { wakeInMs, ...decision } = restored.ask(
            signalsOf({ now, target, ...waiting }),
            throws,
          );
          expect(wakeInMs ?? 0).toBeLessThan(1_000);
          ({ target } = decision);
        }
        if (policy === 'step') expect(target).toBeGreaterThan(1);
        // Later nobody comes: what it opened is closed.
        for (let tick = 0; tick < 4_000 && target > 1; tick += 1, now += 100) {
          const quiet = { now, target, min: 1, idle: target, create: always(5) };
          ({ target } = restored.ask(signalsOf(quiet), throws));
        }
        expect(target).toBe(policy === 'fixed' ? 64 : 1);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a memory of littles-law', () => {
  it('of a clock that was ahead does not keep a cold start from doubling', () => {
    const waiting = { pending: 30, inUse: 1, min: 1, create: always(5) };
    const old = controllerOf('littles-law');
    old.ask(signalsOf({ now: HOUR_MS, ...waiting }), throws);
    const restored = controllerOf('littles-law');
    restored.restore(old.state);
    let target = 1;
    for (let now = 5; now < 500; now += 25) {
      ({ target } = restored.ask(signalsOf({ now, target, ...waiting }), throws));
    }
    expect(target).toBeGreaterThan(20);
  });
});

describe('a memory that its policy cannot work with', () => {
  /** Remembers something only while callers wait, so that nobody can tell its shape beforehand. */
  const picky: Policy<{ readonly waiting: { readonly since: { readonly ms: number } } | null }> = {
    name: 'picky',
    init: () => ({ waiting: null }),
    decide: ({ pending, now, target }, { waiting }) => ({
      target: target + (waiting === null ? 1 : now - waiting.since.ms),
      permits: null,
      reason: 'custom',
      limitedBy: [],
      candidates: {},
      wakeInMs: null,
      state: { waiting: pending > 0 ? (waiting ?? { since: { ms: now } }) : null },
    }),
  };
  const waiting = signalsOf({ pending: 30, idle: 0, inUse: 2, target: 2 });

  it('is dropped, which is said once, and the policy begins cold', () => {
    const other = controllerOf(picky);
    other.ask(waiting, throws);
    // What a version of before may have remembered, or a hand have written.
    const text = JSON.stringify(other.state).replace('{"since":{"ms":0}}', '{"from":0}');
    expect(text).not.toBe(JSON.stringify(other.state));
    const restored = controllerOf(picky);
    expect(restored.restore(JSON.parse(text))).toBeNull();
    const errors: unknown[] = [];
    const decision = restored.ask(waiting, (error) => errors.push(error));
    expect(errors).toEqual([expect.any(TypeError)]);
    expect(decision).toEqual(controllerOf(picky).ask(waiting, throws));
    restored.ask({ ...waiting, now: 100 }, throws);
  });
});
