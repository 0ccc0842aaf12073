import { expect, it } from 'vitest';
import type { Policy } from '../../src/control/policy.js';
import { parseScenario } from '../../sim/scenario-file.js';
import { simulate } from '../../sim/simulate.js';
import { compare } from './oracle-check.js';
import oracle from './oracle.json' with { type: 'json' };

/** A second of theory in milliseconds; the pool is looked at twice in it. */
const SECOND_MS = 100;
const TICK_MS = 50;

interface Point {
  readonly meanInSystem: number;
  readonly pAllBusy: number;
}

/** Keeps `size` connections and tells how many callers there are at every tick. */
function observer(size: number, see: (now: number, inSystem: number) => void): Policy<null, never> {
  return {
    name: 'observer',
    init: () => null,
    decide: ({ cause, now, inUse, pending }) => {
      if (cause === 'tick') see(now, inUse + pending);
      const state = null;
      const nothing = { permits: null, limitedBy: [], candidates: {}, wakeInMs: null, state };
      return { target: size, reason: 'floor', ...nothing };
    },
  };
}

/**
 * Number in the system at the ticks of many replications, by time of theory since the workload began.
 *
 * @param workload Rates per second of the simulation, a tenth of those of a second of theory times ten.
 */
function observe(
  c: number,
  mu: number,
  workload: object,
  seconds: number,
  replications: number,
): Map<number, number>[] {
  const scenario = parseScenario({
    version: 1,
    name: 'transient',
    description: 'Theory.',
    durationMs: seconds * SECOND_MS,
    workload,
    serviceMs: `exp:${SECOND_MS / mu}`,
    createMs: 0,
    // Fewer than the policy keeps, so that ticks never pause.
    min: c - 1,
    max: c,
    waitObjectiveMs: 1,
    acquireTimeoutMs: 'Infinity',
    warmUpMs: TICK_MS,
    tickMs: TICK_MS,
  });
  return Array.from({ length: replications }, (_none, replication) => {
    const seen = new Map<number, number>();
    const see = (now: number, inSystem: number): void => {
      seen.set((now - TICK_MS) / SECOND_MS, inSystem);
    };
    simulate(scenario, observer(c, see), { seed: 7, replication });
    return seen;
  });
}

function checkPoint(
  values: readonly number[],
  busy: readonly number[],
  point: Point,
  halfWidth: number,
): void {
  compare('number in the system', values, point.meanInSystem, halfWidth);
  // Elsewhere so few of the runs differ that a normal law says nothing about their mean.
  const isTelling = point.pAllBusy > 0.2 && point.pAllBusy < 0.95;
  if (isTelling) compare('part of time all busy', busy, point.pAllBusy, 2 * halfWidth);
}

/** The row of this name; each row has fields of its own. */
function row(id: string): (typeof oracle.transient)[number] {
  const found = oracle.transient.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no row ${id}`);
  return found;
}

type Points = readonly (Point & { readonly t: number })[];

it('M/M/5 that starts empty fills as theory says', () => {
  const { lam, mu, c, points } = row('trans1') as unknown as {
    readonly id: string;
    readonly lam: number;
    readonly mu: number;
    readonly c: number;
    readonly points: Points;
  };
  const rate = (lam * 1_000) / SECOND_MS;
  const runs = observe(c, mu, { kind: 'poisson', ratePerSecond: rate }, 51, 1_200);
  expect(points.length).toBeGreaterThan(3);
  for (const point of points) {
    const values = runs.map((seen) => seen.get(point.t) ?? Number.NaN);
    checkPoint(
      values,
      values.map((value) => (value >= c ? 1 : 0)),
      point,
      0.05,
    );
  }
}, 60_000);

it('a step of the load fills and empties M/M/10 as theory says', () => {
  const { lamBefore, lamDuring, lamAfter, stepEnds, mu, c, points } = row('trans2') as unknown as {
    readonly id: string;
    readonly lamBefore: number;
    readonly lamDuring: number;
    readonly lamAfter: number;
    readonly stepEnds: number;
    readonly mu: number;
    readonly c: number;
    readonly points: Points;
  };
  // Long enough for the steady state at the load before the step.
  const before = 20;
  const perSecond = 1_000 / SECOND_MS;
  const steps = [
    { atMs: before * SECOND_MS, ratePerSecond: lamDuring * perSecond },
    { atMs: (before + stepEnds) * SECOND_MS, ratePerSecond: lamAfter * perSecond },
  ];
  const workload = { kind: 'step', ratePerSecond: lamBefore * perSecond, steps };
  const runs = observe(c, mu, workload, before + 31, 1_000);
  for (const point of points) {
    const values = runs.map((seen) => seen.get(before + point.t) ?? Number.NaN);
    checkPoint(
      values,
      values.map((value) => (value >= c ? 1 : 0)),
      point,
      0.06,
    );
  }
}, 60_000);

it('a rate that swings finds M/M/10 as theory says at every time of the period', () => {
  const { meanRate, amplitude, period, mu, c, points } = row('mtmc1') as unknown as {
    readonly id: string;
    readonly meanRate: number;
    readonly amplitude: number;
    readonly period: number;
    readonly mu: number;
    readonly c: number;
    readonly points: readonly (Point & { readonly tInPeriod: number })[];
  };
  const settling = 3;
  const periods = 20;
  const workload = {
    kind: 'sine',
    ratePerSecond: (meanRate * 1_000) / SECOND_MS,
    amplitude: amplitude / meanRate,
    periodMs: period * SECOND_MS,
  };
  const runs = observe(c, mu, workload, (settling + periods) * period + 1, 100);
  for (const point of points) {
    const at = Array.from(
      { length: periods },
      (_none, index) => (settling + index) * period + point.tInPeriod,
    );
    const part = (of: (inSystem: number) => number): number[] =>
      runs.map((seen) => at.reduce((sum, t) => sum + of(seen.get(t) ?? Number.NaN), 0) / periods);
    const busy = part((inSystem) => (inSystem >= c ? 1 : 0));
    checkPoint(
      part((inSystem) => inSystem),
      busy,
      point,
      0.05,
    );
  }
}, 60_000);
