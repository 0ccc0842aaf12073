import { InputError, printable, quote } from '../input-error.js';

/** Longest line of a table. */
const MAX_LINE = 65_536;

/** One value of a trace and the line it stands on, counted from 1. */
export type CellVisitor = (value: string, line: number) => void;

/** The values of one row, in the order in which the columns were asked for, and its line, counted from 1. */
export type RowVisitor = (values: readonly string[], line: number) => void;

/**
 * Visits some CSV columns row by row. The first line that is not empty names the columns; fields may be quoted, but
 * not across lines; empty lines do not count.
 *
 * @throws {@link InputError} that names the file and the line.
 */
export function forEachInColumns(
  text: string,
  file: string,
  columns: readonly string[],
  visit: RowVisitor,
): void {
  let positions: number[] | null = null;
  forEachLine(text, (content, line) => {
    const cells = fields(content, file, line).map((cell) => cell.trim());
    if (positions !== null) {
      const values = positions.map((position, index) => {
        const value = cells[position];
        if (value !== undefined) return value;
        throw new InputError(
          `${place(file, line)}: no value for column ${quote(columns[index] ?? '')}`,
        );
      });
      visit(values, line);
      return;
    }
    positions = columns.map((column) => {
      const position = cells.indexOf(column);
      if (position >= 0) return position;
      const known = printable(cells.join(', ').slice(0, 200));
      throw new InputError(`${place(file, line)}: no column ${quote(column)}; columns: ${known}`);
    });
  });
}

/**
 * Visits some keys of JSON lines, one object per line; their values must be numbers or texts.
 *
 * @throws {@link InputError} that names the file and the line.
 */
export function forEachInJsonLines(
  text: string,
  file: string,
  keys: readonly string[],
  visit: RowVisitor,
): void {
  forEachLine(text, (content, line) => {
    const row = jsonObject(content, file, line);
    const values = keys.map((key) => {
      const value = Object.hasOwn(row, key) ? row[key] : undefined;
      if (typeof value === 'number' || typeof value === 'string') return String(value).trim();
      const known = printable(Object.keys(row).join(', ').slice(0, 200));
      throw new InputError(
        `${place(file, line)}: no number or text under ${quote(key)}; keys: ${known}`,
      );
    });
    visit(values, line);
  });
}

function jsonObject(
  content: string,
  file: string,
  line: number,
): Readonly<Record<string, unknown>> {
  let row: unknown;
  try {
    row = content.length > MAX_LINE ? null : JSON.parse(content);
  } catch {
    row = null;
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) {
    return row as Readonly<Record<string, unknown>>;
  }
  throw new InputError(`${place(file, line)}: not a JSON object of at most ${MAX_LINE} characters`);
}

/** Visits every line that is not empty, trimmed. */
export function forEachLine(text: string, visit: CellVisitor): void {
  let start = 0;
  let line = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    line += 1;
    const content = text.slice(start, end).trim();
    if (content !== '') visit(content, line);
    start = end + 1;
  }
}

/** Visits every word: values that stand on lines of their own or beside each other with white space between. */
export function forEachWord(text: string, visit: CellVisitor): void {
  forEachLine(text, (content, line) => {
    for (const match of content.matchAll(/\S+/g)) visit(match[0], line);
  });
}

/** A file and a line as error messages name them. */
export function place(file: string, line: number): string {
  return `${printable(file)}, line ${line}`;
}

function fields(content: string, file: string, line: number): string[] {
  if (content.length > MAX_LINE) {
    throw new InputError(`${place(file, line)}: longer than ${MAX_LINE} characters`);
  }
  if (!content.includes('"')) return content.split(',');
  const values: string[] = [];
  let index = 0;
  for (;;) {
    if (content[index] === '"') {
      let value = '';
      let from = index + 1;
      for (;;) {
        const quoteAt = content.indexOf('"', from);
        if (quoteAt < 0) throw new InputError(`${place(file, line)}: a quote is not closed`);
        value += content.slice(from, quoteAt);
        index = quoteAt + 1;
        if (content[index] !== '"') break;
        value += '"';
        from = index + 1;
      }
      values.push(value);
      if (index < content.length && content[index] !== ',') {
        throw new InputError(`${place(file, line)}: text after a closing quote`);
      }
    } else {
      const comma = content.indexOf(',', index);
      const end = comma < 0 ? content.length : comma;
      values.push(content.slice(index, end));
      index = end;
    }
    if (index >= content.length) return values;
    index += 1;
    if (index === content.length) return [...values, ''];
  }
}
