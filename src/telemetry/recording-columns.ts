/** What the value of a column may be; a reader refuses anything else. */
export type ColumnKind =
  /** An integer from 0. */
  | 'count'
  /** Any finite number, milliseconds as a rule. */
  | 'number'
  | 'number-or-null'
  | 'text'
  | 'text-or-null'
  /** A list of two numbers. */
  | 'pair-or-null'
  /** A list of texts. */
  | 'names'
  /** An object whose values are numbers. */
  | 'candidates'
  /** A list of counts, most of them zero. */
  | 'sparse-counts'
  /** A list of counts that never falls. */
  | 'envelope'
  /** A list of announced loads. */
  | 'hints'
  | readonly string[];

/** One value of a decision: its path in the record, and what it may be. */
export type Column = readonly [path: string, kind: ColumnKind];

const summary = (name: string): readonly Column[] => [
  [`signals.${name}.count`, 'count'],
  [`signals.${name}.maxMs`, 'number-or-null'],
  [`signals.${name}.meanMs`, 'number-or-null'],
  [`signals.${name}.p50Ms`, 'number-or-null'],
  [`signals.${name}.p95Ms`, 'number-or-null'],
  [`signals.${name}.p99Ms`, 'number-or-null'],
];

const CAUSES = ['tick', 'pressure', 'created', 'create-failed', 'hint', 'health', 'manual'];

/**
 * The columns of a decision, in order: a column comes after those from which it can be told. What the header or another
 * column says is left out: the policy's name, the direction, the message, and the signals `seq`, `cause`, `min`, `max` and
 * `target`.
 */
export const COLUMNS: readonly Column[] = [
  ['signals.now', 'number'],
  ['at', 'number'],
  ['seq', 'count'],
  ['cause', CAUSES],
  ['from', 'count'],
  ['to', 'count'],
  ['min', 'count'],
  ['max', 'count'],
  ['signals.permits', 'number-or-null'],
  ['permits', 'number-or-null'],
  ['reason', 'text'],
  ['note', 'text-or-null'],
  ['limitedBy', 'names'],
  ['verdict.kind', 'text-or-null'],
  ['verdict.of', 'number-or-null'],
  ['verdict.permits', 'pair-or-null'],
  ['verdict.throughputPerSecond', 'pair-or-null'],
  ['verdict.elasticity', 'number-or-null'],
  ['episode', 'text-or-null'],
  ['candidates', 'candidates'],
  ['signals.size', 'count'],
  ['signals.creating', 'count'],
  ['signals.checking', 'count'],
  ['signals.idle', 'count'],
  ['signals.inUse', 'count'],
  ['signals.pending', 'count'],
  ['signals.oldestWaitMs', 'number'],
  ['signals.oldestCreateMs', 'number'],
  ['signals.intervalMs', 'number'],
  ['signals.arrivals', 'count'],
  ['signals.completions', 'count'],
  ['signals.timeouts', 'count'],
  ['signals.rejections', 'count'],
  ['signals.created', 'count'],
  ['signals.createFailures.transient', 'count'],
  ['signals.createFailures.permanent', 'count'],
  ['signals.createFailures.serverLimit', 'count'],
  ['signals.createFailures.timeout', 'count'],
  ['signals.inUseMs', 'number'],
  ['signals.pendingMs', 'number'],
  ['signals.peakInUse', 'count'],
  ['signals.peakDemand', 'count'],
  ['signals.lowestIdle', 'count'],
  ['signals.eventLoopUtilisation', 'number-or-null'],
  ['signals.arrivalsPerMs', 'sparse-counts'],
  ['signals.arrivalEnvelope', 'envelope'],
  ['signals.hints', 'hints'],
  ...summary('wait'),
  ...summary('use'),
  ...summary('create'),
  ['signals.gate.state', ['open', 'backing-off', 'half-open']],
  ['signals.gate.limit', 'count'],
  ['signals.gate.reopensInMs', 'number'],
  ['signals.gate.failuresInARow', 'count'],
];
