import { describe, expect, it } from 'vitest';
import { audit } from '../../sim/audit.js';
import { findShortRun, relaxationMs } from '../../sim/analysis/run-length.js';
import { speedOf } from '../../sim/backend/backend.js';
import { ConcurrentUses } from '../../sim/backend/concurrent-uses.js';
import { parseScenario, simulate } from '../../sim/index.js';
import type { Scenario } from '../../sim/index.js';
import { toJson } from '../../sim/report/json.js';
import { toTable } from '../../sim/report/table.js';
import { Ledger } from '../../src/engine/ledger.js';

const BASE = {
  version: 1,
  name: 'world',
  description: 'A test.',
  durationMs: 10_000,
  warmUpMs: 1_000,
  workload: { kind: 'poisson', ratePerSecond: 500 },
  serviceMs: 'exp:5',
  createMs: 20,
  min: 4,
  max: 16,
  waitObjectiveMs: 10,
  acquireTimeoutMs: 1_000,
};

function scenario(changes: object = {}): Scenario {
  return parseScenario({ ...BASE, ...changes });
}

describe('a shared backend', () => {
  it('slows connections down by its model', () => {
    expect(speedOf({ kind: 'shared', servers: 2 }, 1)).toBe(1);
    expect(speedOf({ kind: 'shared', servers: 2 }, 8)).toBe(0.25);
    expect(speedOf({ kind: 'usl', contention: 0.1, coherency: 0.01 }, 5)).toBeCloseTo(1 / 1.6, 12);
    expect(speedOf({ kind: 'knee', connections: 4, share: 0.5 }, 4)).toBe(1);
    expect(speedOf({ kind: 'knee', connections: 4, share: 0.5 }, 5)).toBe(0.4);
  });

  it('ends uses when their work is done at the speed of the moment', () => {
    const broken = new Set<string>();
    const uses = new ConcurrentUses<string>(
      { kind: 'shared', servers: 1 },
      (use) => !broken.has(use),
    );
    expect(uses.nextTime).toBe(Number.POSITIVE_INFINITY);
    uses.begin('long', 10, 0);
    uses.begin('short', 2, 4);
    // Half speed from 4 on: 2 ms of work take 4 ms, then 4 of the long one's 10 are left.
    expect(uses.nextTime).toBe(8);
    expect(uses.finish(8)).toBe('short');
    expect(uses.nextTime).toBe(12);
    uses.slowDown(Number.POSITIVE_INFINITY, 10);
    expect(uses.nextTime).toBe(Number.POSITIVE_INFINITY);
    uses.slowDown(2, 20);
    expect(uses.nextTime).toBe(24);
    uses.begin('doomed', 1, 20);
    broken.add('doomed');
    uses.breakOff(21);
    expect(uses.nextTime).toBeCloseTo(24.5, 9);
    expect(uses.finish(24.5)).toBe('long');
  });

  it('beyond its knee gets worse with more connections', () => {
    const knee = { kind: 'knee', connections: 4, share: 0.5 };
    const busy = { workload: { kind: 'closed', users: 64, thinkMs: 0.1 }, backend: knee };
    const few = simulate(scenario({ ...busy, min: 4, max: 4 }), 'fixed');
    const many = simulate(scenario({ ...busy, min: 16, max: 16 }), 'fixed');
    expect(many.requests).toBeLessThan(0.6 * few.requests);
  });
});

