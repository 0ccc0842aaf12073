import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { Progress } from '../sim/progress.js';

/** Writes what a program may want to read; makes the folder. */
export function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** One line on stderr that says how far it is, on a terminal only. */
export function progressOf(runs: number): Progress {
  const { stderr } = process;
  return new Progress({ stderr, isTerminal: stderr.isTTY, now: () => performance.now() }, runs);
}
