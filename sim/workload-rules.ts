import { findProblems, integerFrom, numberFrom, show } from '../src/control/fields.js';
import type { FieldRule } from '../src/control/fields.js';
import { distributionProblem } from './kernel/distributions.js';
import { TRACE_RULES } from './scenario-rules.js';

const duration = numberFrom(1, 1e12);
const instant = numberFrom(0, 1e12);
const rate = numberFrom(0, 10_000_000);
/** A renewal process without arrivals has no gaps to draw. */
const someRate = numberFrom(0.000_001, 10_000_000);
const factor = numberFrom(0.001, 1_000_000);

interface KindRules {
  readonly rules: Readonly<Record<string, FieldRule>>;
  readonly required: readonly string[];
}

const STEP_RULES: Readonly<Record<string, FieldRule>> = {
  atMs: instant,
  ratePerSecond: rate,
};

/** A list of so many numbers in a range, at least one of them above 0. */
function numbers(least: number, most: number, rule: FieldRule, each: string): FieldRule {
  const count = least === most ? `${least}` : `${least} to ${most}`;
  return (value) =>
    Array.isArray(value) &&
    value.length >= least &&
    value.length <= most &&
    value.every((one) => rule(one) === null) &&
    value.some((one) => (one as number) > 0)
      ? null
      : `a list of ${count} ${each}, not all 0`;
}

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
      startMs: instant,
      endMs: instant,
    },
    required: ['fromRatePerSecond', 'toRatePerSecond', 'startMs', 'endMs'],
  },
  sine: {
    rules: { ratePerSecond: rate, amplitude: numberFrom(0, 1), periodMs: duration },
    required: ['ratePerSecond', 'amplitude', 'periodMs'],
  },
  spike: {
    rules: {
      ratePerSecond: rate,
      peakRatePerSecond: rate,
      atMs: instant,
      riseMs: instant,
      holdMs: instant,
      fallMs: instant,
      periodMs: numberFrom(1, Number.POSITIVE_INFINITY),
    },
    required: ['ratePerSecond', 'peakRatePerSecond', 'atMs', 'holdMs'],
  },
  diurnal: {
    rules: {
      ratePerSecond: rate,
      periodMs: duration,
      profile: numbers(2, 1_000, numberFrom(0, 1e9), 'numbers from 0 to 1e9'),
    },
    required: ['ratePerSecond'],
  },
  deterministic: { rules: { ratePerSecond: someRate }, required: ['ratePerSecond'] },
  h2: {
    rules: { ratePerSecond: someRate, cv2: numberFrom(1, 10_000) },
    required: ['ratePerSecond', 'cv2'],
  },
  gamma: {
    rules: { ratePerSecond: someRate, cv2: numberFrom(0.001, 10_000) },
    required: ['ratePerSecond', 'cv2'],
  },
  mmpp: {
    rules: {
      ratesPerSecond: numbers(2, 2, rate, 'rates from 0 to 10000000'),
      meanStayMs: numbers(2, 2, numberFrom(0.001, 1e12), 'durations from 0.001'),
    },
    required: ['ratesPerSecond', 'meanStayMs'],
  },
  closed: {
    rules: { users: integerFrom(1, 1_000_000), thinkMs: distributionProblem },
    required: ['users', 'thinkMs'],
  },
  batch: {
    rules: {
      size: integerFrom(1, 10_000_000),
      periodMs: numberFrom(0.001, Number.POSITIVE_INFINITY),
      startMs: instant,
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
  const problems = kindProblems(given, KINDS, 'workload');
  if (problems.length > 0) return problems;
  const { kind, ...fields } = given;
  if (kind === 'step') return stepProblems(fields['steps'] as readonly unknown[]);
  if (kind === 'ramp' && (fields['endMs'] as number) <= (fields['startMs'] as number)) {
    return [`workload.endMs must be more than startMs, got ${show(fields['endMs'])}`];
  }
  if (kind === 'spike') {
    const {
      riseMs = 0,
      holdMs = 0,
      fallMs = 0,
      periodMs = Infinity,
    } = fields as Record<string, number>;
    const lengthMs = riseMs + holdMs + fallMs;
    return periodMs >= lengthMs
      ? []
      : [
          `workload.periodMs must be at least the length of the peak (${lengthMs}), got ${periodMs}`,
        ];
  }
  return [];
}

const BACKENDS: Readonly<Record<string, KindRules>> = {
  independent: { rules: {}, required: [] },
  shared: { rules: { servers: numberFrom(0.001, 100_000) }, required: ['servers'] },
  usl: {
    rules: { contention: numberFrom(0, 1), coherency: numberFrom(0, 1) },
    required: ['contention', 'coherency'],
  },
  knee: {
    rules: { connections: integerFrom(1, 100_000), share: numberFrom(0.001, 1) },
    required: ['connections', 'share'],
  },
};

const FAULTS: Readonly<Record<string, KindRules>> = {
  down: {
    rules: {
      fromMs: instant,
      toMs: instant,
      uses: (value) => (value === 'fail' || value === 'hang' ? null : '"fail" or "hang"'),
    },
    required: ['fromMs', 'toMs', 'uses'],
  },
  slow: {
    rules: { fromMs: instant, toMs: instant, useFactor: factor, createFactor: factor },
    required: ['fromMs', 'toMs'],
  },
  refuse: {
    rules: { fromMs: instant, toMs: instant, connections: integerFrom(0, 100_000) },
    required: ['fromMs', 'toMs', 'connections'],
  },
  'hang-creates': { rules: { fromMs: instant, toMs: instant }, required: ['fromMs', 'toMs'] },
  kill: { rules: { atMs: instant, share: numberFrom(0, 1) }, required: ['atMs', 'share'] },
};

const RETRY_RULES: Readonly<Record<string, FieldRule>> = {
  attempts: integerFrom(1, 1_000),
  backoffMs: numberFrom(0.001, 3_600_000),
  factor: numberFrom(1, 100),
  maxBackoffMs: numberFrom(0.001, 3_600_000),
};

const HINT_RULES: Readonly<Record<string, FieldRule>> = {
  atMs: instant,
  forMs: duration,
  concurrency: integerFrom(1, 1_000_000),
  ratePerSecond: numberFrom(0.001, 10_000_000),
};

/** Every problem of the fields `backend`, `faults`, `hints` and `retries` of a scenario file, one sentence each. */
export function worldProblems(fields: Readonly<Record<string, unknown>>): string[] {
  const { backend, faults, hints, retries } = fields;
  const problems: string[] = [];
  if (backend !== undefined) problems.push(...kindProblems(backend, BACKENDS, 'backend'));
  if (Array.isArray(faults)) {
    for (const [index, fault] of faults.entries()) {
      const path = `faults[${index}]`;
      const found = kindProblems(fault, FAULTS, path);
      const { fromMs = 0, toMs = 1 } = (fault ?? {}) as { fromMs?: number; toMs?: number };
      if (found.length === 0 && toMs <= fromMs) {
        found.push(`${path}.toMs must be more than fromMs, got ${toMs}`);
      }
      problems.push(...found);
    }
  }
  if (Array.isArray(hints)) problems.push(...hintProblems(hints));
  if (retries !== undefined) {
    problems.push(...findProblems(retries, RETRY_RULES, ['attempts', 'backoffMs'], 'retries'));
  }
  return problems;
}

function hintProblems(hints: readonly unknown[]): string[] {
  return hints.flatMap((hint, index) => {
    const path = `hints[${index}]`;
    const found = findProblems(hint, HINT_RULES, ['atMs', 'forMs'], path);
    if (found.length > 0) return found;
    const { concurrency, ratePerSecond } = hint as Readonly<Record<string, unknown>>;
    return (concurrency === undefined) === (ratePerSecond === undefined)
      ? [`${path} must have concurrency or ratePerSecond, and not both`]
      : [];
  });
}

function kindProblems(
  given: unknown,
  kinds: Readonly<Record<string, KindRules>>,
  path: string,
): string[] {
  const { kind, ...fields } = (given ?? {}) as Readonly<Record<string, unknown>>;
  const known = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (known === undefined) {
    return [`${path}.kind must be one of ${Object.keys(kinds).join(', ')}, got ${show(kind)}`];
  }
  return findProblems(fields, known.rules, known.required, path);
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
