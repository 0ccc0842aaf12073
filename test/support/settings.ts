import { PLAIN } from '../../src/engine/config.js';
import type { AutoscalerSettings } from '../../src/autoscaler/ports.js';

/** Settings of an autoscaler, min 0 and max 8 unless given; chance always answers one half. */
export function settingsOf(given: Partial<AutoscalerSettings> = {}): AutoscalerSettings {
  return {
    name: 'a',
    min: 0,
    max: 8,
    tickMs: 100,
    waitObjectiveMs: 10,
    policy: 'littles-law',
    mode: 'act',
    shadow: [],
    random: () => 0.5,
    epochAtZero: 1_000_000,
    engine: {
      ...PLAIN,
      maxPending: 100,
      createConcurrency: 32,
    },
    ...given,
  };
}
