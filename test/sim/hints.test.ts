import { describe, expect, it } from 'vitest';
import { simulate } from '../../sim/simulate.js';
import { loadScenario } from '../../sim/scenario-file.js';
import type { Scenario } from '../../sim/scenario.js';

describe('hints of a scenario', () => {
  const scenario = loadScenario('announced');
  const unannounced: Scenario = { ...scenario, hints: undefined };

  it.each(['littles-law', 'step'] as const)('let nobody wait with %s', (policy) => {
    expect(simulate(scenario, policy).waited).toBe(0);
    expect(simulate(unannounced, policy).waited).toBeGreaterThan(50);
  });

  it('are counted from the start of the workload', () => {
    const grown: number[] = [];
    simulate({ ...scenario, warmUpMs: 10_000 }, 'littles-law', {
      onDecision: ({ at, reason }) => {
        if (reason === 'hint') grown.push(at);
      },
    });
    // Two rounds of 150 ms and a margin before 15 s.
    expect(grown[0]).toBeGreaterThan(14_500);
    expect(grown[0]).toBeLessThan(14_850);
  });
});
