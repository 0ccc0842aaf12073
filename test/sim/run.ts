import { main } from '../../sim/main.js';

/** What the command wrote and how it ended. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process, with the words of `line` and then `more` as arguments. */
export function runCommand(line: string, ...more: readonly string[]): Promise<Outcome> {
  return run(...line.split(' '), ...more);
}

/** Runs the command in this process. */
export function run(...argv: readonly string[]): Promise<Outcome> {
  return runOn(undefined, ...argv);
}

/** The same with a terminal of this width for its output. */
export async function runOn(
  columns: number | undefined,
  ...argv: readonly string[]
): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const status = await main(argv, {
    stdout: { write: (text) => (written.stdout += text), columns },
    stderr: { write: (text) => (written.stderr += text) },
    isTerminal: false,
    now: () => 0,
  });
  return { status, ...written };
}
