import { UNCLAMPED } from '../../src/control/clamps.js';
import { COLUMNS } from '../../src/telemetry/recording-columns.js';
import { littlesLawPolicy, resolveLittlesLaw } from '../../src/control/policies/littles-law.js';

const OPTIONS = {
  min: 1,
  max: 8,
  waitObjectiveMs: 10,
  policy: 'littles-law',
  acquireTimeoutMs: 'Infinity',
  maxPending: 'Infinity',
  createConcurrency: 32,
};

/** A header with some fields replaced. */
export function headerLine(
  fields: Readonly<Record<string, unknown>> = {},
  options: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({
    recording: 'adaptive-pool',
    version: 1,
    node: 'v20.19.0',
    pool: 'web',
    epochAtZero: 1_700_000_000_000,
    tickMs: 100,
    requests: false,
    continues: null,
    options: { ...OPTIONS, ...options },
    isOwnPolicy: false,
    state: {
      policy: littlesLawPolicy.init(resolveLittlesLaw({}, { waitObjectiveMs: 10, tickMs: 100 })),
      clamps: UNCLAMPED,
    },
    columns: COLUMNS.map(([path]) => path),
    ...fields,
  });
}

const VALUES: Readonly<Record<string, unknown>> = {
  'signals.now': 5,
  at: 1_700_000_000_005,
  seq: 1,
  cause: 'tick',
  from: 1,
  to: 1,
  min: 1,
  max: 8,
  reason: 'floor',
  limitedBy: [],
  candidates: { floor: 1 },
  'signals.size': 1,
  'signals.idle': 1,
  'signals.arrivalsPerMs': [],
  'signals.arrivalEnvelope': Array.from({ length: 11 }, () => 0),
  'signals.hints': [],
  'signals.gate.state': 'open',
  'signals.gate.limit': 32,
};

/** A value for every column, in order. */
export const ALL_GIVEN: readonly unknown[] = COLUMNS.map(([path, kind]) => {
  if (Object.hasOwn(VALUES, path)) return VALUES[path];
  return kind === 'count' || kind === 'number' ? 0 : null;
});

/** A decision in which every value is given, with some replaced. */
export function decisionLine(values: Readonly<Record<string, unknown>> = {}): string {
  const mask = ((1n << BigInt(COLUMNS.length)) - 1n).toString(16);
  const cells = COLUMNS.map(([path], index) => values[path] ?? ALL_GIVEN[index]);
  return JSON.stringify(['d', mask, ...cells]);
}

/** Three arrivals at 5 ms and what became of them. */
export function loadLine(): string {
  return JSON.stringify(['l', 5, [0, 3], [0, 3], [900, 3], [], [], [700, 1]]);
}
