import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Decision } from '../../src/control/decision.js';
import type { Policy } from '../../src/control/policy.js';
import type { Signals } from '../../src/control/signals.js';
import { NO_SAMPLE } from '../../src/control/throughput.js';
import { NO_GROWTH, verifyGrowth, type GrowthState } from '../../src/control/verified-growth.js';
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
const free = { permits: null, limitedBy: [] };
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
  at(2_200).signals(work(22, 1_467)).expect(verifying(22)),
  at(2_300).signals(work(22, 1_467)).expect(capped(30)),
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

  it('tests nothing where somebody waits only now and then, or not all were in use all the time', () => {
    const rarely = { ...HOT, pending: 1, pendingMs: 20 };
    run(...calm, ...during(1_000, 3_000, rarely, free));
    run(...calm, ...during(1_000, 3_000, { ...HOT, inUseMs: 3_600 }, free));
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
      ...during(1_500, 1_500, work(30, 1_500), verifying(30)),
      ...during(1_600, 1_600, work(30, 1_500), free),
      ...during(1_700, 1_900, HOT, free),
    );
    expect(verdictsOf(decisions)).toEqual([
      {
        kind: 'exogenous',
        of: null,
        permits: [40, 30],
        throughputPerSecond: [2_000, 1_500],
        elasticity: 1,
      },
    ]);
  });

  it('tests the same growth again after 2 s, and then after 4 s', () => {
    const exogenous = (from: number): readonly Row[] => [
      at(from).signals(HOT).expect(verifying(30)),
      ...during(from + 100, from + 100, work(30, 1_500), verifying(30)),
      ...during(from + 200, from + 200, work(30, 1_500), free),
    ];
    run(
      ...untilTested.slice(0, -1),
      ...exogenous(1_400),
      ...during(1_700, 3_500, HOT, free),
      ...exogenous(3_600),
      ...during(3_900, 7_700, HOT, free),
      ...exogenous(7_800),
    );
  });

  it('says knee where fewer uses at once bring as much, and caps permits at the fewest of them', () => {
    const decisions = run(...untilKnee, ...during(2_400, 3_000, work(30, 2_000), capped(30)));
    expect(verdictsOf(decisions)).toEqual([
      {
        kind: 'knee',
        of: null,
        permits: [40, 30],
        throughputPerSecond: [2_000, 2_000],
        elasticity: 0,
      },
    ]);
  });

  it('goes down in wide steps where more is less, and once back', () => {
    const decisions = run(
      ...untilTested,
      // Many more completions with fewer uses, and so on.
      ...during(1_500, 1_700, work(30, 2_500), verifying(30)),
      at(1_800).signals(work(30, 2_500)).expect(verifying(15)),
      at(1_900).signals(work(15, 1_500)).expect(verifying(15)),
      at(2_000).signals(work(15, 1_500)).expect(verifying(22)),
      ...during(2_100, 2_500, work(22, 2_600), { permits: 22 }),
      at(2_600).signals(work(22, 2_600)).expect(capped(22)),
    );
    expect(verdictsOf(decisions)).toMatchObject([{ kind: 'knee', permits: [40, 22] }]);
  });

  it('holds growth while it tests and while permits are capped', () => {
    const given = work(40, 2_000, { size: 40 });
    const decisions = timeline(
      verified(greedy),
      { max: 100 },
      ...calm,
      ...during(1_000, 1_300, given, { target: 100 }),
      at(1_400).signals(given).expect({ target: 40, permits: 30, wakeInMs: null }),
      ...during(1_500, 2_000, work(30, 2_000), { target: 40 }),
    );
    expect(decisions.at(-1)?.limitedBy).toEqual(['verifying']);
  });

  it('looks above the knee after 2 s and below it 4 s later', () => {
    const same = work(30, 2_000, { permits: 30 });
    const decisions = run(
      ...untilKnee,
      ...during(2_400, 4_200, same, capped(30)),
      at(4_300).signals(same).expect(verifying(38)),
      ...during(4_400, 4_800, work(38, 2_000), verifying(38)),
      at(4_900).signals(work(38, 2_000)).expect(capped(30)),
      ...during(5_000, 8_800, same, capped(30)),
      at(8_900).signals(same).expect(verifying(22)),
    );
    expect(verdictsOf(decisions)).toMatchObject([
      { kind: 'knee', permits: [40, 30] },
      { kind: 'knee', permits: [30, 38], throughputPerSecond: [2_000, 2_000] },
    ]);
  });

  it('raises permits in growing steps while more uses at once bring more', () => {
    const cap = {
      kind: 'cap',
      permits: 10,
      held: { ms: 2_000, completions: 1_000, busyMs: 20_000 },
      next: 'up',
    } as const;
    const use = { recent: NO_SAMPLE, baselineMs: 5 };
    let state: GrowthState = { ...NO_GROWTH, use, test: cap };
    const permits: (number | null)[] = [];
    for (let tick = 0; tick < 60 && state.test !== null; tick += 1) {
      const now = permits.at(-1) ?? 10;
      const given = work(now, 50 * now, { permits: now });
      const found = verifyGrowth(signalsOf({ ...given, max: 40 }), state, 100);
      ({ state } = found);
      if (found.permits !== permits.at(-1)) permits.push(found.permits);
    }
    expect(permits).toEqual([13, 20, 40, null]);
  });

  it('lets go when nobody waits any more', () => {
    const gone = work(10, 2_000, { pending: 0 });
    run(
      ...untilKnee,
      ...during(2_400, 2_700, gone, { permits: 30 }),
      at(2_800).signals(gone).expect(free),
    );
  });

  it('says cured when a growth ends the waiting, and once', () => {
    const given = work(10, 2_000, { size: 10, pending: 5 });
    const decisions = timeline(
      verified(greedy),
      { max: 40, seq: 7 },
      ...calm,
      at(1_000).signals(given).expect({ target: 40 }),
      ...during(1_100, 3_000, work(10, 2_000, { pending: 0 }), { permits: null }),
    );
    expect(verdictsOf(decisions)).toEqual([
      { kind: 'cured', of: 7, permits: null, throughputPerSecond: null, elasticity: null },
    ]);
    expect(decisions[15]?.verdict).toBeDefined();
  });

  it('believes a throughput that leaps up with fewer uses only when it sees it twice', () => {
    // The backend recovered while it was tested: no verdict, and the test begins anew.
    const leap = [
      ...during(1_500, 1_700, work(30, 6_000), verifying(30)),
      at(1_800).signals(work(30, 6_000)).expect(free),
    ];
    const again = during(1_900, 2_200, HOT, free);
    const decisions = run(
      ...untilTested,
      ...leap,
      ...again,
      at(2_300).signals(HOT).expect(verifying(30)),
      ...during(2_400, 2_600, work(30, 6_000), verifying(30)),
      at(2_700).signals(work(30, 6_000)).expect(verifying(15)),
    );
    expect(verdictsOf(decisions)).toEqual([]);
  });

  it('measures whole ticks, however many decisions there are in one', () => {
    const tenth = { ...HOT, completions: 20, inUseMs: 400, pendingMs: 500 };
    run(
      ...calm,
      // Five times nine decisions are five ticks.
      ticks(910, 1_340, (ms) => at(ms).signals(tenth).expect(free), 10),
      at(1_350).signals(tenth).expect(verifying(30)),
    );
  });

  it('forgets a test over a long pause', () => {
    run(...untilKnee, at(3_600_000).signals(HOT).expect(free));
  });
});

