/**
 * What a person gave the simulator is wrong: a flag, a scenario, a trace. The message is one line that names the place
 * and what would be right; the command prints it and ends with status 2.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** Puts in front of what is wrong with the input what it is about: a flag, or a place with a colon. */
export function named<R>(about: string, work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${about} ${error.message}`, { cause: error });
  }
}

/** Puts the file in front of what is wrong with its content. */
export function inFile<R>(file: string, work: () => R): R {
  return named(`${printable(file)}:`, work);
}

/**
 * Text from outside as an error message or a table may show it: quoted, at most 40 characters, and without anything a
 * terminal would obey.
 */
export function quote(text: string): string {
  return JSON.stringify(printable(text.length > 40 ? `${text.slice(0, 40)}…` : text));
}

/** `text` on one line, every character that controls or that nobody sees replaced by a question mark. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
