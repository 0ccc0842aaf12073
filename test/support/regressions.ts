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
  engine: [
    {
      seed: 625275452,
      path: '27434:7:8:8:8:13:8:8:15:21:22:28:30:29:29:29:29:30:29:29:29:36:39:37:38:40:44:48:48:46:54:53:53:55:53:54:53:64:62:62:31:30:31:31:39:49:53:57:61:7:64:68:72:76:79:90:5:92:93:92:97:98:98',
    },
  ],
  lateEngine: [],
  pool: [],
};
