import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { consult } from '../../src/autoscaler/consult.js';
import { freshMemory } from '../../src/autoscaler/memory.js';
import { resolvePolicy } from '../../src/control/policies/index.js';
import { always, signalsOf, traffic } from '../support/timeline.js';

/** A past of some ticks, and a present with some waiters and some more. */
const situation = fc.record({
  ticks: fc.array(
    fc.record({ arrivals: fc.nat(500), useMs: fc.double({ min: 0.1, max: 100, noNaN: true }) }),
    { maxLength: 12 },
  ),
  createMs: fc.double({ min: 0.5, max: 500, noNaN: true }),
  creating: fc.nat(20),
  inUse: fc.nat(60),
  target: fc.nat(100),
  pending: fc.nat(300),
  more: fc.integer({ min: 1, max: 300 }),
  arrivalsPerMs: fc.array(fc.nat(20), { maxLength: 128 }),
  eventLoopUtilisation: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
});

test.each(['adaptive', 'littles-law', 'step', 'target-tracking'] as const)(
  'more waiting never lowers the target of %s, all else equal',
  (name) => {
    const resolved = resolvePolicy(name, { waitObjectiveMs: 10, tickMs: 100 });
    fc.assert(
      fc.property(situation, ({ ticks, createMs, pending, more, ...present }) => {
        let memory = freshMemory(resolved);
        const create = always(createMs);
        const { inUse, creating, target } = present;
        for (const [tick, { arrivals, useMs }] of ticks.entries()) {
          const rest = { now: 100 * (tick + 1), max: 200, target, inUse, creating, create };
          const signals = signalsOf({ ...traffic(arrivals, useMs), use: always(useMs), ...rest });
          memory = consult(resolved, signals, memory).decision.state;
        }
        const now = 100 * (ticks.length + 1);
        const targetWith = (waiting: number): number => {
          const signals = signalsOf({ ...present, now, max: 200, create, pending: waiting });
          return consult(resolved, signals, memory).decision.target;
        };
        expect(targetWith(pending + more)).toBeGreaterThanOrEqual(targetWith(pending));
      }),
      { numRuns: 500 },
    );
  },
);
