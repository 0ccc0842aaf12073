import { constants } from 'node:fs';
import { lstat, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Most bytes that wait for a slow disk; beyond that the recording ends. */
const MOST_BUFFERED_BYTES = 8 * 1024 * 1024;

const NEWLINE = 0x0a;

/** A new file is its owner's alone: nobody else needs to know how busy the pool is. */
const MODE = 0o600;

// Windows knows no O_NOFOLLOW.
const FLAGS =
  constants.O_CREAT | constants.O_RDWR | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

/**
 * Keeps the open files from the garbage collector, which ends the process over one that was not closed (Node 25; before
 * that it warned): a recording that nobody stops stays open until the process ends.
 */
const OPEN = new Set<FileHandle>();

/** Text to append, or null where the next file begins. */
type Part = string | null;

/**
 * Appends lines to a file without making anybody wait, and begins a new file when told to. `path` is the newest;
 * `path.1`, `path.2` and so on are older. The first error ends it: what comes later is dropped.
 */
export class RecordingFile {
  readonly #path: string;
  readonly #maxFiles: number;
  readonly #failed: (error: unknown) => void;
  #parts: Part[] = [];
  #bufferedBytes = 0;
  #bytes = 0;
  /** Size of the file on disk, as far as this writer knows. */
  #size = 0;
  #handle: FileHandle | null = null;
  #draining: Promise<void> | null = null;
  #hasFailed = false;

  /** @param failed Hears of the first error, never more than once. */
  constructor(path: string, maxFiles: number, failed: (error: unknown) => void) {
    this.#path = path;
    this.#maxFiles = maxFiles;
    this.#failed = failed;
  }

  /** Size of the file that is being written, with what is on its way. */
  get bytes(): number {
    return this.#bytes;
  }

  append(text: string): void {
    if (this.#hasFailed) return;
    const length = Buffer.byteLength(text);
    if (this.#bufferedBytes + length > MOST_BUFFERED_BYTES) {
      this.#fail(new Error(`the disk is too slow for the recording ${this.#path}; it ends here`));
      return;
    }
    this.#bufferedBytes += length;
    this.#bytes += length;
    this.#put(text);
  }

  /** What is appended from now on goes to a new file. */
  rotate(): void {
    if (this.#hasFailed) return;
    this.#bytes = 0;
    this.#put(null);
  }

  /** Resolves when everything is written and the file is closed, or at once after an error; never rejects. */
  async end(): Promise<void> {
    // A write that hangs, and the closing that would wait for it, must not hold up whoever ends the recording.
    if (this.#hasFailed && this.#draining !== null) return;
    await this.#draining;
    await this.#close().catch((error: unknown) => this.#fail(error));
  }

  #put(part: Part): void {
    this.#parts.push(part);
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    try {
      while (this.#parts.length > 0) {
        // One write for all that gathered meanwhile.
        const parts = this.#parts;
        this.#parts = [];
        let text = '';
        for (const part of parts) {
          if (part !== null) text += part;
          else {
            await this.#write(text);
            text = '';
            await this.#begin();
          }
        }
        await this.#write(text);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      if (this.#hasFailed) await this.#close().catch(() => {});
      this.#draining = null;
    }
  }

  async #write(text: string): Promise<void> {
    if (text === '') return;
    const handle = this.#handle ?? (await this.#open());
    const found = await handle.stat();
    // Lines of two recordings in turn cannot be read.
    if (found.isFile() && found.size !== this.#size) throw sharedError(this.#path);
    await handle.appendFile(text);
    const length = Buffer.byteLength(text);
    this.#size += length;
    this.#bufferedBytes -= length;
  }

  async #open(): Promise<FileHandle> {
    const handle = await openOwn(this.#path);
    OPEN.add(handle);
    this.#handle = handle;
    const { size } = await handle.stat();
    this.#bytes += size;
    this.#size = size;
    if (size === 0) return handle;
    // A process that died in the middle of a line must not spoil the first one of this recording.
    const last = Buffer.alloc(1);
    await handle.read(last, 0, 1, size - 1);
    if (last[0] === NEWLINE) return handle;
    await handle.appendFile('\n');
    this.#size += 1;
    return handle;
  }

  /** Moves every file one number up; the oldest goes. */
  async #begin(): Promise<void> {
    await this.#close();
    const nameOf = (age: number): string => (age === 0 ? this.#path : `${this.#path}.${age}`);
    for (let age = 0; age < this.#maxFiles; age += 1) await refuseForeignAt(nameOf(age));
    if (this.#maxFiles === 1) await rm(this.#path, { force: true });
    for (let age = this.#maxFiles - 1; age > 0; age -= 1) {
      await rename(nameOf(age - 1), nameOf(age)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    if (handle === null) return;
    this.#handle = null;
    OPEN.delete(handle);
    await handle.close();
  }

  #fail(error: unknown): void {
    this.#parts = [];
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failed(error);
  }
}

/**
 * Opens a file for appending that nobody else can have chosen: no symbolic link, no file and no directory of another
 * user's. Root counts as oneself.
 */
async function openOwn(path: string): Promise<FileHandle> {
  const directory = dirname(path);
  refuseForeign(`the directory ${directory} of the recording`, await stat(directory));
  let handle: FileHandle;
  try {
    handle = await open(path, FLAGS, MODE);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? linkError(path) : error;
  }
  try {
    // Asked of what is open, which cannot be exchanged any more.
    refuseForeign(`the recording ${path}`, await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Refuses to move or replace what stands at `path` if somebody else put it there. */
async function refuseForeignAt(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return;
  if (found.isSymbolicLink()) throw linkError(path);
  refuseForeign(`the recording ${path}`, found);
}

function refuseForeign(what: string, { uid }: { readonly uid: number }): void {
  // Windows has no numbers of users.
  const own = process.getuid?.() ?? uid;
  if (uid === 0 || uid === own) return;
  throw new Error(`${what} belongs to another user (${uid}, this process is ${own})`);
}

function sharedError(path: string): Error {
  return new Error(
    `somebody else writes to the recording ${path}, which ends here; give every pool and every process a file of its own`,
  );
}

function linkError(path: string): Error {
  return new Error(`the recording ${path} is a symbolic link; give the path of the file itself`);
}
