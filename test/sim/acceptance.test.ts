import { describe, expect, it } from 'vitest';

import { loadScenario, simulate } from '../../sim/index.js';

describe('littles-law', () => {
  it('serves a spike with the connections it has when opening more would be too late', () => {
    const spike = loadScenario('spike');
    const result = simulate(spike, 'littles-law');
    expect(result).toMatchObject({ requests: 50, timeouts: 0, rejected: 0, stillWaiting: 0 });
    // Finished = the longest wait and then a use of 2 ms.
    expect(result.wait.maxMs + 2).toBeLessThanOrEqual(40);
    expect(result.creates - spike.min).toBeLessThanOrEqual(8);
  });

  it('opens a cold pool for callers who hold on for long', () => {
    const result = simulate(loadScenario('hold'), 'littles-law');
    expect(result).toMatchObject({ requests: 20, timeouts: 0, rejected: 0, stillWaiting: 0 });
    // Finished = the longest wait and then a use of 1 s.
    expect(result.wait.maxMs + 1_000).toBeLessThanOrEqual(2_300);
  });
});
