import { balancedPart } from '../../sim/kernel/distributions.js';
import { parseScenario } from '../../sim/scenario-file.js';
import type { PolicyResult } from '../../sim/result.js';
import type { Scenario } from '../../sim/scenario.js';
import { relaxationMs } from '../../sim/analysis/run-length.js';
import { row } from './oracle-check.js';
import oracle from './oracle.json' with { type: 'json' };

/** One row of theory as a scenario, and what to compare. */
export interface OracleCase {
  readonly scenario: Scenario;
  /** Part of each replication that does not count, in milliseconds. */
  readonly discardMs: number;
  readonly metrics: Readonly<Record<string, readonly [(result: PolicyResult) => number, number]>>;
}

interface Shape {
  readonly id: string;
  /** Arrivals and completions of one connection per second of theory. */
  readonly lam: number;
  readonly mu: number;
  readonly c: number;
}

const meanWait = (result: PolicyResult): number => result.wait.meanMs;
const waited = (result: PolicyResult): number =>
  result.waited / (result.requests - result.rejected);
const p95 = (result: PolicyResult): number => result.wait.p95Ms;

/**
 * A second of theory is a millisecond here, so that the controller's ticks are rare. Every replication starts empty; its
 * first ten relaxation times, at most a third of it, do not count.
 *
 * @param arrivals Arrivals to expect in one replication.
 */
function caseOf(
  shape: Shape,
  arrivals: number,
  changes: object,
  metrics: OracleCase['metrics'],
): OracleCase {
  const { id, lam, mu, c } = shape;
  const durationMs = arrivals / lam;
  const scenario = parseScenario({
    version: 1,
    name: id,
    description: 'Theory.',
    durationMs,
    workload: { kind: 'poisson', ratePerSecond: lam * 1_000 },
    serviceMs: `exp:${1 / mu}`,
    createMs: 0,
    min: c,
    max: c,
    waitObjectiveMs: 1,
    acquireTimeoutMs: 'Infinity',
    maxPending: 'Infinity',
    warmUpMs: 1,
    ...changes,
  });
  const discardMs = Math.min(10 * relaxationMs(lam, c * mu), durationMs / 3);
  return { scenario, discardMs, metrics };
}

function h2(mean: number, cv2: number): string {
  const part = balancedPart(cv2);
  const text = (value: number): string => value.toFixed(15);
  return `h2:${text(part)},${text(mean / (2 * part))},${text(mean / (2 * (1 - part)))}`;
}

/** M/M/c. */
export function mmc(id: string, arrivals: number): OracleCase {
  const theory = row(oracle.mmc, id);
  return caseOf(
    theory,
    arrivals,
    {},
    {
      'mean wait': [meanWait, theory.meanWait],
      'part that waits': [waited, theory.pWait],
      p95: [p95, theory.p95Wait],
    },
  );
}

/** A bounded queue; without any places it is Erlang's loss system. */
export function bounded(id: string, arrivals: number): OracleCase {
  const theory = row(oracle.mmcK, id);
  const lost = (result: PolicyResult): number => result.rejected / result.requests;
  const metrics: Record<string, readonly [(result: PolicyResult) => number, number]> = {
    'part rejected': [lost, theory.pLoss],
  };
  if (theory.maxWaiters > 0) {
    metrics['mean wait'] = [meanWait, theory.meanWaitAccepted];
    metrics['part that waits'] = [waited, theory.pWaitAccepted];
    metrics['p95'] = [p95, theory.p95WaitAccepted];
  }
  return caseOf(theory, arrivals, { maxPending: theory.maxWaiters }, metrics);
}

/** One acquire timeout for all. */
export function timeout(id: string, arrivals: number): OracleCase {
  const theory = row(oracle.mmcTimeout, id);
  return caseOf(
    theory,
    arrivals,
    { acquireTimeoutMs: theory.acquireTimeout },
    {
      'mean wait': [meanWait, theory.meanWaitAll],
      'part that waits': [waited, theory.pWait],
      'part timed out': [({ timeouts, requests }) => timeouts / requests, theory.pTimeout],
    },
  );
}

