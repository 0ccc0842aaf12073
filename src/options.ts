import { DEFAULTS } from './autoscaler/defaults.js';
import {
  findProblems,
  integerFrom,
  numberFrom,
  objectWith,
  someFunction,
  someText,
  trueOrFalse,
  type FieldRule,
} from './control/fields.js';
import { hideSecrets } from './clean-error.js';
import type { ControllerState } from './autoscaler/state.js';
import type { Mode } from './control/mode.js';
import { findPolicyProblems, type PolicyOption } from './control/policies/index.js';
import type { OverloadConfig } from './engine/config.js';
import { InvalidOptionsError } from './errors.js';
import { findOverloadProblems, resolveOverload, type OverloadOptions } from './overload-options.js';
import type { Clock } from './runtime/clock.js';
import type { ResourceFactory } from './runtime/resource-factory.js';
import type { Logger } from './telemetry/logger.js';

/** The options that `reconfigure` can change while the pool runs. */
export interface TunableOptions {
  /**
   * Fewest connections, kept warm without any load: an integer from 0 to `max`. With 0 a connection is opened for who
   * waits: callers who never wait (`tryAcquire`, `timeoutMs: 0`, `maxPending: 0`) get none.
   * @default 2, or `max` if that is less
   */
  readonly min?: number | undefined;
  /**
   * Most connections, those that are being opened included: an integer from 1 to 100,000.
   * @default 64, or `min` if that is more
   */
  readonly max?: number | undefined;
  /**
   * The wait the controller aims for, in milliseconds, from 0.001 to 3,600,000: the one knob to turn. Less means more
   * connections.
   * @default 10
   */
  readonly waitObjectiveMs?: number | undefined;
  /**
   * The rule that sizes the pool: a name, a name with options, or your own `Policy`.
   * @default 'adaptive'
   */
  readonly policy?: PolicyOption | undefined;
  /**
   * `observe` lets the policy only say what it would do, by the event `shadow` and in the log, while the pool holds `min` and
   * what was announced by `expect`. A change starts the policy afresh.
   * @default 'act'
   */
  readonly mode?: Mode | undefined;
  /** Other policies that only say what they would do, 16 at most. @default none */
  readonly shadow?: readonly PolicyOption[] | undefined;
  /**
   * Longest time a caller waits for a lease, in milliseconds, from the call of `acquire`: queueing, opening and checking
   * together. From 0; `Infinity` waits for ever, `0` does not wait.
   * @default 1_000
   */
  readonly acquireTimeoutMs?: number | undefined;
  /** Longest time to open a connection, in milliseconds, from 0; `Infinity` never ends. @default 5_000 */
  readonly createTimeoutMs?: number | undefined;
  /** Longest time for a check of a connection, in milliseconds, from 0; `Infinity` never ends. @default 1_000 */
  readonly validateTimeoutMs?: number | undefined;
  /**
   * A connection unused for this long is checked before it is lent, in milliseconds; `Infinity` never checks, `0` always.
   * @default 30_000
   */
  readonly validateAfterIdleMs?: number | undefined;
  /**
   * An idle connection is checked in the background once nothing proved it for this long, in milliseconds, at most a tenth
   * of all at a time. From 1; `Infinity` never. Less than `validateAfterIdleMs` spares callers the check.
   * @default 20_000
   */
  readonly keepaliveMs?: number | undefined;
  /**
   * Longest time to bring a returned connection back to its first state, in milliseconds, from 0; `Infinity` never ends.
   * @default 1_000
   */
  readonly resetTimeoutMs?: number | undefined;
  /** Longest time to close a connection in good order, in milliseconds, from 0; `Infinity` never ends. @default 2_000 */
  readonly destroyTimeoutMs?: number | undefined;
  /**
   * Age at which a connection is replaced, in milliseconds, from 1, up to a quarter earlier by chance; `Infinity` never.
   * @default Infinity
   */
  readonly maxLifetimeMs?: number | undefined;
  /** Leases after which a connection is replaced: an integer from 1 or `Infinity`. @default Infinity */
  readonly maxUses?: number | undefined;
  /** Most callers that may wait; one more is refused at once. An integer from 0 or `Infinity`. @default 10_000 */
  readonly maxPending?: number | undefined;
  /** What happens while more callers wait than can be served. @default everybody waits, first come, first served */
  readonly overload?: OverloadOptions | undefined;
  /**
   * Failed creates in a row after which callers are refused at once, with `CreateFailedError`, while no connection is
   * open: an integer from 1 or `Infinity`, which lets them wait. A failure that retrying cannot mend refuses them in any case.
   * @default Infinity
   */
  readonly failFastAfter?: number | undefined;
  /**
   * Most pieces of work of `pool.run` that share one connection: an integer from 1 to 100,000. As few connections are
   * shared as this allows.
   * @default 1_024
   */
  readonly sharedPerConnection?: number | undefined;
  /** Most connections being opened at the same time: an integer from 1 to 1,000. @default 128 */
  readonly createConcurrency?: number | undefined;
  /**
   * A lease that is out for this long is reported once, by the event `leak` and in the log, in milliseconds, at least 1;
   * `Infinity` never. Choose more than the longest use that is meant.
   * @default Infinity
   */
  readonly leakThresholdMs?: number | undefined;
  /**
   * Share of acquires, 0 to 1, whose place in the program is kept for reports, and whose lease is noticed when the program
   * drops it; one in 5 ms at most. Each costs tens of microseconds. 1 is every one, for the hunt: `reconfigure` can begin
   * and end it; 0 is none.
   * @default 0.001
   */
  readonly leakSampling?: number | undefined;
  /**
   * Whether a lease that is out for `leakThresholdMs` is taken back: its connection is closed under its holder, whose
   * release stays quiet. Needs a finite `leakThresholdMs`.
   * @default false
   */
  readonly reclaimLeaks?: boolean | undefined;
}

