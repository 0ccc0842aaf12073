import type { Connections } from './connections.js';

/** What a pool has to be in one measurement. */
export interface Setup {
  readonly min: number;
  readonly max: number;
  /** Null = a caller waits as long as it takes. */
  readonly acquireTimeoutMs: number | null;
  /** After how long without use a connection above `min` may go, for those that have to be told; null = their default. */
  readonly idleMs: number | null;
  readonly connections: Connections;
}

/** One pool behind the face that all scenarios use. It adds no promise to the pool's own where a caller would not. */
export interface Face {
  /** Acquires and gives back, one after the other, as a caller writes it. */
  loop(calls: number): Promise<void>;
  /** `use`, or what a caller writes around a pool without it. */
  use<R>(work: () => Promise<R> | R): Promise<R>;
  /** One caller who gives back at once what it gets; `settled` hears of the end, whichever it is. */
  readonly wait: (settled: () => void) => void;
  /** As `wait`, until the signal is aborted; absent where a caller cannot stop waiting. */
  readonly waitAbortably?: (signal: AbortSignal, settled: () => void) => void;
  /** Takes a connection for good. */
  hold(): Promise<void>;
}

export interface Peer {
  readonly name: string;
  /** The package to import, where there is one. */
  readonly package?: string;
  /** Whether the acquire timeout can be turned on and off. */
  readonly timeouts: 'both' | 'always' | 'never';
  open(setup: Setup): Promise<Face> | Face;
}

type Borrowing = Omit<Face, 'waitAbortably'>;

/** The face of a pool with acquire and release; `use` where it has one of its own. */
export function borrowing<H>(
  acquire: () => PromiseLike<H>,
  release: (handle: H) => unknown,
  use?: Face['use'],
): Borrowing {
  return {
    async loop(calls) {
      for (let left = calls; left > 0; left -= 1) release(await acquire());
    },
    use:
      use ??
      (async (work) => {
        const handle = await acquire();
        try {
          return await work();
        } finally {
          release(handle);
        }
      }),
    wait(settled) {
      acquire().then((handle) => {
        release(handle);
        settled();
      }, settled);
    },
    async hold() {
      await acquire();
    },
  };
}

/** The face of a pool that lends its connections only to a function. */
export function executing(execute: <R>(work: () => Promise<R> | R) => Promise<R>): Borrowing {
  return {
    async loop(calls) {
      for (let left = calls; left > 0; left -= 1) await execute(nothing);
    },
    use: execute,
    wait(settled) {
      execute(nothing).then(settled, settled);
    },
    hold: () =>
      new Promise((resolve, reject) => {
        execute(() => {
          resolve();
          return new Promise<never>(() => {});
        }).catch(reject);
      }),
  };
}

export function nothing(): void {
  // The pool is what is measured.
}
