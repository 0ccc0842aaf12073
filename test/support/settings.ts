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
      maxPending: 100,
      createConcurrency: 32,
      closeAllowance: 1,
      validateAfterIdleMs: Number.POSITIVE_INFINITY,
      maxLifetimeMs: Number.POSITIVE_INFINITY,
    },
    ...given,
  };
}
