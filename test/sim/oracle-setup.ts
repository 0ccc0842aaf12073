import { runEngineQueue } from './engine-queue.js';
import type { EngineFigures, EngineQueue } from './engine-queue.js';
import { compare, REPLICATIONS, row } from './oracle-check.js';
import type { OracleRow } from './oracle-check.js';
import oracle from './oracle.json' with { type: 'json' };

/** Connections that take time to open and close when nobody needs them, at once or after an idle time. */
export function setup(id: string, arrivals: number, halfWidth: number): OracleRow {
  const theory = row(oracle.setup, id);
  const { lam, mu, k, setupRate, meanWait, pWait, meanInSetup, meanOn } = theory;
  const { idleCloseRate = Number.POSITIVE_INFINITY } = theory;
  const queue = {
    lam,
    mu,
    min: 0,
    max: k,
    setupRate,
    closeRate: idleCloseRate,
    isCommitted: false,
  };
  const exact = { meanWait, meanSettingUp: meanInSetup, meanOn };
  // Where nobody finds a connection open everybody waits, and there is nothing to estimate.
  const figures = pWait < 1 ? { ...exact, partThatWaits: pWait } : exact;
  return rowOf('setup', id, queue, arrivals, halfWidth, figures);
}

/** Connections that open for each waiter, whoever serves it meanwhile, and close after an idle time. */
export function reactivePool(id: string, arrivals: number, halfWidth: number): OracleRow {
  const theory = row(oracle.reactivePool, id);
  const { lam, mu, min, max, connectRate, idleCloseRate } = theory;
  const { meanWaitAccepted, pWaitAccepted, meanConnecting, meanOpen } = theory;
  const queue = {
    lam,
    mu,
    min,
    max,
    setupRate: connectRate,
    closeRate: idleCloseRate,
    isCommitted: true,
  };
  return rowOf('reactivePool', id, queue, arrivals, halfWidth, {
    meanWait: meanWaitAccepted,
    partThatWaits: pWaitAccepted,
    meanSettingUp: meanConnecting,
    meanOn: meanOpen,
  });
}

function rowOf(
  family: string,
  id: string,
  queue: EngineQueue,
  arrivals: number,
  width: number,
  exact: Partial<EngineFigures>,
): OracleRow {
  return {
    family,
    id,
    size: `${REPLICATIONS} × ${arrivals.toLocaleString('en')} requests`,
    halfWidth: width,
    run: (halfWidth) => {
      const figures = Array.from({ length: REPLICATIONS }, (_none, index) =>
        runEngineQueue(queue, arrivals, 100 + index),
      );
      for (const [name, value] of Object.entries(exact)) {
        const values = figures.map((one) => one[name as keyof EngineFigures]);
        compare(name, values, value, halfWidth);
      }
    },
  };
}
