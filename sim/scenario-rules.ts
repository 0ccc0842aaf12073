import { integerFrom, numberFrom, someText } from '../src/control/fields.js';
import type { FieldRule } from '../src/control/fields.js';
import { distributionProblem } from './kernel/distributions.js';
import { isPolicyName, POLICY_NAMES } from './policies.js';

const DAY_MS = 86_400_000;
const MAX_CONNECTIONS = 100_000;

const isWorkload: FieldRule = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'an object';
const isList: FieldRule = (value) =>
  Array.isArray(value) && value.length <= 1_000 ? null : 'a list of at most 1000';

/** What every field of a scenario file must be. Durations in milliseconds. */
export const SCENARIO_RULES: Readonly<Record<string, FieldRule>> = {
  version: (value) => (value === 1 ? null : '1'),
  name: someText,
  description: someText,
  durationMs: numberFrom(1, 1e12),
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
  patienceMs: distributionProblem,
  createTimeoutMs: numberFrom(1, Number.POSITIVE_INFINITY),
  backend: isWorkload,
  faults: isList,
  hints: isList,
  retries: isWorkload,
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
  fromMs: numberFrom(0, 1e12),
  unit: (value) => (value === 's' || value === 'ms' ? null : '"s" or "ms"'),
  serviceColumn: someText,
  serviceScale: numberFrom(0, 1_000_000),
};
