import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Access } from './redis-contenders.js';

/** What callers felt. */
export interface Measured {
  /** Calls per second. */
  readonly throughput: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One kind of load; only the calls named by the title are measured, not those in the mix. */
export interface Work {
  readonly name: string;
  /** Null where the contender cannot do it. */
  run(access: Access): Promise<Measured | null>;
}

const BURST = 1_000;
const ALONE = 1;
const WORKERS = 64;
const KEYS = 100;
const ROUND_MS = Number(process.env['ROUND_MS'] ?? 300);

export const WORKS: readonly Work[] = [
  { name: `${BURST} GETs at once`, run: burst },
  { name: `${ALONE} worker, GET`, run: (access) => loops((key) => access.get(key), ALONE) },
  { name: `${WORKERS} workers, GET`, run: (access) => loops((key) => access.get(key)) },
  {
    name: '… and a 50 ms BLPOP',
    run: (access) => beside(access, () => access.block()),
  },
  {
    name: '… and a 4 MiB GET',
    run: (access) => beside(access, () => access.getBig()),
  },
  {
    name: `${WORKERS} workers, WATCH GET MULTI SET EXEC`,
    run: async (access) => (access.transact === null ? null : loops(access.transact)),
  },
];

/** Many calls in one turn; times count from that turn. */
export async function burst(access: Access): Promise<Measured> {
  if (globalThis.gc === undefined) throw new Error('needs node --expose-gc');
  // A collection takes as long as the burst of a fast contender, and on whom it falls would be chance.
  await globalThis.gc({ type: 'minor', execution: 'async' });
  await nextTurn();
  const times: number[] = [];
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: BURST }, async (_, index) => {
      await access.get(`key:${index % KEYS}`);
      times.push(performance.now() - begin);
    }),
  );
  return summary(times, performance.now() - begin);
}

/** Closed loops: each worker calls again as soon as it has its answer. */
async function loops(
  call: (key: string) => Promise<unknown>,
  workers = WORKERS,
): Promise<Measured> {
  const times: number[] = [];
  const begin = performance.now();
  const end = begin + ROUND_MS;
  await Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      for (let now = performance.now(); now < end;) {
        await call(`key:${index % KEYS}`);
        const then = performance.now();
        times.push(then - now);
        now = then;
      }
    }),
  );
  return summary(times, performance.now() - begin);
}

/** The closed loops beside one that does something else, again and again. */
async function beside(access: Access, other: () => Promise<unknown>): Promise<Measured> {
  const over = new AbortController();
  const otherLoop = (async () => {
    while (!over.signal.aborted) await other();
  })();
  const measured = await loops((key) => access.get(key));
  over.abort();
  await otherLoop;
  return measured;
}

function summary(times: number[], lengthMs: number): Measured {
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? 0;
  let sum = 0;
  for (const time of times) sum += time;
  return {
    throughput: (1_000 * times.length) / lengthMs,
    meanMs: sum / times.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}
