import type { Io } from './commands/command.js';

/** Runs shorter than this show no progress, in milliseconds. */
const QUIET_MS = 2_000;
/** Time between two updates, in milliseconds. */
const UPDATE_MS = 250;
/** Goes to the start of the line and clears it. */
const CLEAR = '\r\u001B[K';

/** What a person watches. */
type Watched = Pick<Io, 'stderr' | 'isTerminal' | 'now'>;

/** One line on stderr that says how far a long run is, for a person only. */
export class Progress {
  readonly #io: Watched;
  readonly #runs: number;
  readonly #startedAt: number;
  #shownAt = Number.NEGATIVE_INFINITY;

  /** @param runs How many runs of about the same length there will be. */
  constructor(io: Watched, runs: number) {
    this.#io = io;
    this.#runs = runs;
    this.#startedAt = io.now();
  }

  /**
   * Shows how far it is, at most four times a second.
   *
   * @param run Number of the run, counted from 0.
   * @param part How much of it is done, 0..1.
   */
  report(run: number, part: number, name: string): void {
    if (!this.#io.isTerminal) return;
    const now = this.#io.now();
    if (now - this.#startedAt < QUIET_MS || now - this.#shownAt < UPDATE_MS) return;
    this.#shownAt = now;
    const percent = Math.floor((100 * (run + part)) / this.#runs);
    this.#io.stderr.write(`${CLEAR}${name}: ${percent} % done`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shownAt > Number.NEGATIVE_INFINITY) this.#io.stderr.write(CLEAR);
  }
}
