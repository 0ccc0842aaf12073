import type { Policy } from '../policy.js';

/** A policy by name, by name with options, or your own. */
export type PolicyOption =
  | 'fixed'
  | 'step'
  | 'littles-law'
  | { readonly name: 'fixed' }
  | { readonly name: 'step' }
  | { readonly name: 'littles-law' }
  | Policy;
