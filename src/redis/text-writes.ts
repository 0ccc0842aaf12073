import type { Writable } from 'node:stream';

type Chunks = Parameters<NonNullable<Writable['_writev']>>[0];

/** Characters; to copy longer ones into one text costs as much as it saves. */
const LONGEST_TEXT = 2 ** 20;

/**
 * Makes a stream write the short texts that it holds as one: a socket spends more on a text than on what is in it. Meant
 * for texts of whole characters, such as commands.
 */
export function writeAsText(stream: Writable): void {
  const write = stream._write.bind(stream);
  const writeEach = stream._writev?.bind(stream);
  if (writeEach === undefined) return;
  stream._writev = (chunks, done) => {
    const text = joined(chunks);
    if (text === null) writeEach(chunks, done);
    else write(text, 'utf8', done);
  };
}

/** Null if some are no texts, or too long together. */
function joined(chunks: Chunks): string | null {
  let text = '';
  for (const { chunk, encoding } of chunks) {
    if (typeof chunk !== 'string' || encoding !== 'utf8') return null;
    if (text.length + chunk.length > LONGEST_TEXT) return null;
    text += chunk;
  }
  return text;
}
