import { describe, test } from 'vitest';
import { at, timeline } from '../support/timeline.js';

describe('the fixed policy', () => {
  test('keeps max connections when no size is given, and follows max', () => {
    timeline(
      'fixed',
      {},
      at(0)
        .signals({ max: 20, target: 0 })
        .expect({ target: 20, reason: 'fixed', permits: null, wakeInMs: null }),
      at(100).signals({ max: 30, idle: 20 }).expect({ target: 30, reason: 'fixed' }),
    );
  });

  test('keeps its size whatever the load', () => {
    timeline(
      { name: 'fixed', size: 12 },
      { idle: 12 },
      at(0).signals({}).expect({ target: 12, limitedBy: [] }),
      // A queue does not move it.
      at(100).signals({ idle: 0, inUse: 12, pending: 500 }).expect({ target: 12 }),
      // Neither does an hour of nothing.
      at(3_600_000).signals({}).expect({ target: 12 }),
    );
  });

  test('is held within min and max and says so', () => {
    timeline(
      { name: 'fixed', size: 12 },
      { idle: 12 },
      at(0)
        .signals({ max: 8 })
        .expect({ target: 8, limitedBy: ['max'] }),
      at(100)
        .signals({ min: 16 })
        .expect({ target: 16, limitedBy: ['min'] }),
    );
  });
});
