import { describe, expect, test } from 'vitest';
import { always, at, ticks, timeline, traffic } from '../support/timeline.js';

describe("the littles-law policy's shrinking", () => {
  const quiet = { create: always(5) };

  test('closes what was unused for the break-even time, a tenth per tick', () => {
    timeline(
      'littles-law',
      { idle: 40, ...quiet },
      ticks(0, 9_900, (ms) =>
        at(ms)
          .signals({})
          .expect({ target: 40, reason: 'steady', limitedBy: ['break-even'] }),
      ),
      at(10_000)
        .signals({})
        .expect({
          target: 36,
          reason: 'idle-surplus',
          limitedBy: ['shrink-rate'],
          note: '40 unused for 10 s, keeping them costs more than reopening (5 ms)',
        }),
      at(10_100).signals({ idle: 36 }).expect({ target: 33 }),
      at(10_150)
        .signals({ idle: 33 })
        .expect({ target: 33, limitedBy: ['shrink-rate'] }),
    );
  });

  test('keeps what a rare peak still uses', () => {
    timeline(
      'littles-law',
      quiet,
      // Every 9 s all but three of 40 are needed for a moment, so three go and no more.
      ticks(0, 9_900, (ms) =>
        at(ms)
          .signals({ idle: 40, lowestIdle: ms % 9_000 === 0 ? 3 : 40 })
          .expect({ target: 40 }),
      ),
      at(10_000).signals({ idle: 40 }).expect({ target: 37, reason: 'idle-surplus' }),
      ticks(10_100, 60_000, (ms) =>
        at(ms)
          .signals({ idle: 37, lowestIdle: ms % 9_000 === 0 ? 0 : 37 })
          .expect({ target: 37 }),
      ),
    );
  });

  test('keeps expensive connections longer: a thousand create times', () => {
    timeline(
      'littles-law',
      { idle: 10, create: always(50) },
      ticks(0, 49_000, (ms) => at(ms).signals({}).expect({ target: 10 }), 1_000),
      at(50_000).signals({}).expect({ target: 9, reason: 'idle-surplus' }),
    );
  });

  test('closes sooner where the option says so', () => {
    timeline(
      { name: 'littles-law', idleBeforeCloseMs: 1_000 },
      { idle: 10, create: always(50) },
      ticks(0, 900, (ms) => at(ms).signals({}).expect({ target: 10 })),
      at(1_000).signals({}).expect({ target: 9 }),
    );
  });

  test('never goes below min, nor below what the load needs', () => {
    timeline(
      { name: 'littles-law', idleBeforeCloseMs: 1_000 },
      { idle: 3, min: 2, ...quiet },
      ticks(0, 900, (ms) => at(ms).signals({})),
      at(1_000).signals({}).expect({ target: 2, reason: 'idle-surplus' }),
      at(1_100)
        .signals({ idle: 2 })
        .expect({ target: 2, reason: 'steady', limitedBy: ['min'] }),
    );
    timeline(
      { name: 'littles-law', idleBeforeCloseMs: 1_000 },
      { idle: 4, inUse: 16 },
      // 20 are needed although four of them are idle at every look.
      ticks(0, 5_000, (ms) => at(ms).signals(traffic(800, 2)).expect({ target: 20 })),
    );
    timeline(
      { name: 'littles-law', idleBeforeCloseMs: 1_000 },
      { idle: 5, inUse: 16 },
      ticks(0, 900, (ms) => at(ms).signals(traffic(800, 2)).expect({ target: 21 })),
      // Two could go in one tick, but only one is more than the load needs.
      at(1_000).signals(traffic(800, 2)).expect({ target: 20, reason: 'idle-surplus' }),
    );
  });

  test('closes nothing for a break-even time after a create failed', () => {
    const failed = { transient: 1, permanent: 0, serverLimit: 0, timeout: 0 };
    timeline(
      { name: 'littles-law', idleBeforeCloseMs: 1_000 },
      { idle: 10, ...quiet },
      ticks(0, 900, (ms) => at(ms).signals(ms === 500 ? { createFailures: failed } : {})),
      at(1_000)
        .signals({})
        .expect({ target: 10, limitedBy: ['create-failures'] }),
      at(1_500).signals({}).expect({ target: 9, reason: 'idle-surplus' }),
    );
  });

  test('closes nothing while callers wait', () => {
    timeline(
      { name: 'littles-law', idleBeforeCloseMs: 1_000 },
      { idle: 10, ...quiet },
      ticks(0, 900, (ms) => at(ms).signals({})),
      at(1_000).signals({ pending: 1, checking: 1, idle: 9 }).expect({ target: 10 }),
    );
  });

  test('comes down to a min of 0 when nobody comes any more', () => {
    const decisions = timeline(
      'littles-law',
      {},
      ticks(0, 2_000, (ms) => at(ms).signals(traffic(800, 2, { idle: 4, inUse: 16 }))),
      ticks(2_100, 20_000, (ms) => at(ms).signals((target) => ({ idle: target }))),
    );
    expect(decisions.at(-1)).toMatchObject({ target: 0, reason: 'steady' });
  });

  test('follows min and max when they move', () => {
    timeline(
      'littles-law',
      { idle: 8 },
      at(0).signals({ min: 10 }).expect({ target: 10, reason: 'floor' }),
      at(100).signals({ max: 6 }).expect({ target: 6, reason: 'manual' }),
    );
  });
});
