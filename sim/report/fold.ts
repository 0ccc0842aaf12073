/** A command of an example, which is pasted into a shell and so stays on one line. */
const COMMAND = /^ {2}(?:npx )?adaptive-pool /;
/** What stands before the text of a line: its indentation, or a first column and the gap after it. */
const BEFORE_TEXT = /^ *(?:\S.*? {2,}(?=\S))?/;

/** The text with no line longer than `width` where it has a space to fold at; what goes on stands below its column. */
export function fold(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => (line.length > width && !COMMAND.test(line) ? foldLine(line, width) : line))
    .join('\n');
}

function foldLine(line: string, width: number): string {
  const [before = ''] = BEFORE_TEXT.exec(line) ?? [];
  const [first = '', ...words] = line.slice(before.length).split(' ');
  const indentation = ' '.repeat(before.length);
  const lines: string[] = [];
  let last = `${before}${first}`;
  for (const word of words) {
    if (last.length + 1 + word.length <= width) last += ` ${word}`;
    else {
      lines.push(last);
      last = `${indentation}${word}`;
    }
  }
  return [...lines, last].join('\n');
}