/** What `new AdaptivePool` takes. */
export interface AdaptivePoolOptions<T> extends TunableOptions {
  /** How to open, check and close a connection. */
  readonly factory: ResourceFactory<T>;
  /** Name in log lines, events, errors and recordings. @default 'pool' */
  readonly name?: string | undefined;
  /** Longest time that `ready()` waits, in milliseconds, from 0; `Infinity` for ever. @default 10_000 */
  readonly readyTimeoutMs?: number | undefined;
  /** Time between regular decisions, in milliseconds, from 10 to 60,000. @default 100 */
  readonly tickMs?: number | undefined;
  /**
   * What the policy had learnt in an earlier process: its `controllerState`. One that cannot be used is reported by an
   * `error` event when the pool starts, and the policy begins with nothing learnt.
   * @default none
   */
  readonly initialState?: ControllerState | undefined;
  /** Where scaling decisions and background errors go: a pino-shaped logger, or `consoleLogger()`. @default none */
  readonly logger?: Logger | undefined;
  /** Time itself; tests pass a virtual one. @default the system's clock */
  readonly clock?: Clock | undefined;
}

/** Tunable options with every default filled in. */
export type ResolvedOptions = {
  readonly [K in Exclude<keyof TunableOptions, 'overload'>]-?: NonNullable<TunableOptions[K]>;
} & { readonly overload: OverloadConfig };

const MOST_CONNECTIONS = 100_000;
const MOST_SHADOWS = 16;
const duration = numberFrom(0, Number.POSITIVE_INFINITY);

/** The name is in everything that the pool writes. */
const someOpenText: FieldRule = (value) => {
  const isOpen = typeof value !== 'string' || hideSecrets(value) === value;
  return isOpen ? someText(value) : 'a string without credentials';
};

/** A connection that needs a reset and gets none would carry one holder's state to the next. */
const factoryRule: FieldRule = (value) => {
  const isLame = objectWith('needsReset')(value) === null && objectWith('reset')(value) !== null;
  const lack = isLame ? 'an object with reset() where it has needsReset()' : null;
  return objectWith('create', 'destroy')(value) ?? lack;
};

