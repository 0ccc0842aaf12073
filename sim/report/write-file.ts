import {
  accessSync,
  constants,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError, printable } from '../input-error.js';

/** Signals that end a process unless it listens. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Makes sure, before a long run, that a file can be written there.
 *
 * @returns The path to write to: behind a link, where the link leads.
 * @throws {@link InputError}
 */
export function checkWritable(file: string): string {
  const path = realPath(resolve(file));
  let there: Stats | undefined;
  try {
    accessSync(dirname(path), constants.W_OK);
    there = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw cannotWrite(file, error);
  }
  // A rename would put a file in the place of a device or a pipe.
  if (there !== undefined && !there.isFile()) {
    throw new InputError(`${printable(file)} is there and is not a file`);
  }
  return path;
}

/**
 * Writes a file as a whole or not at all: under another name in the same folder, then renamed. Ctrl-C meanwhile takes
 * effect after it.
 *
 * @throws {@link InputError}
 */
export function writeWhole(file: string, text: string): void {
  const path = checkWritable(file);
  const temporary = join(dirname(path), `.adaptive-pool-${process.pid}.tmp`);
  const later = new Set<NodeJS.Signals>();
  const hold = (signal: NodeJS.Signals): unknown => later.add(signal);
  for (const signal of ENDING) process.on(signal, hold);
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    remove(temporary);
    throw cannotWrite(file, error);
  } finally {
    const release = (): void => {
      for (const signal of ENDING) process.off(signal, hold);
      for (const signal of later) process.kill(process.pid, signal);
    };
    // Node reads signals when it polls. The first immediate may come before that, the second cannot.
    setImmediate(() => setImmediate(release));
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Best effort: what went wrong before says more than what goes wrong here. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It stays.
  }
}

function cannotWrite(file: string, error: unknown): InputError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new InputError(`cannot write ${printable(file)} (${code})`, { cause: error });
}
