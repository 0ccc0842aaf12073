import fc from 'fast-check';
import type { PolicyOption } from '../../src/control/policies/index.js';
import type { OverloadOptions } from '../../src/overload-options.js';
import type { Behaviour } from './stub-factory.js';

/** Something that a caller, the operator or the backend does. */
export type Step =
  | { readonly kind: 'acquire'; readonly timeoutMs: number }
  | { readonly kind: 'try' | 'releaseAgain' | 'invalidate' | 'spoil' | 'close' }
  | { readonly kind: 'release'; readonly index: number; readonly needsReset: boolean }
  | { readonly kind: 'destroy' | 'die' | 'abort'; readonly index: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'leap'; readonly hours: number }
  | { readonly kind: 'reconfigure'; readonly min: number; readonly max: number }
  | {
      readonly kind: 'tune';
      readonly validateAfterIdleMs: number;
      readonly keepaliveMs: number;
      readonly failFastAfter: number;
      readonly overload: OverloadOptions;
      readonly createConcurrency: number;
      readonly policy: PolicyOption;
    }
  | {
      readonly kind: 'behave';
      readonly call: 'create' | 'validate' | 'reset' | 'destroy';
      readonly behaviour: Behaviour;
    }
  | { readonly kind: 'answer'; readonly isValid: boolean };

const index = fc.nat({ max: 20 });

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Behaviour>('ok') },
  fc.constantFrom<Behaviour>('throws', 'rejects', 'never'),
  fc.integer({ min: 1, max: 150 }).map((slowMs) => ({ slowMs })),
);

function kind<K extends Step['kind']>(...kinds: K[]): fc.Arbitrary<K> {
  return fc.constantFrom(...kinds);
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 50,
    arbitrary: fc.record({ kind: kind('acquire'), timeoutMs: fc.nat({ max: 120 }) }),
  },
  {
    weight: 50,
    arbitrary: fc.record({ kind: kind('release'), index, needsReset: fc.boolean() }),
  },
  { weight: 50, arbitrary: fc.record({ kind: kind('wait'), ms: fc.nat({ max: 60 }) }) },
  { weight: 10, arbitrary: fc.record({ kind: kind('destroy', 'die', 'abort'), index }) },
  {
    weight: 10,
    arbitrary: fc.record({ kind: kind('try', 'invalidate', 'spoil', 'releaseAgain') }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: kind('reconfigure'),
      min: fc.nat({ max: 3 }),
      max: fc.integer({ min: 3, max: 6 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('tune'),
      validateAfterIdleMs: fc.constantFrom(0, 30, Infinity),
      keepaliveMs: fc.constantFrom(10, 100, Infinity),
      failFastAfter: fc.constantFrom(1, 2, Infinity),
      overload: fc.record({
        rejectLate: fc.boolean(),
        codelTargetMs: fc.constantFrom(10, Infinity),
        codelIntervalMs: fc.constantFrom(0, 50),
      }),
      createConcurrency: fc.integer({ min: 1, max: 4 }),
      policy: fc.constantFrom<PolicyOption>('adaptive', 'littles-law', 'step', 'fixed'),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: kind('behave'),
      call: fc.constantFrom('create', 'validate', 'reset', 'destroy'),
      behaviour,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('answer'), isValid: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind('leap'), hours: fc.integer({ min: 1, max: 24 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('close') }) },
);

/** What a pool may live through. */
export const life: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 5, maxLength: 60 });
