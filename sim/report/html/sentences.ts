/** Lines of the text output as sentences. */
export function sentences(lines: readonly string[]): string {
  return lines.map((line) => `${line.charAt(0).toUpperCase()}${line.slice(1)}.`).join(' ');
}

/** Text in which no line ends between a number and its percent sign. */
export function tied(text: string): string {
  return text.replaceAll(/(?<=\d) %/g, '\u00A0%');
}
