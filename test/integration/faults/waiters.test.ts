import { expect, it } from 'vitest';
import { OPTIONS, runCell } from './fault-cell.js';
import { NETWORK_FAULTS } from './faults.js';
import { expectSound, mostAttempts } from './sound.js';

const LASTS_MS = 1_500;

it.each(NETWORK_FAULTS.filter(({ isOpenable }) => isOpenable !== true))(
  'tries no more often for 400 callers than the back-off allows: $name',
  async (fault) => {
    const cells = [1, 400].map((callers) =>
      runCell({ fault, state: 'idle', lastsMs: LASTS_MS, callers }),
    );
    const outcomes = await Promise.all(cells);
    for (const outcome of outcomes) expectSound(expect, outcome);
    const [few = 0, many = 0] = outcomes.map(({ attempts }) => attempts.length);
    expect(few).toBeGreaterThan(1);
    expect(many).toBeLessThanOrEqual(mostAttempts(LASTS_MS) + OPTIONS.max);
  },
  60_000,
);
