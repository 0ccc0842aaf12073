import type { ScaleDecision } from '../control/decision.js';
import { ArrivalBuckets } from './arrival-buckets.js';
import { COLUMNS } from './recording-columns.js';

/** What the load between two decisions tells about the next one. */
export interface LoadHint {
  /** Pairs of monotonic millisecond and number of arrivals, in the order in which they came. */
  readonly arrivals: readonly (readonly [ms: number, count: number])[];
  readonly completions: number;
  readonly created: number;
}

const PATHS: readonly (readonly string[])[] = COLUMNS.map(([path]) => path.split('.'));
const INDEX: ReadonlyMap<string, number> = new Map(COLUMNS.map(([path], index) => [path, index]));
const MASK_DIGITS = Math.ceil(COLUMNS.length / 4);

/**
 * Turns decisions into short rows and back, bit for bit. A row has a mask, four columns per hexadecimal digit, and the
 * values of the columns that are not what the lines before let one expect. Writer and reader each feed their codec every
 * line since the header, in order; both then expect the same.
 */
export class DecisionCodec {
  readonly #epochAtZero: number;
  #before: readonly unknown[] | null = null;
  #buckets: ArrivalBuckets | null = null;
  #arrivals = 0;
  #completions = 0;
  #created = 0;

  constructor(epochAtZero: number) {
    this.#epochAtZero = epochAtZero;
  }

  /** Takes note of a line of load. */
  load(hint: LoadHint): void {
    for (const [ms, count] of hint.arrivals) {
      this.#buckets ??= new ArrivalBuckets(ms);
      this.#buckets.arrived(ms, count);
      this.#arrivals += count;
    }
    this.#completions += hint.completions;
    this.#created += hint.created;
  }

  /** The mask and the values that cannot be told. */
  encode(decision: ScaleDecision): unknown[] {
    const values: unknown[] = [];
    const cells: unknown[] = [];
    let mask = 0n;
    for (const [index, path] of PATHS.entries()) {
      const value = valueAt(decision, path);
      values.push(value);
      if (isSame(value, this.#expected(index, values))) continue;
      mask |= 1n << BigInt(index);
      cells.push(path.at(-1) === 'arrivalsPerMs' ? sparse(value as readonly number[]) : value);
    }
    this.#next(values);
    return [mask.toString(16).padStart(MASK_DIGITS, '0'), ...cells];
  }

  /**
   * The value of every column, in the order of `COLUMNS`.
   *
   * @param read Checks a cell of the given column and returns its value; called for the cells that are there.
   * @returns null when the mask and the number of cells do not fit each other.
   */
  decode(
    mask: unknown,
    cells: readonly unknown[],
    read: (column: number, cell: unknown) => unknown,
  ): readonly unknown[] | null {
    if (typeof mask !== 'string' || mask.length !== MASK_DIGITS || !/^[\da-f]+$/.test(mask)) {
      return null;
    }
    const values: unknown[] = [];
    let used = 0;
    for (let index = 0; index < COLUMNS.length; index += 1) {
      const digit = Number.parseInt(mask.charAt(MASK_DIGITS - 1 - (index >> 2)), 16);
      const isGiven = ((digit >> (index & 3)) & 1) === 1;
      if (isGiven && used === cells.length) return null;
      // Asked for in any case, as `encode` does: some of what is expected is counted from one time to the next.
      const expected = this.#expected(index, values);
      values.push(isGiven ? read(index, cells[used]) : expected);
      if (isGiven) used += 1;
      // Nothing was there before the first row to be repeated.
      if (values[index] === undefined || Number.isNaN(values[index])) return null;
    }
    if (used !== cells.length || BigInt(`0x${mask}`) >> BigInt(COLUMNS.length) > 0n) return null;
    this.#next(values);
    return values;
  }

  #next(values: readonly unknown[]): void {
    this.#before = values;
    this.#arrivals = 0;
    this.#completions = 0;
    this.#created = 0;
  }

  /** The value that the column has unless the row says otherwise. */
  #expected(index: number, values: readonly unknown[]): unknown {
    const before = this.#before;
    const of = (path: string): number => numberIn(values, path);
    const earlier = (path: string): number => numberIn(before ?? [], path);
    switch (COLUMNS[index]?.[0]) {
      case 'at':
        return Math.round(this.#epochAtZero + of('signals.now'));
      case 'seq':
        return earlier('seq') + 1;
      case 'from':
        return before?.[column('to')];
      case 'to':
        return of('from');
      case 'signals.inUse':
        return (
          of('signals.size') - of('signals.creating') - of('signals.checking') - of('signals.idle')
        );
      case 'signals.intervalMs':
        return of('signals.now') - earlier('signals.now');
      case 'signals.arrivals':
        return this.#arrivals;
      case 'signals.completions':
        return this.#completions;
      case 'signals.created':
        return this.#created;
      case 'signals.peakDemand':
        return of('signals.peakInUse');
      case 'signals.lowestIdle':
        return Math.max(0, of('signals.size') - of('signals.peakInUse'));
      case 'signals.arrivalsPerMs': {
        const now = of('signals.now');
        this.#buckets ??= new ArrivalBuckets(now);
        return this.#buckets.read(now);
      }
      case 'signals.arrivalEnvelope':
        // After `arrivalsPerMs`, which makes the buckets.
        return this.#buckets?.takeEnvelope();
      default:
        return before?.[index];
    }
  }
}

/** The position of a column. */
export function column(path: string): number {
  return INDEX.get(path) ?? -1;
}

function numberIn(values: readonly unknown[], path: string): number {
  return values[column(path)] as number;
}

function valueAt(decision: ScaleDecision, path: readonly string[]): unknown {
  let value: unknown = decision;
  for (const name of path) value = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  return value ?? null;
}

function isSame(value: unknown, expected: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Object.is(value, expected);
  if (typeof expected !== 'object' || expected === null) return false;
  if (Array.isArray(value) && Array.isArray(expected)) {
    return value.length === expected.length && value.every((one, at) => one === expected[at]);
  }
  return JSON.stringify(value) === JSON.stringify(expected);
}

/** The entries that are not zero: how many places from the end, count, and so on. */
function sparse(counts: readonly number[]): number[] {
  const pairs: number[] = [];
  counts.forEach((value, index) => {
    if (value > 0) pairs.push(counts.length - 1 - index, value);
  });
  return pairs;
}
