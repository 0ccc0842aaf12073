import { describe, expect, it } from 'vitest';
import {
  enduringNeed,
  envelopeNeed,
  NO_ENVELOPE,
  observeEnvelope,
} from '../../src/control/envelope.js';
import { always, at, signalsOf, ticks, timeline, traffic } from '../support/timeline.js';

const WINDOWS = 11;
const RULES = { tickMs: 100, waitObjectiveMs: 10, memoryMs: 1_000, quantile: 0.8 };

/** An envelope of k callers at one instant and nobody else. */
function batch(k: number): readonly number[] {
  return Array.from({ length: WINDOWS }, () => k);
}

/** An envelope of callers that come evenly. */
function steady(perMs: number): readonly number[] {
  return Array.from({ length: WINDOWS }, (_, index) => perMs * 2 ** index);
}

describe('the need of an arrival envelope', () => {
  it('of a batch is what begins all its uses within the objective', () => {
    // (100 + 10)·2 / (2 + 10 + 1)
    expect(envelopeNeed(batch(100), 2, 10)).toBeCloseTo(16.92, 2);
  });

  it('of an even stream tends to λ·S', () => {
    const load = 8 * 5;
    const need = envelopeNeed(steady(8), 5, 10);
    expect(need).toBeGreaterThan(0.98 * load);
    expect(need).toBeLessThan(1.02 * load);
  });

  it('is nothing when nobody came', () => {
    expect(envelopeNeed([], 5, 10)).toBe(0);
    expect(envelopeNeed(batch(0), 5, 10)).toBe(0);
  });
});

describe('the memory of busy moments', () => {
  it('holds a busy tick, and forgets it when its time is over', () => {
    let state = NO_ENVELOPE;
    const tick = (arrivalEnvelope: readonly number[]): number => {
      state = observeEnvelope(state, signalsOf({ arrivalEnvelope }), 2, { ...RULES, quantile: 1 });
      return enduringNeed(state, 2, { ...RULES, quantile: 1 });
    };
    expect(tick(batch(100))).toBeCloseTo(16.92, 2);
    for (let quiet = 1; quiet < 10; quiet += 1) expect(tick([])).toBeCloseTo(16.92, 2);
    expect(tick([])).toBe(0);
  });

  it('ignores the part of ticks that may need more', () => {
    let state = NO_ENVELOPE;
    const tick = (arrivalEnvelope: readonly number[]): number => {
      state = observeEnvelope(state, signalsOf({ arrivalEnvelope }), 2, RULES);
      return enduringNeed(state, 2, RULES);
    };
    for (let quiet = 0; quiet < 10; quiet += 1) tick([]);
    // Two of ten ticks may need more than there is, a third is one too many.
    expect([tick(batch(100)), tick(batch(100))]).toEqual([0, 0]);
    expect(tick(batch(100))).toBeCloseTo(16.92, 2);
  });

  it('keeps callers who came before the first use time was known', () => {
    const batchTick = signalsOf({ arrivalEnvelope: batch(100) });
    const unknown = observeEnvelope(NO_ENVELOPE, batchTick, null, RULES);
    expect(unknown.needs).toEqual([]);
    const known = observeEnvelope(unknown, signalsOf(), 2, RULES);
    expect(Math.max(...known.needs)).toBeCloseTo(16.92, 2);
  });

  it('does not believe in more than a busy event loop can use', () => {
    const busy = signalsOf({ arrivalEnvelope: batch(1_000), idle: 8, eventLoopUtilisation: 0.8 });
    expect(Math.max(...observeEnvelope(NO_ENVELOPE, busy, 2, RULES).needs)).toBe(10);
  });

  it('counts the ticks of a pool at rest as quiet ones', () => {
    const long = signalsOf({ intervalMs: 100_000, arrivalEnvelope: batch(10) });
    expect(observeEnvelope(NO_ENVELOPE, long, 2, RULES).needs).toHaveLength(10);
  });
});

/** Ticks of 2,000 callers per second with uses of 5 ms. */
function load(fromMs: number, toMs: number) {
  return ticks(fromMs, toMs, (ms) =>
    at(ms).signals(traffic(200, 5, { inUse: 10, use: always(5), arrivalEnvelope: steady(2) })),
  );
}

describe('the adaptive policy', () => {
  it('grows without anybody waiting to what the busiest moments needed', () => {
    timeline(
      'adaptive',
      {},
      load(0, 2_000),
      // (150 + √150)·5 / 16, and 15 % more.
      at(2_100)
        .signals(traffic(200, 5, { inUse: 10, use: always(5), arrivalEnvelope: batch(150) }))
        .expect({ target: 59, reason: 'envelope' }),
    );
  });

  it('leaves differences that are too small alone while nobody waits', () => {
    timeline(
      'adaptive',
      { inUse: 9, idle: 4, use: always(5), create: always(5) },
      load(0, 1_000),
      at(1_100)
        .signals({ inUse: 9, idle: 4, target: 13, arrivalEnvelope: steady(2) })
        .expect({ target: 13, reason: 'steady' }),
      at(1_200)
        .signals({ inUse: 9, idle: 3, target: 12, arrivalEnvelope: steady(2) })
        .expect({ target: 12 }),
    );
  });

  it('does not take one instead of none for a small difference', () => {
    timeline(
      'adaptive',
      { idle: 1, target: 0 },
      at(100)
        .signals(traffic(5, 1, { use: always(1), arrivalEnvelope: steady(0.05) }))
        .expect({ target: 1, reason: 'staffing' }),
    );
  });

  it('does not panic for want of what max forbids', () => {
    const [decision] = timeline(
      'adaptive',
      { max: 3 },
      at(0).signals({ pending: 9, target: 0 }).expect({ target: 3, reason: 'cold-start' }),
    );
    expect(decision?.episode).toBeUndefined();
  });

  it('panics when callers need twice what is open, closes nothing meanwhile, and says when it is over', () => {
    const calm = { inUse: 4, idle: 2, use: always(5), create: always(5) };
    timeline(
      { name: 'adaptive', idleBeforeCloseMs: 1_000 },
      calm,
      ticks(0, 1_000, (ms) => at(ms).signals(traffic(80, 5))),
      at(1_050)
        .signals({ inUse: 6, idle: 0, pending: 200, arrivals: 200, arrivalEnvelope: batch(200) })
        .expect({ episode: 'panic-enter' }),
      at(1_060).signals({ inUse: 6, idle: 0, pending: 100 }).expect({ episode: undefined }),
      ticks(1_100, 2_000, (ms) =>
        at(ms).signals((target) => ({ inUse: 1, idle: target - 1, lowestIdle: target - 1 })),
      ),
      at(2_100)
        .signals((target) => ({ inUse: 1, idle: target - 1, lowestIdle: target - 1 }))
        .expect({ episode: 'panic-exit' }),
    );
  });
});
