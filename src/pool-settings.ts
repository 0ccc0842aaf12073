import { closeAllowanceFor } from './autoscaler/defaults.js';
import type { AutoscalerSettings } from './autoscaler/ports.js';
import type { ResolvedOptions } from './options.js';

/** What stays the same while the pool lives. */
export type FixedSettings = Pick<AutoscalerSettings, 'name' | 'tickMs' | 'random' | 'epochAtZero'>;

/** What the options in force mean to the autoscaler. */
export function settingsOf(fixed: FixedSettings, options: ResolvedOptions): AutoscalerSettings {
  const { min, max, waitObjectiveMs, policy, mode, shadow } = options;
  const { maxPending, createConcurrency, validateAfterIdleMs, maxLifetimeMs } = options;
  return {
    ...fixed,
    min,
    max,
    waitObjectiveMs,
    policy,
    mode,
    shadow,
    engine: {
      maxPending,
      createConcurrency,
      validateAfterIdleMs,
      maxLifetimeMs,
      closeAllowance: closeAllowanceFor(max),
    },
  };
}