const TUNABLE_RULES = {
  min: integerFrom(0, MOST_CONNECTIONS),
  max: integerFrom(1, MOST_CONNECTIONS),
  waitObjectiveMs: numberFrom(0.001, 3_600_000),
  policy: () => null,
  mode: (value) => (value === 'act' || value === 'observe' ? null : "'act' or 'observe'"),
  shadow: (value) =>
    Array.isArray(value) && value.length <= MOST_SHADOWS
      ? null
      : `a list of at most ${MOST_SHADOWS} policies`,
  acquireTimeoutMs: duration,
  createTimeoutMs: duration,
  validateTimeoutMs: duration,
  validateAfterIdleMs: duration,
  keepaliveMs: numberFrom(1, Number.POSITIVE_INFINITY),
  resetTimeoutMs: duration,
  destroyTimeoutMs: duration,
  maxLifetimeMs: numberFrom(1, Number.POSITIVE_INFINITY),
  maxUses: integerFrom(1, Number.POSITIVE_INFINITY),
  maxPending: integerFrom(0, Number.POSITIVE_INFINITY),
  overload: () => null,
  failFastAfter: integerFrom(1, Number.POSITIVE_INFINITY),
  sharedPerConnection: integerFrom(1, 100_000),
  createConcurrency: integerFrom(1, 1_000),
  leakThresholdMs: numberFrom(1, Number.POSITIVE_INFINITY),
  leakSampling: numberFrom(0, 1),
  reclaimLeaks: trueOrFalse,
} as const satisfies Record<keyof TunableOptions, FieldRule>;

const RULES = {
  ...TUNABLE_RULES,
  factory: factoryRule,
  name: someOpenText,
  readyTimeoutMs: duration,
  tickMs: numberFrom(10, 60_000),
  // It comes from a file, so whatever is wrong with it must not take the service down.
  initialState: () => null,
  logger: objectWith('debug', 'info', 'warn', 'error'),
  clock: objectWith('now', 'epoch', 'schedule', 'defer'),
} as const satisfies Record<keyof AdaptivePoolOptions<unknown>, FieldRule>;

/**
 * Checks everything that `new AdaptivePool` was given.
 *
 * @throws {@link InvalidOptionsError} that lists every problem
 */
export function checkOptions<T>(options: AdaptivePoolOptions<T>): void {
  const problems = findProblems(options, RULES, ['factory']);
  fail('pool options', [...problems, ...factoryProblems(options), ...crossProblems(options)]);
}

/**
 * Fills in the defaults, or with `base` what is in force.
 *
 * @throws {@link InvalidOptionsError} that lists every problem; nothing is changed then
 */
export function resolveOptions(given: TunableOptions, base?: ResolvedOptions): ResolvedOptions {
  const min = given.min ?? base?.min ?? Math.min(2, given.max ?? 2);
  return Object.freeze({
    min,
    max: given.max ?? base?.max ?? Math.max(64, min),
    waitObjectiveMs: given.waitObjectiveMs ?? base?.waitObjectiveMs ?? DEFAULTS.waitObjectiveMs,
    policy: given.policy ?? base?.policy ?? DEFAULTS.policy,
    mode: given.mode ?? base?.mode ?? 'act',
    shadow: Object.freeze([...(given.shadow ?? base?.shadow ?? [])]),
    acquireTimeoutMs: given.acquireTimeoutMs ?? base?.acquireTimeoutMs ?? DEFAULTS.acquireTimeoutMs,
    createTimeoutMs: given.createTimeoutMs ?? base?.createTimeoutMs ?? DEFAULTS.createTimeoutMs,
    validateTimeoutMs: given.validateTimeoutMs ?? base?.validateTimeoutMs ?? 1_000,
    validateAfterIdleMs: given.validateAfterIdleMs ?? base?.validateAfterIdleMs ?? 30_000,
    resetTimeoutMs: given.resetTimeoutMs ?? base?.resetTimeoutMs ?? 1_000,
    destroyTimeoutMs: given.destroyTimeoutMs ?? base?.destroyTimeoutMs ?? 2_000,
    maxLifetimeMs: given.maxLifetimeMs ?? base?.maxLifetimeMs ?? Number.POSITIVE_INFINITY,
    keepaliveMs: given.keepaliveMs ?? base?.keepaliveMs ?? 20_000,
    maxUses: given.maxUses ?? base?.maxUses ?? Number.POSITIVE_INFINITY,
    overload: resolveOverload(given.overload, base?.overload),
    failFastAfter: given.failFastAfter ?? base?.failFastAfter ?? Number.POSITIVE_INFINITY,
    maxPending: given.maxPending ?? base?.maxPending ?? DEFAULTS.maxPending,
    sharedPerConnection: given.sharedPerConnection ?? base?.sharedPerConnection ?? 1_024,
    createConcurrency:
      given.createConcurrency ?? base?.createConcurrency ?? DEFAULTS.createConcurrency,
    leakThresholdMs: given.leakThresholdMs ?? base?.leakThresholdMs ?? Number.POSITIVE_INFINITY,
    leakSampling: given.leakSampling ?? base?.leakSampling ?? 0.001,
    reclaimLeaks: given.reclaimLeaks ?? base?.reclaimLeaks ?? false,
  });
}

