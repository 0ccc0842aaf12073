import { describe, it } from 'vitest';
import { compare, REPLICATIONS } from './oracle-check.js';
import { runEngineQueue } from './engine-queue.js';
import type { EngineFigures, EngineQueue } from './engine-queue.js';
import oracle from './oracle.json' with { type: 'json' };

function check(
  queue: EngineQueue,
  arrivals: number,
  halfWidth: number,
  exact: Partial<EngineFigures>,
): void {
  const figures = Array.from({ length: REPLICATIONS }, (_none, index) =>
    runEngineQueue(queue, arrivals, 100 + index),
  );
  for (const [name, value] of Object.entries(exact)) {
    const values = figures.map((one) => one[name as keyof EngineFigures]);
    compare(name, values, value, halfWidth);
  }
}

describe('connections that take time to open and close when nobody needs them', () => {
  it.each(oracle.setup)(
    '$id agrees with theory',
    (theory) => {
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
      check(queue, 15_000, 0.06, pWait < 1 ? { ...exact, partThatWaits: pWait } : exact);
    },
    60_000,
  );
});

describe('connections that open for each waiter and close after an idle time', () => {
  it.each(oracle.reactivePool)(
    '$id agrees with theory',
    (theory) => {
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
      // In pool5 only one caller in thirty waits.
      check(queue, 15_000, theory.id === 'pool5' ? 0.12 : 0.06, {
        meanWait: meanWaitAccepted,
        partThatWaits: pWaitAccepted,
        meanSettingUp: meanConnecting,
        meanOn: meanOpen,
      });
    },
    60_000,
  );
});
