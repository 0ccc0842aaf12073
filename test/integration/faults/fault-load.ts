import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { AdaptivePool } from '../../../src/index.js';

const THINK_MS = 5;

/** What a caller does with its lease and a key that nobody else uses. */
type Work = (redis: Redis, key: string) => Promise<number>;

/** One acquire and, if it got a lease, its work. */
export interface Call {
  readonly key: string;
  readonly beganAt: number;
  /** When `acquire` had been called: this process may be stopped between that and `beganAt`. */
  calledAt: number;
  /** When the acquire settled, whichever way; null while it has not. */
  settledAt: number | null;
  /** Why there was no lease. */
  refusal: unknown;
  /** When the server's answer came. */
  answeredAt: number | null;
  answer: number | null;
  /** Why there was no answer. */
  failure: unknown;
}

/** Callers who ask a pool again and again, each waiting for his own answer. */
export class FaultLoad {
  readonly calls: Call[] = [];
  readonly #pool: AdaptivePool<Redis>;
  readonly #work: Work;
  readonly #callers: Promise<void>[] = [];
  #isOver = false;

  constructor(
    pool: AdaptivePool<Redis>,
    work: Work = (redis: Redis, key: string): Promise<number> => redis.incr(key),
  ) {
    this.#pool = pool;
    this.#work = work;
  }

  start(callers: number): void {
    for (let nth = 0; nth < callers; nth += 1) this.#callers.push(this.#caller(nth));
  }

  /** Ends when every caller has had his last answer. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#callers);
  }

  /** When the first answer after `instant` came, or null. */
  firstAnswerAfter(instant: number): number | null {
    const times = this.calls.flatMap(({ answeredAt }) => answeredAt ?? []);
    const after = times.filter((time) => time >= instant);
    return after.length === 0 ? null : Math.min(...after);
  }

  async #caller(nth: number): Promise<void> {
    for (let round = 0; !this.#isOver; round += 1) {
      await this.#call(`${nth}:${round}`);
      await sleep(THINK_MS);
    }
  }

  async #call(key: string): Promise<void> {
    const beganAt = performance.now();
    const call: Call = {
      key,
      beganAt,
      calledAt: beganAt,
      settledAt: null,
      refusal: null,
      answeredAt: null,
      answer: null,
      failure: null,
    };
    this.calls.push(call);
    try {
      const acquiring = this.#pool.acquire();
      call.calledAt = performance.now();
      using lease = await acquiring;
      call.settledAt = performance.now();
      call.answer = await this.#work(lease.resource, key);
      call.answeredAt = performance.now();
    } catch (error) {
      if (call.settledAt === null) {
        call.settledAt = performance.now();
        call.refusal = error;
      } else call.failure = error;
    }
  }
}
