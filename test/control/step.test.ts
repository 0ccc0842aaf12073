import { describe, test } from 'vitest';
import { always, at, ticks, timeline } from '../support/timeline.js';

describe('the step policy', () => {
  test('opens a step when the queue stayed for the hold time, and asks to be woken then', () => {
    timeline(
      'step',
      { inUse: 8, pending: 3, cause: 'pressure' },
      // The queue has just begun.
      at(0).signals({}).expect({ target: 8, reason: 'steady', wakeInMs: 100 }),
      at(40).signals({}).expect({ target: 8, wakeInMs: 60 }),
      at(100).signals({}).expect({ target: 12, reason: 'queue-depth', wakeInMs: 100 }),
      // The next step needs another hold time.
      at(150).signals({ creating: 2 }).expect({ target: 12, wakeInMs: 50 }),
      at(200).signals({ creating: 2 }).expect({ target: 16, reason: 'queue-depth' }),
    );
  });

  test('starts the hold time anew when the queue was below the threshold', () => {
    timeline(
      { name: 'step', thresholdPending: 5 },
      { inUse: 8, pending: 5 },
      at(0).signals({}).expect({ target: 8 }),
      // Four are not five.
      at(90).signals({ pending: 4 }).expect({ target: 8, wakeInMs: null }),
      at(110).signals({}).expect({ target: 8, wakeInMs: 100 }),
      at(210).signals({}).expect({ target: 12 }),
    );
  });

  test('steps at once with a hold time of 0, but not while every waiter has a connection coming', () => {
    timeline(
      { name: 'step', holdMs: 0, stepSize: 2 },
      { inUse: 8, pending: 2 },
      at(0).signals({}).expect({ target: 10, reason: 'queue-depth' }),
      at(1)
        .signals({ creating: 2 })
        .expect({ target: 10, limitedBy: ['creates-in-flight'] }),
      at(2).signals({ creating: 2, pending: 3 }).expect({ target: 12 }),
    );
  });

  test('stops at max and says so', () => {
    timeline(
      { name: 'step', holdMs: 0 },
      { inUse: 8, pending: 9, max: 10 },
      at(0)
        .signals({})
        .expect({ target: 10, reason: 'queue-depth', limitedBy: ['max'] }),
    );
  });

  test('closes what stayed unused for the idle time, one step at a time and not below min', () => {
    timeline(
      { name: 'step', idleMs: 1_000 },
      { min: 2 },
      // Seven of nine are unused, and that has to last.
      ticks(0, 900, (ms) =>
        at(ms)
          .signals({ idle: 7, inUse: 2 })
          .expect({ target: 9, limitedBy: ['break-even'] }),
      ),
      at(1_000)
        .signals({ idle: 7, inUse: 2 })
        .expect({ target: 5, reason: 'idle-surplus', note: '7 unused for 1 s' }),
      // A decision within the same tick closes no more.
      at(1_050)
        .signals({ idle: 3, inUse: 2 })
        .expect({ target: 5, limitedBy: ['shrink-rate'] }),
      at(1_100).signals({ idle: 3, inUse: 2 }).expect({ target: 2, reason: 'idle-surplus' }),
      at(1_200).signals({ idle: 0, inUse: 2 }).expect({ target: 2, reason: 'steady' }),
    );
  });

  test('closes nothing while a caller waits, even below the threshold', () => {
    timeline(
      { name: 'step', thresholdPending: 5, idleMs: 1_000 },
      { idle: 8, checking: 1 },
      ticks(0, 900, (ms) => at(ms).signals({})),
      at(1_000).signals({ pending: 1 }).expect({ target: 9, reason: 'steady' }),
      at(1_100).signals({}).expect({ target: 5, reason: 'idle-surplus' }),
    );
  });

  test('follows min and max when they move', () => {
    timeline(
      'step',
      { idle: 8 },
      at(0).signals({ min: 10 }).expect({ target: 10, reason: 'floor' }),
      at(100).signals({ max: 6 }).expect({ target: 6, reason: 'manual' }),
    );
  });

  test('keeps what was opened for the first caller of an empty pool until it was unused for the idle time', () => {
    timeline(
      { name: 'step', idleMs: 1_000 },
      {},
      at(0)
        .signals({ pending: 1, cause: 'pressure' })
        .expect({ target: 1, reason: 'queue-depth', wakeInMs: 100 }),
      ticks(100, 1_400, (ms) =>
        at(ms).signals({ idle: 1 }).expect({ target: 1, reason: 'steady' }),
      ),
      at(1_500).signals({ idle: 1 }).expect({ target: 0, reason: 'idle-surplus' }),
      at(1_600).signals({}).expect({ target: 0, reason: 'steady' }),
    );
    timeline(
      { name: 'step', thresholdPending: 5 },
      {},
      at(0).signals({ pending: 1 }).expect({ target: 1, reason: 'queue-depth', wakeInMs: null }),
    );
  });
});

test.each(['step', 'littles-law', 'adaptive'] as const)(
  '%s calls a minimum that was raised a minimum, also where more are open than it would have',
  (policy) => {
    timeline(
      policy,
      { idle: 4, target: 2, min: 2, create: always(5) },
      ticks(0, 12_000, (ms) => at(ms).signals({ idle: 2 })),
      at(12_100)
        .signals({ min: 3 })
        .expect({ target: 3, reason: 'floor', note: undefined, limitedBy: ['min'] }),
    );
  },
);
