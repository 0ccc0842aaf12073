import { createReadStream } from 'node:fs';
import { InputError } from '../input-error.js';
import { place } from '../workload/cells.js';
import { cannotRead } from '../workload/text-file.js';

/** A line that is not empty, counted from 1. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/**
 * The lines of a file of any size, one after the other; only one is in memory.
 *
 * @param chunks The file's text in pieces.
 * @throws {@link InputError} at a line longer than `mostLength` characters.
 */
export async function* linesOf(
  chunks: AsyncIterable<string>,
  file: string,
  mostLength: number,
): AsyncGenerator<Line> {
  let started = '';
  let number = 0;
  const tooLong = (): InputError =>
    new InputError(`${place(file, number + 1)}: longer than ${mostLength} characters`);
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf('\n', start);
      const end = newline < 0 ? chunk.length : newline;
      if (started.length + end - start > mostLength) throw tooLong();
      started += chunk.slice(start, end);
      if (newline < 0) break;
      number += 1;
      if (started.trim() !== '') yield { text: started, number };
      started = '';
      start = newline + 1;
    }
  }
  if (started.trim() !== '') yield { text: started, number: number + 1 };
}

/**
 * The text of a file in pieces.
 *
 * @throws {@link InputError} when it cannot be read.
 */
export async function* chunksOf(file: string): AsyncGenerator<string> {
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8' })) yield String(chunk);
  } catch (error) {
    throw cannotRead(file, error);
  }
}
