import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Decision } from '../../src/control/decision.js';
import type { Policy } from '../../src/control/policy.js';
import type { Signals } from '../../src/control/signals.js';
import { NO_GROWTH, verifyGrowth } from '../../src/control/verified-growth.js';
import { verified } from '../../src/control/verified-policy.js';
import { at, signalsOf, ticks, timeline, type Row } from '../support/timeline.js';

/** Always wants more while callers wait: `max`. */
const greedy: Policy = {
  name: 'greedy',
  init: () => ({}),
  decide: (signals, state): Decision<unknown> => ({
    target: signals.pending > 0 ? signals.max : signals.target,
    permits: null,
    reason: 'drain',
    limitedBy: [],
    candidates: {},
    state,
    wakeInMs: 5,
  }),
};

/** One tick in which `uses` ran at once and so many ended per second; callers wait unless `pending` is 0. */
function work(uses: number, perSecond: number, rest: Partial<Signals> = {}): Partial<Signals> {
  const { pending = 50, size = 40 } = rest;
  return {
    inUse: uses,
    idle: Math.max(0, size - uses),
    completions: perSecond / 10,
    inUseMs: 100 * uses,
    pending,
    pendingMs: 100 * pending,
    size,
    target: size,
    ...rest,
  };
}

/** The same tick again and again, with the same answer. */
const during = (from: number, to: number, given: Partial<Signals>, expected: object): Row[] =>
  ticks(from, to, (ms) => at(ms).signals(given).expect(expected)) as Row[];

/** Uses of 5 ms and nobody waits: what the baseline is learned from. */
const calm = during(0, 900, work(10, 2_000, { pending: 0 }), { permits: null });
/** 40 uses at once take 20 ms, 2,000 end per second, callers wait: hot. */
const HOT = work(40, 2_000);
const free = { permits: null, verdict: undefined, limitedBy: [] };
const verifying = (permits: number): object => ({ permits, limitedBy: ['verifying'] });
const capped = (permits: number): object => ({ permits, limitedBy: ['backend-saturated'] });
/** Until the test of 40 uses begins. */
const untilTested = [
  ...calm,
  ...during(1_000, 1_300, HOT, free),
  at(1_400).signals(HOT).expect(verifying(30)),
];
/** As before, and then 30 bring as much as 40 did: next try 22; they bring less. */
const untilKnee = [
  ...untilTested,
  ...during(1_500, 2_000, work(30, 2_000), verifying(30)),
  at(2_100).signals(work(30, 2_000)).expect(verifying(22)),
  ...during(2_200, 2_300, work(22, 1_467), verifying(22)),
];

const run = (...rows: readonly (Row | readonly Row[])[]): readonly Decision<unknown>[] =>
  timeline(verified(greedy), { max: 40 }, ...rows);

describe('verified growth', () => {
  it('tests a full pool with waiters when uses take longer and nothing grows for five ticks', () => {
    run(...untilTested);
  });

  it('tests nothing while uses take no longer than usual', () => {
    run(...calm, ...during(1_000, 3_000, work(40, 8_000), free));
  });

  it('tests nothing while connections are idle', () => {
    run(...calm, ...during(1_000, 3_000, work(30, 1_500), free));
  });

  it('tests nothing while connections are being opened and throughput grows with them', () => {
    const growing = ticks(1_000, 3_000, (ms) => {
      const uses = 10 + (ms - 1_000) / 100;
      const given = work(uses, 50 * uses, { size: uses + 1, creating: 1 });
      return at(ms).signals(given).expect(free);
    });
    run(...calm, growing);
  });

  it('suspects a growth that brought nothing, although connections are still being opened', () => {
    const growing = ticks(1_000, 1_500, (ms) => {
      const uses = 10 + (ms - 1_000) / 25;
      const given = work(uses, 2_000, { size: uses + 1, creating: 1 });
      return at(ms).signals(given).expect(free);
    });
    const given = work(34, 2_000, { size: 35, creating: 1 });
    // 14, 18 and 22 uses at once brought as much as 26, 30 and 34.
    run(...calm, growing, at(1_600).signals(given).expect(verifying(22)));
  });

  it('says exogenous and takes the permits back when throughput falls with them', () => {
    const decisions = run(
      ...untilTested,
      // One tick to settle, one is enough to be certain.
      ...during(1_500, 1_600, work(30, 1_500), verifying(30)),
      at(1_700).signals(work(30, 1_500)).expect(free),
    );
    expect(decisions).toHaveLength(18);
  });
});