/**
 * Checks changes against what is in force and returns both together.
 *
 * @throws {@link InvalidOptionsError} that lists every problem; nothing is changed then
 */
export function mergeOptions(changes: TunableOptions, base: ResolvedOptions): ResolvedOptions {
  fail('changes', [...findProblems(changes, TUNABLE_RULES), ...crossProblems(changes, base)]);
  return resolveOptions(changes, base);
}

/** Optional calls of a factory; whatever else the object has is its owner's business. */
const FACTORY_RULES = {
  isUsable: someFunction,
  validate: someFunction,
  needsReset: someFunction,
  reset: someFunction,
  isAnswer: someFunction,
  classify: someFunction,
} as const satisfies Record<
  Exclude<keyof ResourceFactory<unknown>, 'create' | 'destroy'>,
  FieldRule
>;

function factoryProblems(options: unknown): string[] {
  const { factory } = (options ?? {}) as { readonly factory?: Readonly<Record<string, unknown>> };
  const calls = Object.keys(FACTORY_RULES).map((call) => [call, factory?.[call]] as const);
  return findProblems(Object.fromEntries(calls), FACTORY_RULES, [], 'factory');
}

/** Rules that concern more than one field, or a field with an inside; `base` is in force where nothing is given. */
function crossProblems(options: TunableOptions, base?: ResolvedOptions): string[] {
  if (typeof options !== 'object' || options === null) return [];
  const { policy, shadow, overload } = options;
  const { min = base?.min, max = base?.max, reclaimLeaks = base?.reclaimLeaks } = options;
  const { leakThresholdMs = base?.leakThresholdMs ?? Number.POSITIVE_INFINITY } = options;
  const problems = policy === undefined ? [] : findPolicyProblems(policy);
  if (overload !== undefined) problems.push(...findOverloadProblems(overload));
  if (Array.isArray(shadow)) {
    for (const [index, one] of shadow.slice(0, MOST_SHADOWS).entries()) {
      const found = findPolicyProblems(one);
      problems.push(...found.map((text) => text.replace(/^policy/, `shadow[${index}]`)));
    }
  }
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    problems.push(crossed(min, max, options));
  }
  if (reclaimLeaks === true && leakThresholdMs === Number.POSITIVE_INFINITY) {
    problems.push('reclaimLeaks needs a finite leakThresholdMs, got Infinity');
  }
  return problems;
}

/** What to say of a `min` above `max`, of which one may have been in force before. */
function crossed(min: number, max: number, given: TunableOptions): string {
  if (given.min === undefined) {
    return `max must be at least min, which is ${min} now, got ${max}: lower min as well`;
  }
  return given.max === undefined
    ? `min must be at most max, which is ${max} now, got ${min}: raise max as well`
    : `min must be at most max, got min ${min} and max ${max}`;
}

function fail(what: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new InvalidOptionsError(what, problems);
}
