import { describe, expect, it } from 'vitest';
import { littlesLawPolicy, resolveLittlesLaw } from '../../src/control/policies/littles-law.js';
import type { Policy } from '../../src/control/policy.js';
import { verified, type VerifiedState } from '../../src/control/verified-policy.js';
import { loadScenario, simulate, type PolicyResult, type Scenario } from '../../sim/index.js';

const SEEDS = [1, 2, 3];

const sizing: Policy<ReturnType<typeof littlesLawPolicy.init>> = {
  name: 'sizing',
  init: (config) => littlesLawPolicy.init(resolveLittlesLaw({}, config)),
  decide: (signals, state, config) =>
    littlesLawPolicy.decide(signals, state, resolveLittlesLaw({}, config)),
};

interface Watched {
  readonly result: PolicyResult;
  readonly verdicts: readonly string[];
  /** Longest time with a cap, in milliseconds. */
  readonly longestCapMs: number;
  /** When nobody waited any more after `fromMs`, in milliseconds; Infinity if never. */
  readonly emptyAt: number;
}

/** Simulates verified growth around Little's law, and looks at each decision. */
function watch(scenario: Scenario, seed: number, fromMs = 0): Watched {
  const inner = verified(sizing);
  const verdicts: string[] = [];
  let cappedSince: number | null = null;
  let longestCapMs = 0;
  let emptyAt = Number.POSITIVE_INFINITY;
  const policy: Policy = {
    name: 'watched',
    init: (config) => inner.init(config),
    decide: (signals, state, config) => {
      const decision = inner.decide(signals, state as VerifiedState, config);
      if (decision.verdict !== undefined) verdicts.push(decision.verdict.kind);
      if (decision.permits === null) cappedSince = null;
      else {
        cappedSince ??= signals.now;
        longestCapMs = Math.max(longestCapMs, signals.now - cappedSince);
      }
      if (signals.now >= fromMs && signals.pending === 0) {
        emptyAt = Math.min(emptyAt, signals.now);
      }
      return decision;
    },
  };
  const result = simulate(scenario, policy, { seed });
  return { result, verdicts, longestCapMs, emptyAt };
}

const END_OF_OVERLOAD_MS = 16_000;

describe('verified growth in the simulator', () => {
  it.each(SEEDS)('keeps a server that does less with more from collapsing, seed %i', (seed) => {
    const scenario = loadScenario('suite-retrograde');
    const { result, verdicts, emptyAt } = watch(scenario, seed, END_OF_OVERLOAD_MS);
    const best = simulate(scenario, { name: 'fixed', size: 31 }, { seed });
    expect(verdicts).toContain('knee');
    expect(emptyAt).toBeLessThan(END_OF_OVERLOAD_MS + 10_000);
    expect(result.violationRate).toBeLessThan(1.2 * best.violationRate);
  });

  it.each(SEEDS)('loses nothing on a server that does no more with more, seed %i', (seed) => {
    const scenario = loadScenario('suite-knee');
    const { result, verdicts } = watch(scenario, seed);
    const best = simulate(scenario, { name: 'fixed', size: 16 }, { seed });
    expect(verdicts).toContain('knee');
    expect(result.violationRate).toBeLessThan(1.1 * best.violationRate);
  });

  it.each(SEEDS)('caps nothing when uses take longer by themselves, seed %i', (seed) => {
    const { verdicts, longestCapMs } = watch(
      { ...loadScenario('suite-slow-down'), durationMs: 20_000 },
      seed,
    );
    expect(verdicts).not.toContain('knee');
    expect(longestCapMs).toBeLessThan(1_000);
  });

  it.each(SEEDS)('says exogenous when they do and the pool is too small, seed %i', (seed) => {
    const scenario = { ...loadScenario('suite-slow-down'), max: 60, durationMs: 20_000 };
    const { verdicts, longestCapMs } = watch(scenario, seed);
    expect(verdicts).toContain('exogenous');
    expect(verdicts).not.toContain('knee');
    expect(longestCapMs).toBeLessThan(2_000);
  });

  it.each(SEEDS)('caps nothing in a healthy burst, seed %i', (seed) => {
    const { verdicts, longestCapMs } = watch(
      { ...loadScenario('suite-healthy-burst'), durationMs: 9_000 },
      seed,
    );
    expect(verdicts).not.toContain('knee');
    expect(longestCapMs).toBeLessThan(1_000);
  });

  it('is the same every time', () => {
    const scenario = { ...loadScenario('suite-retrograde'), durationMs: 12_000 };
    expect(watch(scenario, 7)).toEqual(watch(scenario, 7));
  });
});
