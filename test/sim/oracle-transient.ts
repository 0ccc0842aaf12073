import type { Policy } from '../../src/control/policy.js';
import { parseScenario } from '../../sim/scenario-file.js';
import { simulate } from '../../sim/simulate.js';
import { compare, row } from './oracle-check.js';
import type { OracleRow } from './oracle-check.js';
import oracle from './oracle.json' with { type: 'json' };

/** A second of theory in milliseconds; the pool is looked at twice in it. */
const SECOND_MS = 100;
const TICK_MS = 50;

interface Point {
  readonly meanInSystem: number;
  readonly pAllBusy: number;
}

/** Keeps `size` connections and tells how many callers there are at every tick. */
function observer(size: number, see: (now: number, inSystem: number) => void): Policy<null> {
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

/**
 * Compares at every time of `points`. The part of time in which all are busy may be twice as uncertain as the number in the
 * system.
 *
 * @param at Values of the number in the system at a point, one per replication; `of` is what to average.
 */
function checkPoints<P extends Point>(
  points: readonly P[],
  c: number,
  halfWidth: number,
  at: (point: P, of: (inSystem: number) => number) => number[],
): void {
  if (points.length < 4) throw new Error('too few points');
  for (const point of points) {
    const inSystem = at(point, (count) => count);
    compare('number in the system', inSystem, point.meanInSystem, halfWidth);
    // Elsewhere so few of the runs differ that a normal law says nothing about their mean.
    const isTelling = point.pAllBusy > 0.2 && point.pAllBusy < 0.95;
    if (!isTelling) continue;
    const busy = at(point, (count) => (count >= c ? 1 : 0));
    compare('part of time all busy', busy, point.pAllBusy, 2 * halfWidth);
  }
}

function rowOf(
  id: string,
  replications: number,
  width: number,
  run: (halfWidth: number) => void,
): OracleRow {
  const size = `${replications.toLocaleString('en')} replications`;
  return { family: 'transient', id, size, halfWidth: width, run };
}

type TimedPoint = Point & { readonly t: number };

/** M/M/5 that starts empty. */
export function filling(replications: number, width: number): OracleRow {
  interface Theory {
    readonly lam: number;
    readonly mu: number;
    readonly c: number;
    readonly points: readonly TimedPoint[];
  }
  return rowOf('trans1', replications, width, (halfWidth) => {
    const { lam, mu, c, points } = row(oracle.transient, 'trans1') as unknown as Theory;
    const rate = (lam * 1_000) / SECOND_MS;
    const runs = observe(c, mu, { kind: 'poisson', ratePerSecond: rate }, 51, replications);
    checkPoints(points, c, halfWidth, ({ t }, of) =>
      runs.map((seen) => of(seen.get(t) ?? Number.NaN)),
    );
  });
}

/** M/M/10 whose load steps up and down again. */
export function stepping(replications: number, width: number): OracleRow {
  interface Theory {
    readonly lamBefore: number;
    readonly lamDuring: number;
    readonly lamAfter: number;
    readonly stepEnds: number;
    readonly mu: number;
    readonly c: number;
    readonly points: readonly TimedPoint[];
  }
  return rowOf('trans2', replications, width, (halfWidth) => {
    const theory = row(oracle.transient, 'trans2') as unknown as Theory;
    const { lamBefore, lamDuring, lamAfter, stepEnds, mu, c, points } = theory;
    // Long enough for the steady state at the load before the step.
    const before = 20;
    const perSecond = 1_000 / SECOND_MS;
    const steps = [
      { atMs: before * SECOND_MS, ratePerSecond: lamDuring * perSecond },
      { atMs: (before + stepEnds) * SECOND_MS, ratePerSecond: lamAfter * perSecond },
    ];
    const workload = { kind: 'step', ratePerSecond: lamBefore * perSecond, steps };
    const runs = observe(c, mu, workload, before + 31, replications);
    checkPoints(points, c, halfWidth, ({ t }, of) =>
      runs.map((seen) => of(seen.get(before + t) ?? Number.NaN)),
    );
  });
}

/** M/M/10 whose rate swings. */
export function swinging(replications: number, width: number): OracleRow {
  interface Theory {
    readonly meanRate: number;
    readonly amplitude: number;
    readonly period: number;
    readonly mu: number;
    readonly c: number;
    readonly points: readonly (Point & { readonly tInPeriod: number })[];
  }
  return rowOf('mtmc1', replications, width, (halfWidth) => {
    const { meanRate, amplitude, period, mu, c, points } = row(
      oracle.transient,
      'mtmc1',
    ) as unknown as Theory;
    const settling = 3;
    const periods = 20;
    const workload = {
      kind: 'sine',
      ratePerSecond: (meanRate * 1_000) / SECOND_MS,
      amplitude: amplitude / meanRate,
      periodMs: period * SECOND_MS,
    };
    const runs = observe(c, mu, workload, (settling + periods) * period + 1, replications);
    checkPoints(points, c, halfWidth, ({ tInPeriod }, of) => {
      const at = Array.from(
        { length: periods },
        (_none, index) => (settling + index) * period + tInPeriod,
      );
      return runs.map(
        (seen) => at.reduce((sum, t) => sum + of(seen.get(t) ?? Number.NaN), 0) / periods,
      );
    });
  });
}