function verdictsOf(decisions: readonly Decision<unknown>[]): readonly unknown[] {
  return decisions.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict]));
}

describe('verifyGrowth', () => {
  const garbage = fc.oneof(
    { weight: 6, arbitrary: fc.nat(300) },
    { weight: 3, arbitrary: fc.double({ min: 0, max: 1e4, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, 1e300, 5e-324) },
  );
  const anything: fc.Arbitrary<Partial<Signals>> = fc.record({
    now: garbage,
    seq: fc.nat(),
    intervalMs: fc.oneof(fc.constant(100), garbage),
    size: garbage,
    creating: fc.oneof(fc.constant(0), garbage),
    inUse: garbage,
    pending: garbage,
    pendingMs: garbage,
    inUseMs: fc.oneof(fc.constant(4_000), garbage),
    completions: garbage,
    max: garbage,
  });

  test('never gives permits below 1, and a state that is plain, whatever it is shown', () => {
    fc.assert(
      fc.property(fc.array(anything, { minLength: 20, maxLength: 80 }), (sequence) => {
        let state = NO_GROWTH;
        let { permits } = verifyGrowth(signalsOf(), state, 100);
        for (const given of sequence) {
          const signals = signalsOf({ ...given, permits });
          const before = JSON.stringify(state);
          const found = verifyGrowth(signals, state, 100);
          expect(JSON.stringify(state)).toBe(before);
          expect(verifyGrowth(signals, JSON.parse(before) as typeof state, 100)).toEqual(found);
          if (found.permits !== null) expect(found.permits).toBeGreaterThanOrEqual(1);
          expect(Number.isInteger(found.permits ?? 1)).toBe(true);
          expect(JSON.parse(JSON.stringify(found.state))).toEqual(found.state);
          ({ state, permits } = found);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('gives permits of at least 1 in saturated times of any throughput', () => {
    const rates = fc.array(fc.nat(1_000), { minLength: 50, maxLength: 150 });
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 50 }), (completions, size) => {
        let state = NO_GROWTH;
        let permits: number | null = null;
        let tests = 0;
        for (const ended of completions) {
          const inUse = Math.min(size, permits ?? size);
          const given = work(inUse, 10 * ended, { size, permits, max: size });
          const found = verifyGrowth(signalsOf(given), state, 100);
          if (found.permits !== null) {
            tests += 1;
            expect(found.permits).toBeGreaterThanOrEqual(1);
            expect(found.permits).toBeLessThanOrEqual(Math.max(1, size));
          }
          ({ state, permits } = found);
        }
        // With one connection there is nothing to take away.
        if (size === 1) expect(tests).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
