import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeAsText } from '../../src/redis/text-writes.js';

type Chunk = string | Buffer;

/** What a stream like a socket passes on: one entry for each call, with what it was called with. */
function openStream(): { readonly stream: Writable; readonly calls: Chunk[][] } {
  const calls: Chunk[][] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: Chunk, _encoding, done) => {
      calls.push([chunk]);
      setImmediate(done);
    },
    writev: (chunks, done) => {
      calls.push(chunks.map(({ chunk }) => chunk as Chunk));
      setImmediate(done);
    },
  });
  // Both are its own, as a subclass would have them.
  writeAsText(stream);
  return { stream, calls };
}

function writeTogether(stream: Writable, chunks: readonly Chunk[]): void {
  stream.cork();
  for (const chunk of chunks) stream.write(chunk);
  stream.uncork();
}

describe('a stream that writes texts as one', () => {
  it('passes on in one text what was written while it was corked', () => {
    const { stream, calls } = openStream();
    writeTogether(stream, ['a', 'é', '語', '😀']);
    expect(calls).toEqual([['aé語😀']]);
  });

  it('passes bytes on as they are', () => {
    const { stream, calls } = openStream();
    const bytes = Buffer.from([0xff, 0x00]);
    writeTogether(stream, ['a', bytes, 'b']);
    expect(calls).toEqual([['a', bytes, 'b']]);
  });

  it('passes texts of another encoding on as they are', () => {
    const { stream, calls } = openStream();
    stream.cork();
    stream.write('a');
    stream.write('ff00', 'hex');
    stream.uncork();
    expect(calls).toEqual([['a', 'ff00']]);
  });

  it('does not copy long texts', () => {
    const { stream, calls } = openStream();
    const long = 'x'.repeat(2 ** 20 - 1);
    writeTogether(stream, [long, 'ab']);
    expect(calls).toEqual([[long, 'ab']]);
  });

  it('tells every writer when his text was passed on', async () => {
    const { stream } = openStream();
    stream.cork();
    const done = ['a', 'b'].map(
      (text) => new Promise<unknown>((resolve) => stream.write(text, resolve)),
    );
    stream.uncork();
    expect((await Promise.all(done)).every((error) => !error)).toBe(true);
  });

  it('loses, adds and reorders nothing', async () => {
    const chunk = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(chunk)), async (turns) => {
        const { stream, calls } = openStream();
        for (const chunks of turns) writeTogether(stream, chunks);
        await new Promise<void>((resolve) => stream.end(resolve));
        const bytesOf = (chunks: readonly Chunk[]): Buffer =>
          Buffer.concat(chunks.map((one) => Buffer.from(one as string)));
        expect(bytesOf(calls.flat())).toEqual(bytesOf(turns.flat()));
      }),
    );
  });
});
