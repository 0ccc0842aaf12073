import { atOnce } from '../at-once.js';
import { UNCLAMPED, type ClampState } from '../control/clamps.js';
import { show } from '../control/fields.js';
import type { ResolvedPolicy } from '../control/policy.js';

/** Everything that decisions depend on besides signals and options; plain JSON. */
export interface Memory {
  /** What the policy remembers. */
  readonly policy: unknown;
  readonly clamps: ClampState;
}

/** Deepest nesting of what is believed to be a memory. */
const MOST_DEPTH = 16;
/** Longest list in what is believed to be a memory. */
const MOST_ENTRIES = 100_000;

/** The memory of a policy that never decided. */
export function freshMemory({ policy, config }: ResolvedPolicy): Memory {
  return { policy: atOnce('init', policy.init(config)), clamps: UNCLAMPED };
}

/**
 * What is wrong with something that should be a memory like `model`, or null: every field must be there, of the same kind,
 * with finite numbers. Where the model has null or an empty list, any JSON will do.
 */
export function findShapeProblem(
  value: unknown,
  model: unknown,
  path: string,
  depth = 0,
): string | null {
  if (depth > MOST_DEPTH) return `${path} is nested deeper than ${MOST_DEPTH} levels`;
  const kind = kindOf(value);
  if (kind === 'number' && !Number.isFinite(value)) return problem(path, 'a finite number', value);
  if (!['null', 'number', 'string', 'boolean', 'list', 'object'].includes(kind)) {
    return problem(path, 'plain JSON', value);
  }
  const wanted = kindOf(model);
  if (wanted !== 'null' && wanted !== 'undefined' && kind !== wanted) {
    return problem(path, `a ${wanted}`, value);
  }
  if (Array.isArray(value)) {
    if (value.length > MOST_ENTRIES) return problem(path, `at most ${MOST_ENTRIES} entries`, value);
    const first: unknown = Array.isArray(model) ? model[0] : undefined;
    return firstProblem(value.entries(), (one, at) =>
      findShapeProblem(one, first, `${path}[${at}]`, depth + 1),
    );
  }
  if (kind !== 'object') return null;
  const fields = value as Readonly<Record<string, unknown>>;
  const models = (wanted === 'object' ? model : fields) as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(models, name));
  if (unknown !== undefined) return `${path}.${show(unknown)} is not known`;
  return firstProblem(Object.entries(models), (one, name) =>
    Object.hasOwn(fields, name)
      ? findShapeProblem(
          fields[name],
          wanted === 'object' ? one : null,
          `${path}.${name}`,
          depth + 1,
        )
      : `${path}.${name} is missing`,
  );
}

function firstProblem<K>(
  entries: Iterable<[K, unknown]>,
  find: (value: unknown, key: K) => string | null,
): string | null {
  for (const [key, value] of entries) {
    const found = find(value, key);
    if (found !== null) return found;
  }
  return null;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

function problem(path: string, must: string, value: unknown): string {
  return `${path} must be ${must}, got ${show(value)}`;
}
