import { closeAllowanceFor } from './autoscaler/defaults.js';
import type { AutoscalerSettings } from './autoscaler/ports.js';
import type { ResolvedOptions } from './options.js';

/** What stays the same while the pool lives. */
export interface FixedSettings extends Pick<
  AutoscalerSettings,
  'name' | 'tickMs' | 'random' | 'epochAtZero'
> {
  /** Whether the factory can check a connection; without, looking after idle ones proves nothing. */
  readonly canValidate: boolean;
}

/** What the options in force mean to the autoscaler. */
export function settingsOf(
  { canValidate, ...fixed }: FixedSettings,
  options: ResolvedOptions,
): AutoscalerSettings {
  const { min, max, waitObjectiveMs, policy, mode, shadow } = options;
  const { maxPending, createConcurrency, validateAfterIdleMs, maxLifetimeMs, maxUses } = options;
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
      keepaliveMs: canValidate ? options.keepaliveMs : Number.POSITIVE_INFINITY,
      maxLifetimeMs,
      maxUses,
      overload: options.overload,
      failFastAfter: options.failFastAfter,
      closeAllowance: closeAllowanceFor(max),
    },
  };
}
