import { describe, test } from 'vitest';
import { always, at, timeline } from '../support/timeline.js';

describe("the littles-law policy's cold start", () => {
  test('opens four, ten if those do not tell in 5 ms, and doubles every 50 ms while nothing comes back, up to the waiters', () => {
    const cold = { pending: 100, max: 100, cause: 'pressure' } as const;
    timeline(
      'littles-law',
      cold,
      at(0).signals({ target: 0 }).expect({ target: 4, reason: 'cold-start', wakeInMs: 5 }),
      at(5).signals({ creating: 4 }).expect({ target: 10, reason: 'cold-start', wakeInMs: 45 }),
      at(50).signals({ creating: 10 }).expect({ target: 20, wakeInMs: 50 }),
      // A timer that fires early by less than half a millisecond is on time.
      at(99.6).signals({ creating: 20 }).expect({ target: 40 }),
      at(150).signals({ creating: 40 }).expect({ target: 80, wakeInMs: 50 }),
      at(200).signals({ creating: 80 }).expect({ target: 100, wakeInMs: null }),
    );
  });

  test('stays with four when those tell at once that calls are short', () => {
    timeline(
      'littles-law',
      { pending: 990, max: 100, create: always(1), cause: 'pressure' },
      at(0).signals({ target: 0 }).expect({ target: 4 }),
      at(3)
        .signals({ inUse: 4, completions: 40, inUseMs: 2 })
        .expect({ target: 5, reason: 'drain' }),
    );
  });

  test('opens no more than callers wait', () => {
    timeline(
      'littles-law',
      { pending: 1 },
      at(0)
        .signals({ target: 0 })
        .expect({
          target: 1,
          reason: 'cold-start',
          limitedBy: ['creates-in-flight'],
          wakeInMs: null,
        }),
    );
  });

  test('waits for the first return when warm connections are in use', () => {
    timeline(
      'littles-law',
      { min: 5, max: 50, inUse: 5, create: always(150) },
      at(0)
        .signals({ pending: 45, cause: 'pressure' })
        .expect({ target: 5, reason: 'cold-start', wakeInMs: 5 }),
      // Ten came back in 5 ms: now the use time is known.
      at(5)
        .signals({ pending: 35, completions: 10, inUseMs: 25 })
        .expect({ target: 5, reason: 'returns-suffice' }),
    );
  });

  test('goes on doubling when the first return never comes', () => {
    timeline(
      'littles-law',
      { min: 5, max: 50, inUse: 5, pending: 45 },
      at(0).signals({}).expect({ target: 5, wakeInMs: 5 }),
      at(4).signals({}).expect({ target: 5, wakeInMs: 1 }),
      // A timer that fires early by less than half a millisecond is on time.
      at(4.6).signals({}).expect({ target: 10, reason: 'cold-start', wakeInMs: 5 }),
      at(50).signals({ creating: 5 }).expect({ target: 20 }),
      at(100).signals({ creating: 15 }).expect({ target: 40 }),
    );
  });

  test('looks again after 5 ms though nobody holds what is open, as while all are being checked', () => {
    timeline(
      'littles-law',
      { min: 2, max: 50, checking: 2, pending: 20 },
      at(0).signals({}).expect({ target: 2, wakeInMs: 5 }),
      at(5).signals({}).expect({ target: 10, wakeInMs: 45 }),
    );
  });

  test('allows a pool of one a second at once, since the first may never come back', () => {
    timeline(
      'littles-law',
      { max: 50, inUse: 1, pending: 20 },
      at(0).signals({}).expect({ target: 2, wakeInMs: 5 }),
      at(5).signals({ creating: 1 }).expect({ target: 10 }),
    );
  });

  test('takes callers of little patience who come one after the other for one cold start', () => {
    timeline(
      'littles-law',
      { min: 2, max: 50, inUse: 2 },
      at(0).signals({ pending: 1 }).expect({ target: 2 }),
      at(4).signals({}).expect({ target: 2 }),
      at(20).signals({ pending: 1 }).expect({ target: 3, reason: 'cold-start' }),
    );
  });

  test('starts anew when callers come after a cold start that ended without any', () => {
    timeline(
      'littles-law',
      { max: 50 },
      at(0).signals({ target: 0, pending: 30 }).expect({ target: 4 }),
      // They gave up, and so did the creates.
      at(1_000).signals({}).expect({ target: 0 }),
      at(60_000).signals({ pending: 30 }).expect({ target: 4 }),
    );
  });
});