describe('faults', () => {
  it('down, with failing uses, break all connections; nobody is served meanwhile', () => {
    const faults = [{ kind: 'down', fromMs: 4_000, toMs: 6_000, uses: 'fail' }];
    const result = simulate(scenario({ faults }), 'littles-law');
    const quiet = simulate(scenario(), 'littles-law');
    expect(result.brokenUses).toBeGreaterThan(0);
    // Whoever came in the first of the two seconds timed out.
    expect(result.timeouts).toBeGreaterThan(450);
    expect(quiet).toMatchObject({ brokenUses: 0, timeouts: 0 });
    expect(result.requests).toBe(quiet.requests);
  });

  it('down, with hanging uses, hold every connection until the server is back', () => {
    const faults = [{ kind: 'down', fromMs: 4_000, toMs: 6_000, uses: 'hang' }];
    const result = simulate(scenario({ faults }), 'fixed');
    expect(result.brokenUses).toBe(0);
    expect(result.timeouts).toBeGreaterThan(400);
    expect(result.destroys).toBe(0);
  });

  it('slow make uses and creates as many times as long', () => {
    const alone = { workload: { kind: 'batch', size: 1 }, serviceMs: 100, min: 0, max: 1 };
    const faults = [{ kind: 'slow', fromMs: 10, toMs: 60, useFactor: 5, createFactor: 3 }];
    const late = { ...alone, workload: { kind: 'batch', size: 1, startMs: 10 }, warmUpMs: 0 };
    // Created within the fault: 3 · 20 ms.
    expect(simulate(scenario({ ...late, faults }), 'littles-law').wait.maxMs).toBe(60);
    const two = { ...alone, workload: { kind: 'batch', size: 2 }, min: 1, warmUpMs: 100 };
    // 10 ms at full speed, 50 ms at a fifth, then the other 80 of the 100.
    expect(simulate(scenario({ ...two, faults }), 'fixed').wait.maxMs).toBeCloseTo(140, 9);
  });

  it('refuse keep the pool below the limit of the server', () => {
    const faults = [{ kind: 'refuse', fromMs: 0, toMs: 10_000, connections: 6 }];
    const busy = { workload: { kind: 'poisson', ratePerSecond: 2_000 }, warmUpMs: 0, faults };
    const result = simulate(scenario(busy), 'fixed');
    expect(result.meanSize).toBeLessThan(7.1);
  });

  it('kill break their share of the connections once', () => {
    const faults = [{ kind: 'kill', atMs: 5_000, share: 0.5 }];
    const busy = { workload: { kind: 'poisson', ratePerSecond: 2_000 }, faults };
    const result = simulate(scenario(busy), 'fixed');
    expect(result.creates).toBe(16 + 8);
    expect(result.destroys).toBe(8);
    expect(result.brokenUses).toBeGreaterThan(0);
  });

  it('hanging creates end with their timeout', () => {
    const faults = [{ kind: 'hang-creates', fromMs: 0, toMs: 500 }];
    const cold = { workload: { kind: 'batch', size: 1 }, min: 0, max: 1, warmUpMs: 0, faults };
    const result = simulate(scenario({ ...cold, createTimeoutMs: 700 }), 'littles-law');
    expect(result.creates).toBe(2);
    expect(result.wait.maxMs).toBeGreaterThan(720);
    expect(result.wait.maxMs).toBeLessThan(800);
  });
});

describe('callers', () => {
  it('of a closed workload think between two requests, as theory says without waiting', () => {
    const closed = { kind: 'closed', users: 10, thinkMs: 'exp:45' };
    const result = simulate(scenario({ workload: closed, durationMs: 100_000 }), 'fixed');
    expect(result.wait.maxMs).toBe(0);
    // Ten users, one cycle takes 50 ms on average.
    expect(Math.abs(result.requests - 20_000)).toBeLessThan(4 * Math.sqrt(20_000));
  });

  it('who retry come back with the same work until they are served or have had enough', () => {
    const jam = {
      workload: { kind: 'batch', size: 3 },
      serviceMs: 100,
      min: 1,
      max: 1,
      acquireTimeoutMs: 0,
    };
    const retries = { attempts: 100, backoffMs: 10, factor: 1 };
    expect(simulate(scenario(jam), 'fixed')).toMatchObject({
      requests: 3,
      timeouts: 2,
      retries: 0,
    });
    const result = simulate(scenario({ ...jam, retries }), 'fixed');
    expect(result.requests).toBe(3 + (result.retries ?? 0));
    expect(result.timeouts).toBe(result.retries);
    const impatient = { ...jam, retries: { attempts: 2, backoffMs: 1, factor: 1 } };
    expect(simulate(scenario(impatient), 'fixed')).toMatchObject({ requests: 7, timeouts: 6 });
  });

  it('keep an overloaded pool overloaded by coming back', () => {
    const faults = [{ kind: 'slow', fromMs: 2_000, toMs: 4_000, useFactor: 4 }];
    const load = {
      workload: { kind: 'poisson', ratePerSecond: 2_900 },
      acquireTimeoutMs: 50,
      faults,
      durationMs: 20_000,
    };
    const meek = simulate(scenario(load), 'fixed');
    const stubborn = simulate(
      scenario({ ...load, retries: { attempts: 10, backoffMs: 20 } }),
      'fixed',
    );
    expect(stubborn.timeouts).toBeGreaterThan(2 * meek.timeouts);
  });
});

