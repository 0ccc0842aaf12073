import type { Flags, FlagTable } from './flags.js';

/** What a command needs of its process. */
export interface Io {
  readonly stdout: {
    write(text: string): unknown;
    /** Width in characters, where it is a terminal. */
    readonly columns?: number | undefined;
  };
  readonly stderr: { write(text: string): unknown };
  /** Whether a person watches stderr. */
  readonly isTerminal: boolean;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
}

/** Most characters of a line of output: those of the terminal, where there is one. */
export function widthOf({ stdout: { columns } }: Pick<Io, 'stdout'>): number {
  // Some terminals do not know their width and say 0.
  return columns === undefined || columns <= 0 ? Infinity : columns;
}

/** What a command prints when its status is not 0 although nothing was wrong with the input. */
export interface Outcome {
  readonly output: string;
  readonly status: number;
}

/** One command of `adaptive-pool`. */
export interface Command {
  readonly name: string;
  /** Half a line for the list of commands. */
  readonly summary: string;
  /** What `adaptive-pool NAME --help` prints; with an example. */
  readonly help: string;
  readonly flags: FlagTable;
  /** Most arguments that are not flags. @default 0 */
  readonly mostArguments?: number | undefined;
  /**
   * Does the work and returns what goes to standard output.
   *
   * @throws {@link InputError} when a flag or a file is wrong; nothing is printed then
   */
  run(flags: Flags, io: Io): Promise<string | Outcome> | string | Outcome;
}
