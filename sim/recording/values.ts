import type { FieldRule } from '../../src/control/fields.js';
import { show } from '../../src/control/fields.js';
import type { Hint } from '../../src/control/signals.js';
import { ENVELOPE_WINDOWS_MS } from '../../src/telemetry/arrival-envelope.js';
import type { ColumnKind } from '../../src/telemetry/recording-columns.js';
import { InputError, printable, quote } from '../input-error.js';

/** Largest number in a recording: thirty thousand years of milliseconds. */
export const MOST = 1e15;
/** Deepest nesting of a policy's memory. */
const MOST_DEPTH = 32;
const MOST_NAMES = 100;
/** Places in `arrivalsPerMs`. */
const SPAN_MS = 128;
/** Places in `arrivalEnvelope`. */
const WINDOWS = ENVELOPE_WINDOWS_MS.length;

type Fields = Readonly<Record<string, unknown>>;

/** A wrong value; the reader puts file and line in front of it. */
export function wrong(what: string, must: string, value: unknown): InputError {
  return new InputError(`${what} must be ${must}, got ${printable(show(value))}`);
}

export function fieldsOf(what: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(what, 'an object', value);
}

export function listOf(what: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(what, 'a list', value);
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= MOST;
}

export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && isNumber(value) && value >= 0;
}

/** The value if the rule has nothing against it. */
export function checked(what: string, value: unknown, rule: FieldRule): unknown {
  const must = rule(value);
  if (must !== null) throw wrong(what, must, value);
  return value;
}

/** A list of numbers, two or three of which belong together. */
export function numbersOf(what: string, value: unknown, together: number): readonly number[] {
  const list = listOf(what, value);
  if (list.length % together !== 0) throw wrong(what, `a multiple of ${together} numbers`, value);
  const odd = list.find((one) => !isNumber(one));
  if (odd !== undefined) throw wrong(what, `numbers from -${MOST} to ${MOST}`, odd);
  return list as readonly number[];
}

/** The value of a cell, as the column wants it. */
export function cellOf(path: string, kind: ColumnKind, cell: unknown): unknown {
  if (typeof kind !== 'string') {
    if (kind.includes(cell as string)) return cell;
    throw wrong(path, `one of ${kind.join(', ')}`, cell);
  }
  switch (kind) {
    case 'count':
      if (isCount(cell)) return cell;
      throw wrong(path, `an integer from 0 to ${MOST}`, cell);
    case 'number':
    case 'number-or-null':
      if (isNumber(cell) || (cell === null && kind !== 'number')) return cell;
      throw wrong(path, `a number from -${MOST} to ${MOST}`, cell);
    case 'text':
    case 'text-or-null':
      if (typeof cell === 'string' || (cell === null && kind !== 'text')) return cell;
      throw wrong(path, 'a text', cell);
    case 'pair-or-null':
      if (cell === null || (Array.isArray(cell) && cell.length === 2 && cell.every(isNumber))) {
        return cell;
      }
      throw wrong(path, 'two numbers', cell);
    case 'envelope': {
      const counts = numbersOf(path, cell, 1);
      if (counts.length === WINDOWS && counts.every((count) => isCount(count))) return counts;
      throw wrong(path, `${WINDOWS} counts`, cell);
    }
    case 'hints':
      return listOf(path, cell).map((hint) => hintOf(path, hint));
    case 'names': {
      const names = listOf(path, cell);
      if (names.length <= MOST_NAMES && names.every((name) => typeof name === 'string'))
        return names;
      throw wrong(path, `a list of at most ${MOST_NAMES} texts`, cell);
    }
    case 'candidates': {
      const sizes = Object.values(fieldsOf(path, cell));
      // A size that is no finite number has become null.
      if (sizes.every((size) => size === null || isNumber(size))) return revived(cell);
      throw wrong(path, 'an object of numbers', cell);
    }
    default:
      return dense(path, cell);
  }
}

/** The same value with numbers that JSON cannot spell put back. */
export function revived(value: unknown, depth = 0): unknown {
  if (depth > MOST_DEPTH) throw new InputError(`nested deeper than ${MOST_DEPTH} levels`);
  switch (value) {
    case 'Infinity':
      return Number.POSITIVE_INFINITY;
    case '-Infinity':
      return Number.NEGATIVE_INFINITY;
    case 'NaN':
      return Number.NaN;
    default:
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => revived(one, depth + 1));
  const entries = Object.entries(value).map(([name, one]): [string, unknown] => {
    if (name === '__proto__') throw new InputError(`${quote(name)} is not a name of a field`);
    return [name, revived(one, depth + 1)];
  });
  return Object.fromEntries(entries);
}

function hintOf(path: string, value: unknown): Hint {
  const { from, until, concurrency, ratePerSecond } = fieldsOf(path, value);
  const isLoad = (load: unknown): load is number | null => load === null || isNumber(load);
  if (isNumber(from) && isNumber(until) && isLoad(concurrency) && isLoad(ratePerSecond)) {
    return { from, until, concurrency, ratePerSecond };
  }
  throw wrong(path, 'announced loads', value);
}

function dense(path: string, cell: unknown): number[] {
  const pairs = numbersOf(path, cell, 2);
  const counts = Array.from({ length: SPAN_MS }, () => 0);
  for (let index = 0; index < pairs.length; index += 2) {
    const [age, count] = [pairs[index], pairs[index + 1]];
    if (!isCount(age) || age >= SPAN_MS || !isCount(count)) {
      throw wrong(path, `pairs of an age below ${SPAN_MS} and a count`, `${age}, ${count}`);
    }
    counts[SPAN_MS - 1 - age] = count;
  }
  return counts;
}