describe('the audit', () => {
  it('finds what does not add up', () => {
    const fine = { waitSumMs: 0, useSumMs: 0, unfinished: 0 };
    const rest = { pending: 0, inUse: 0, slots: 0 };
    const none = { requests: 0, rejected: 0, discarded: 0 };
    const totals = new Ledger(0);
    const check = (changes: object, waits = 0): (() => void) => {
      const one = <R extends object>(all: R): R => ({ ...all, ...changes });
      return () => audit(totals, one(rest), one(fine), one(none), waits);
    };
    expect(check({})).not.toThrow();
    expect(check({ pending: 1 })).toThrow('bug: arrivals');
    expect(check({ inUse: 1 })).toThrow('bug: grants');
    expect(check({ unfinished: 1 })).toThrow('bug: unfinished');
    expect(check({ waitSumMs: 1 })).toThrow('Little’s law of waits');
    expect(check({ useSumMs: 1 })).toThrow('Little’s law of uses');
    expect(check({ slots: 1 })).toThrow('bug: connections');
    expect(check({ discarded: 1 })).toThrow('bug: requests in the figures');
    expect(check({}, 1)).toThrow('bug: waits in the figures');
  });
});

describe('a run too short for its load', () => {
  const busy = scenario({
    workload: { kind: 'poisson', ratePerSecond: 3_150 },
    acquireTimeoutMs: 'Infinity',
    maxPending: 'Infinity',
  });

  it('says how long it would have to be', () => {
    // λ = 3.15 and cμ = 3.2 per millisecond.
    expect(relaxationMs(3.15, 3.2)).toBeCloseTo((Math.sqrt(3.2) - Math.sqrt(3.15)) ** -2, 9);
    expect(relaxationMs(4, 3.2)).toBe(Number.POSITIVE_INFINITY);
    const short = findShortRun(busy, 0);
    expect(short?.neededMs).toBeCloseTo(300 * relaxationMs(3.15, 3.2), 3);
    expect(short?.reason).toMatch(
      /at 98\.4 % load of 16 connections percentiles need a run of \d+/,
    );
    expect(findShortRun({ ...busy, durationMs: 2e6 }, 0)).toBeNull();
    expect(findShortRun({ ...busy, durationMs: 2e6 }, 1.5e6)).not.toBeNull();
    expect(findShortRun(scenario(), 0)).toBeNull();
    expect(findShortRun({ ...busy, max: 15, min: 1 }, 0)?.reason).toContain('no steady state');
  });

  it('has no percentiles in any report', () => {
    const results = [simulate(busy, 'fixed')];
    const report = { scenario: busy, seed: 1, replications: 1, results };
    const [policy] = (JSON.parse(toJson(report)) as { policies: Record<string, unknown>[] })
      .policies;
    expect(policy?.['wait']).toMatchObject({ p50Ms: null, p95Ms: null, p99Ms: null });
    expect(policy?.['percentilesWithheld']).toContain('percentiles need a run of');
    expect(toTable(report, Infinity)).toContain('no percentiles: at 98.4 % load');
  });
});

describe('parseScenario', () => {
  it.each([
    [{ workload: { kind: 'mmpp', ratesPerSecond: [0, 0], meanStayMs: [1, 1] } }, 'not all 0'],
    [{ workload: { kind: 'h2', ratePerSecond: 1, cv2: 0.5 } }, 'workload.cv2 must be'],
    [{ workload: { kind: 'closed', users: 0, thinkMs: 1 } }, 'workload.users must be'],
    [
      {
        workload: {
          kind: 'spike',
          ratePerSecond: 1,
          peakRatePerSecond: 9,
          atMs: 0,
          holdMs: 20,
          periodMs: 10,
        },
      },
      'workload.periodMs must be at least the length of the peak (20), got 10',
    ],
    [{ backend: { kind: 'magic' } }, 'backend.kind must be one of independent, shared, usl, knee'],
    [{ backend: { kind: 'shared' } }, 'backend.servers is required'],
    [{ faults: [{ kind: 'kill', atMs: 1, share: 2 }] }, 'faults[0].share must be'],
    [
      { faults: [{ kind: 'hang-creates', fromMs: 5, toMs: 5 }] },
      'faults[0].toMs must be more than fromMs, got 5',
    ],
    [{ faults: [null] }, 'faults[0].kind must be one of down'],
    [{ retries: { attempts: 0, backoffMs: 1 } }, 'retries.attempts must be'],
    [{ patienceMs: 'soon' }, 'patienceMs must be'],
  ])('refuses %j', (changes, message) => {
    expect(() => scenario(changes)).toThrow(message);
  });
});
