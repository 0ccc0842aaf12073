import { parseArgs } from 'node:util';
import type { FieldRule } from '../../src/control/fields.js';
import { InputError, quote } from '../input-error.js';

/** How one flag is given. */
export interface Flag {
  readonly kind: 'switch' | 'text' | 'number';
  readonly rule?: FieldRule | undefined;
}

/** Flags by name, without the two dashes. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** What a command was called with. */
export class Flags {
  readonly #values: ReadonlyMap<string, string | number>;
  /** Arguments that are not flags. */
  readonly words: readonly string[];

  constructor(values: ReadonlyMap<string, string | number>, words: readonly string[]) {
    this.#values = values;
    this.words = words;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === undefined ? undefined : String(value);
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === 'number' ? value : undefined;
  }
}

/**
 * Reads the arguments of one command.
 *
 * @throws {@link InputError} that names the flag
 */
export function parseFlags(command: string, table: FlagTable, argv: readonly string[]): Flags {
  const known: FlagTable = { ...table, help: { kind: 'switch' } };
  const options = Object.fromEntries(
    Object.entries(known).map(([name, flag]) => [
      name,
      { type: flag.kind === 'switch' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const args = [...argv];
  const { tokens } = parseArgs({
    args,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string | number>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name } = token;
    const flag = Object.hasOwn(known, name) ? known[name] : undefined;
    if (flag === undefined) {
      throw new InputError(
        `${quote(token.rawName)} is not a flag; see adaptive-pool ${command} --help`,
      );
    }
    if (values.has(name)) throw new InputError(`--${name} is given twice`);
    // The next flag is not this one's value, as it would be to the parser.
    if (flag.kind !== 'switch' && token.inlineValue === false && token.value.startsWith('--')) {
      throw new InputError(
        `--${name} needs a value; one that begins with -- is given with =, as in --${name}=${token.value}`,
      );
    }
    values.set(name, valueOf(name, flag, token.value));
  }
  return new Flags(values, words);
}

function valueOf(name: string, flag: Flag, text: string | undefined): string | number {
  if (flag.kind === 'switch') {
    if (text !== undefined) throw new InputError(`--${name} takes no value, got ${quote(text)}`);
    return '';
  }
  if (text === undefined || text === '') throw new InputError(`--${name} needs a value`);
  const value = flag.kind === 'number' ? numberOf(text) : text;
  const must = flag.rule?.(value) ?? null;
  if (must !== null) throw new InputError(`--${name} must be ${must}, got ${quote(text)}`);
  return value;
}

/** Plain decimals and Infinity only: Number() would read "" as 0 and "0x10" as 16. */
function numberOf(text: string): number {
  if (text === 'Infinity') return Number.POSITIVE_INFINITY;
  return /^-?\d+(?:_\d{3})*(?:\.\d+)?(?:e\d{1,2})?$/.test(text)
    ? Number(text.replaceAll('_', ''))
    : Number.NaN;
}
