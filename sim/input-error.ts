/**
 * What a person gave the simulator is wrong: a flag, a scenario, a trace. The message is one line that names the place
 * and what would be right; the command prints it and ends with status 2.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
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