/** Callers with exponential patience. */
export function patience(id: string, arrivals: number): OracleCase {
  const theory = row(oracle.mmcPatience, id);
  return caseOf(
    theory,
    arrivals,
    { patienceMs: `exp:${1 / theory.patienceRate}` },
    {
      'mean wait': [meanWait, theory.meanWaitAll],
      'part that waits': [waited, theory.pWait],
      'part timed out': [({ timeouts, requests }) => timeouts / requests, theory.pTimeout],
    },
  );
}

const SERVICES: Readonly<Record<string, string>> = {
  exp: 'exp:1',
  det: '1',
  erlang4: 'erlang:4,1',
  h2: h2(1, 4),
  // sigma² = ln(1 + cv²)
  lognormal: `lognormal:1,${Math.sqrt(Math.log(5))}`,
};

/** M/G/1. */
export function mg1(id: string, arrivals: number): OracleCase {
  const theory = row(oracle.mg1, id);
  return caseOf(
    { ...theory, mu: 1, c: 1 },
    arrivals,
    { serviceMs: SERVICES[theory.service] },
    {
      'mean wait': [meanWait, theory.meanWait],
      'part that waits': [waited, theory.pWait],
      ...(theory.p95Wait === undefined ? {} : { p95: [p95, theory.p95Wait] as const }),
    },
  );
}

/** M/D/c. */
export function mdc(id: string, arrivals: number): OracleCase {
  const theory = row(oracle.mdc, id);
  const shape = { ...theory, mu: 1 / theory.serviceTime };
  return caseOf(
    shape,
    arrivals,
    { serviceMs: theory.serviceTime },
    {
      'mean wait': [meanWait, theory.meanWait],
      'part that waits': [waited, theory.pWait],
      p95: [p95, theory.p95Wait],
    },
  );
}

/** Renewal arrivals. */
export function gimc(id: string, arrivals: number): OracleCase {
  const theory = row(oracle.gimc, id);
  const ratePerSecond = theory.lam * 1_000;
  const workload =
    theory.arrivals === 'det'
      ? { kind: 'deterministic', ratePerSecond }
      : { kind: 'h2', ratePerSecond, cv2: theory.arrivalCv2 };
  return caseOf(
    theory,
    arrivals,
    { workload },
    {
      'mean wait': [meanWait, theory.meanWait],
      'part that waits': [waited, theory.pWait],
      p95: [p95, theory.p95Wait],
    },
  );
}

/** Bursts: MMPP(2)/M/c. */
export function mmpp(id: string, arrivals: number): OracleCase {
  const theory = row(oracle.mmppc, id);
  const { rate1, rate2, leave1, leave2, meanRate } = theory;
  const workload = {
    kind: 'mmpp',
    ratesPerSecond: [rate1 * 1_000, rate2 * 1_000],
    meanStayMs: [1 / leave1, 1 / leave2],
  };
  return caseOf(
    { ...theory, lam: meanRate },
    arrivals,
    { workload },
    {
      'mean wait': [meanWait, theory.meanWait],
      'part that waits': [waited, theory.pWait],
      p95: [p95, theory.p95Wait],
    },
  );
}

/** All connections share one processor. */
export function shared(id: string, arrivals: number): OracleCase {
  const theory = row(oracle.sharedBackend, id);
  return caseOf(
    { ...theory, mu: theory.backendRate / theory.c },
    arrivals,
    { serviceMs: `exp:${1 / theory.backendRate}`, backend: { kind: 'shared', servers: 1 } },
    {
      'mean wait': [meanWait, theory.meanWait],
      'part that waits': [waited, theory.pWait],
      ...(theory.p95Wait > 0 ? { p95: [p95, theory.p95Wait] as const } : {}),
    },
  );
}
