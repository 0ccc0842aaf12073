import type { PolicyOption } from './policies/index.js';

/** Whether the policy sizes the pool, or only says how it would. */
export type Mode = 'act' | 'observe';

/** The options that say who sizes the pool. */
export interface ModeOptions {
  readonly mode: Mode;
  readonly policy: PolicyOption;
  readonly min: number;
}

/** The policy that sizes the pool: the one of the options, or, while that one only observes, a constant `min`. */
export function actingPolicy({ mode, policy, min }: ModeOptions): PolicyOption {
  return mode === 'observe' ? { name: 'fixed', size: min } : policy;
}

/** Whether the acting policy is another one than before and begins anew. */
export function isOtherPolicy(before: Partial<ModeOptions>, after: Partial<ModeOptions>): boolean {
  if (before.mode !== after.mode) return true;
  return after.mode !== 'observe' && before.policy !== after.policy;
}
