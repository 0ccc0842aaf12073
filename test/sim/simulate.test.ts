import { describe, expect, it } from 'vitest';

import { toJson } from '../../sim/report/json.js';
import { loadScenario, parseScenario, POLICY_NAMES, simulate } from '../../sim/index.js';
import type { PolicyResult, Scenario } from '../../sim/index.js';

const SMALL = parseScenario({
  version: 1,
  name: 'small',
  description: 'Two seconds of bursts.',
  durationMs: 2_000,
  workload: { kind: 'sine', ratePerSecond: 2_000, amplitude: 1, periodMs: 500 },
  serviceMs: 'lognormal:4,1',
  createMs: 'exp:20',
  min: 1,
  max: 16,
  waitObjectiveMs: 5,
  acquireTimeoutMs: 200,
});

function jsonOf(scenario: Scenario, seed: number, replications = 1): string {
  const results = POLICY_NAMES.map((policy) => simulate(scenario, policy, { seed, replications }));
  return toJson({ scenario, seed, replications, results });
}

describe('simulate', () => {
  it('gives the same bytes for the same seed and others for another', () => {
    expect(jsonOf(SMALL, 5, 2)).toBe(jsonOf(SMALL, 5, 2));
    expect(jsonOf(SMALL, 5)).not.toBe(jsonOf(SMALL, 6));
  });

  it('puts every policy before the same requests', () => {
    const results = POLICY_NAMES.map((policy) => simulate(SMALL, policy));
    expect(new Set(results.map((result) => result.requests)).size).toBe(1);
    // With a connection for everyone nobody waits, whatever the policy: then runs differ in nothing but the name.
    const roomy = { ...SMALL, min: 200, max: 200, warmUpMs: 1_000 };
    const [first, ...rest] = POLICY_NAMES.map((name) => ({
      // The one that caps leases must not.
      ...simulate(roomy, name === 'gradient' ? { name, minPermits: 200 } : name),
      policy: '',
    }));
    for (const other of rest) expect(other).toEqual(first);
  });

  it.each(POLICY_NAMES)('accounts for every request and connection of %s', (policy) => {
    for (const acquireTimeoutMs of [0, 30, Infinity]) {
      const result = simulate({ ...SMALL, acquireTimeoutMs, maxPending: 20 }, policy, { seed: 3 });
      expect(result.requests).toBeGreaterThan(3_000);
      expect(result.violations).toBeGreaterThanOrEqual(result.timeouts + result.rejected);
      expect(result.violationRate).toBe(result.violations / result.requests);
      expect(result.creates - result.destroys).toBeLessThanOrEqual(16);
      expect(result.peakSize).toBeLessThanOrEqual(16);
      expect(result.stillWaiting).toBe(0);
      expect(result.wait.maxMs).toBeLessThanOrEqual(acquireTimeoutMs + 1e-6);
      if (acquireTimeoutMs === Infinity) expect(result.timeouts).toBe(0);
    }
  });

  it('pools replications', () => {
    const one = [0, 1, 2].map((replication) => simulate(SMALL, 'step', { seed: 9, replication }));
    const pooled = simulate(SMALL, 'step', { seed: 9, replications: 3 });
    const sum = (value: (result: PolicyResult) => number): number =>
      one.reduce((total, result) => total + value(result), 0);
    expect(pooled.requests).toBe(sum((result) => result.requests));
    expect(pooled.violations).toBe(sum((result) => result.violations));
    expect(pooled.creates).toBe(sum((result) => result.creates));
    expect(pooled.connectionSeconds).toBeCloseTo(
      sum((result) => result.connectionSeconds),
      9,
    );
    expect(pooled.wait.maxMs).toBe(Math.max(...one.map((result) => result.wait.maxMs)));
    expect(pooled.perReplication?.connectionSeconds.mean).toBeCloseTo(
      sum((result) => result.connectionSeconds) / 3,
      9,
    );
    expect(one[0]?.perReplication).toBeNull();
  });

  it('counts the time of connections from the first create to the end', () => {
    const scenario = { ...SMALL, min: 4, max: 4, warmUpMs: 500 };
    const result = simulate({ ...scenario, acquireTimeoutMs: 0 }, 'fixed');
    // Nobody waits, so the run is over when the duration is, or with the last lease shortly after.
    expect(result.connectionSeconds).toBeGreaterThanOrEqual(10);
    expect(result.connectionSeconds).toBeLessThan(10.5);
    expect(result.meanSize).toBeCloseTo(4, 9);
  });

  it('leaves out the requests of the first milliseconds when told', () => {
    const all = simulate(SMALL, 'fixed');
    const late = simulate(SMALL, 'fixed', { discardMs: 1_000 });
    expect(late.requests).toBeLessThan(0.6 * all.requests);
    expect(late.requests).toBeGreaterThan(0.4 * all.requests);
    expect(late.connectionSeconds).toBe(all.connectionSeconds);
  });

  it('calls those who wait when it gives up still waiting', () => {
    const scenario = parseScenario({
      version: 1,
      name: 'stuck',
      description: 'The second caller waits for two hours.',
      durationMs: 1_000,
      workload: { kind: 'batch', size: 2 },
      serviceMs: 7_200_000,
      createMs: 0,
      min: 1,
      max: 1,
      waitObjectiveMs: 10,
      acquireTimeoutMs: 'Infinity',
    });
    const result = simulate(scenario, 'fixed');
    expect(result).toMatchObject({ requests: 2, violations: 1, stillWaiting: 1, timeouts: 0 });
    expect(result.wait.maxMs).toBe(3_601_000);
  });

  it('tells of decisions and progress', () => {
    const targets: number[] = [];
    const parts: number[] = [];
    simulate(loadScenario('steady'), 'littles-law', {
      onDecision: ({ to }) => targets.push(to),
      onProgress: (part) => parts.push(part),
    });
    expect(targets.length).toBeGreaterThan(1);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts).toEqual(parts.toSorted((a, b) => a - b));
  });

  it('refuses nonsense', () => {
    expect(() => simulate(SMALL, 'fixed', { seed: 0.5 })).toThrow('seed must be an integer');
    expect(() => simulate(SMALL, 'fixed', { replications: 0 })).toThrow('replications must be');
    expect(() => simulate(SMALL, { name: 'fixed', size: -1 })).toThrow('size');
  });

  it('stops when a policy of one’s own fails', () => {
    const broken = {
      name: 'broken',
      init: () => null,
      decide: () => {
        throw new Error('no idea');
      },
    };
    expect(() => simulate(SMALL, broken)).toThrow('policy broken failed at 0 ms: no idea');
  });
});
