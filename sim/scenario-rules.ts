import { findProblems, integerFrom, numberFrom, show, someText } from '../src/control/fields.js';
import type { FieldRule } from '../src/control/fields.js';
import { distributionProblem } from './kernel/distributions.js';
import { isPolicyName, POLICY_NAMES } from './policies.js';

const DAY_MS = 86_400_000;
const MAX_CONNECTIONS = 100_000;

const duration = numberFrom(1, 1e12);
const rate = numberFrom(0, 10_000_000);
const isWorkload: FieldRule = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'an object';

/** What every field of a scenario file must be. Durations in milliseconds. */
export const SCENARIO_RULES: Readonly<Record<string, FieldRule>> = {
  version: (value) => (value === 1 ? null : '1'),
  name: someText,
  description: someText,
  durationMs: duration,
  workload: isWorkload,
  serviceMs: distributionProblem,
  createMs: distributionProblem,
  min: integerFrom(0, MAX_CONNECTIONS),
  max: integerFrom(1, MAX_CONNECTIONS),
  waitObjectiveMs: numberFrom(0.001, 3_600_000),
  acquireTimeoutMs: numberFrom(0, Number.POSITIVE_INFINITY),
  warmUpMs: numberFrom(0, DAY_MS),
  tickMs: numberFrom(10, 60_000),
  maxPending: integerFrom(0, Number.POSITIVE_INFINITY),
  createConcurrency: integerFrom(1, 1_000),
  policies: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((name) => isPolicyName(name))
      ? null
      : `a list of policies: ${POLICY_NAMES.join(', ')}`,
};

/** Fields that a scenario file must have; `durationMs` only when the workload has no length of its own. */
export const REQUIRED_FIELDS = [
  'version',
  'name',
  'description',
  'workload',
  'serviceMs',
  'createMs',
  'min',
  'max',
  'waitObjectiveMs',
  'acquireTimeoutMs',
] as const;

/** What the options of a trace must be, in a scenario and on the command line. */
export const TRACE_RULES: Readonly<Record<string, FieldRule>> = {
  file: someText,
  format: (value) =>
    value === 'timestamps' || value === 'counts' ? null : '"timestamps" or "counts"',
  column: someText,
  binMs: numberFrom(0.001, 31 * DAY_MS),
  scale: numberFrom(0.000_001, 1_000_000),
  speed: numberFrom(0.000_001, 1_000_000),
};

interface KindRules {
  readonly rules: Readonly<Record<string, FieldRule>>;
  readonly required: readonly string[];
}

const STEP_RULES: Readonly<Record<string, FieldRule>> = {
  atMs: numberFrom(0, 1e12),
  ratePerSecond: rate,
};

const KINDS: Readonly<Record<string, KindRules>> = {
  poisson: { rules: { ratePerSecond: rate }, required: ['ratePerSecond'] },
  step: {
    rules: {
      ratePerSecond: rate,
      steps: (value) =>
        Array.isArray(value) && value.length > 0 && value.length <= 10_000
          ? null
          : 'a list of 1 to 10000 steps',
    },
    required: ['ratePerSecond', 'steps'],
  },
  ramp: {
    rules: {
      fromRatePerSecond: rate,
      toRatePerSecond: rate,
      startMs: numberFrom(0, 1e12),
      endMs: numberFrom(0, 1e12),
    },
    required: ['fromRatePerSecond', 'toRatePerSecond', 'startMs', 'endMs'],
  },
  sine: {
    rules: { ratePerSecond: rate, amplitude: numberFrom(0, 1), periodMs: duration },
    required: ['ratePerSecond', 'amplitude', 'periodMs'],
  },
  batch: {
    rules: {
      size: integerFrom(1, 10_000_000),
      periodMs: numberFrom(0.001, Number.POSITIVE_INFINITY),
      startMs: numberFrom(0, 1e12),
    },
    required: ['size'],
  },
  trace: { rules: TRACE_RULES, required: ['file', 'format'] },
};

/**
 * Every problem of the workload of a scenario file, one sentence each.
 *
 * @param given The value of the field `workload`, an object.
 */
export function workloadProblems(given: Readonly<Record<string, unknown>>): string[] {
  const { kind, ...fields } = given;
  const known = typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (known === undefined) {
    return [`workload.kind must be one of ${Object.keys(KINDS).join(', ')}, got ${show(kind)}`];
  }
  const problems = findProblems(fields, known.rules, known.required, 'workload');
  if (problems.length > 0) return problems;
  if (kind === 'step') return stepProblems(fields['steps'] as readonly unknown[]);
  if (kind === 'ramp' && (fields['endMs'] as number) <= (fields['startMs'] as number)) {
    return [`workload.endMs must be more than startMs, got ${show(fields['endMs'])}`];
  }
  return [];
}

function stepProblems(steps: readonly unknown[]): string[] {
  const problems = steps.flatMap((step, index) =>
    findProblems(step, STEP_RULES, Object.keys(STEP_RULES), `workload.steps[${index}]`),
  );
  if (problems.length > 0) return problems;
  const times = steps.map((step) => (step as { readonly atMs: number }).atMs);
  const late = times.findIndex((at, index) => index > 0 && at <= (times[index - 1] as number));
  return late < 0
    ? []
    : [
        `workload.steps[${late}].atMs must be more than that of the step before, got ${times[late]}`,
      ];
}
