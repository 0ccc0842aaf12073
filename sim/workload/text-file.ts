import { closeSync, openSync, readSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import { InputError, printable } from '../input-error.js';

const CHUNK_BYTES = 1 << 20;

/**
 * A whole text file, UTF-8, without a byte order mark. Reads at most `maxBytes`, also from a device or a pipe whose size
 * nobody knows. A gzip file is unpacked, up to `maxBytes` too.
 *
 * @throws {@link InputError} that names the file when it cannot be read or is larger.
 */
export function readTextFile(file: string, maxBytes: number): string {
  const chunks: Buffer[] = [];
  let total = 0;
  let descriptor = -1;
  try {
    descriptor = openSync(file, 'r');
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const length = readSync(descriptor, chunk, 0, CHUNK_BYTES, null);
      if (length === 0) break;
      total += length;
      if (total > maxBytes) {
        throw new InputError(
          `${printable(file)}: larger than ${maxBytes / 2 ** 20} MiB, the most that is read`,
        );
      }
      chunks.push(chunk.subarray(0, length));
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw cannotRead(file, error);
  } finally {
    if (descriptor >= 0) closeSync(descriptor);
  }
  const bytes = Buffer.concat(chunks, total);
  const isPacked = file.endsWith('.gz') || (bytes[0] === 0x1f && bytes[1] === 0x8b);
  const text = (isPacked ? unpacked(bytes, file, maxBytes) : bytes).toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Never more than `maxBytes`: a small file may unpack to anything. */
function unpacked(bytes: Buffer, file: string, maxBytes: number): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw new InputError(`${printable(file)}: ${unpackProblem(error, maxBytes)}`, { cause: error });
  }
}

function unpackProblem(error: unknown, maxBytes: number): string {
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case 'ERR_BUFFER_TOO_LARGE':
      return `larger than ${maxBytes / 2 ** 20} MiB when unpacked, the most that is read`;
    case 'Z_BUF_ERROR':
      return 'the gzip file is cut off';
    default:
      return 'not a gzip file';
  }
}

/** What to throw when a file cannot be read. */
export function cannotRead(file: string, error: unknown): InputError {
  return new InputError(`${printable(file)}: cannot be read (${reasonOf(error)})`, {
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return typeof code === 'string' ? code : 'unknown error';
  }
}
