/** Where a sequence of commands once failed: what fast-check printed as `seed` and `path`. */
export interface Regression {
  readonly seed: number;
  readonly path: string;
}

/**
 * Sequences that failed once, by property; they run before any other. A failure prints the line to add. After a change of
 * the commands or of how they are drawn an entry is another sequence, which does no harm.
 */
export const REGRESSIONS: Readonly<Record<'engine' | 'lateEngine' | 'pool', Regression[]>> = {
  engine: [],
  lateEngine: [],
  pool: [],
};
