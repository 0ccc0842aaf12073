import { BASELINE_NAMES, POLICY_NAMES, type ChoiceName } from 'adaptive-pool/sim';

/**
 * What a scenario asks of a policy.
 *
 * - `healthy`: the server has room; more connections help, and each costs something.
 * - `saturated`: the server is overloaded for a while; more connections do not help and may hurt.
 * - `false-alarm`: looks like saturation but is none; a guard that limits the pool for long is wrong.
 */
export type SuiteKind = 'healthy' | 'saturated' | 'false-alarm';

/** One scenario of the suite. */
export interface SuiteEntry {
  /** Name of a scenario of the package. */
  readonly name: string;
  readonly kind: SuiteKind;
}

const HEALTHY = [
  'suite-step',
  'suite-batch',
  'suite-sine',
  'suite-slow',
  'suite-steady',
  'suite-ramp',
  'suite-square',
  'suite-flash-crowd',
  'suite-mixed',
  'suite-bimodal',
  'suite-heavy-tail',
  'suite-create-2ms',
  'suite-create-10ms',
  'suite-create-50ms',
  'suite-create-200ms',
  'suite-create-1000ms',
  'azure-llm-code',
  'mooncake',
  'nasa-http',
  'nyc-taxi',
  'twitter-aapl',
  'worldcup98',
] as const;

/** The scenarios in which policies are judged, in the order of the report. */
export const SUITE: readonly SuiteEntry[] = [
  ...HEALTHY.map((name) => ({ name, kind: 'healthy' }) as const),
  { name: 'suite-knee', kind: 'saturated' },
  { name: 'suite-retrograde', kind: 'saturated' },
  { name: 'suite-slow-down', kind: 'false-alarm' },
  { name: 'suite-healthy-burst', kind: 'false-alarm' },
];

const NAMED: readonly string[] = POLICY_NAMES;

/** The policy that is judged: the default one, as far as the package has it. */
export const SUBJECT = (NAMED.includes('adaptive') ? 'adaptive' : 'littles-law') as ChoiceName;

/**
 * Those it is compared with: every other policy that comes with the package and every baseline. `fixed` is missing, since
 * the report has the best fixed size in hindsight as a bound.
 */
export const RIVALS: readonly ChoiceName[] = [...POLICY_NAMES, ...BASELINE_NAMES].filter(
  (name) => name !== 'fixed' && name !== SUBJECT,
);

/** The entries of the given names, all if there are none. @throws Error for a name that is not in the suite. */
export function suiteOf(names: readonly string[]): readonly SuiteEntry[] {
  if (names.length === 0) return SUITE;
  return names.map((name) => {
    const entry = SUITE.find((one) => one.name === name || one.name === `suite-${name}`);
    if (entry === undefined) {
      throw new Error(`${name} is not in the suite: ${SUITE.map((one) => one.name).join(', ')}`);
    }
    return entry;
  });
}
