import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { AdaptivePool } from '../../src/index.js';

const CALLERS = 12;
const KEYS = 100;

/** What callers of one pool do to it, chosen at random; every acquire is counted before and after. */
export class SoakLoad {
  begun = 0;
  settled = 0;
  granted = 0;
  answered = 0;
  readonly #pool: AdaptivePool<Redis>;
  readonly #random: () => number;
  /** One signal for all, so that listeners which stay behind would add up. */
  readonly #shared: AbortSignal;
  #isOver = false;
  #callers: Promise<void>[] = [];

  constructor(pool: AdaptivePool<Redis>, random: () => number, shared: AbortSignal) {
    this.#pool = pool;
    this.#random = random;
    this.#shared = shared;
  }

  start(): void {
    this.#isOver = false;
    this.#callers = Array.from({ length: CALLERS }, () => this.#caller());
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#callers);
  }

  async #caller(): Promise<void> {
    while (!this.#isOver) {
      await this.#call().catch(() => undefined);
      await sleep(this.#random() < 0.1 ? 100 : 2 * this.#random());
    }
  }

  async #call(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.05) {
      using lease = this.#pool.tryAcquire();
      await lease?.resource.ping();
      return;
    }
    using lease = await this.#acquire(dice);
    const key = `key:${Math.floor(KEYS * this.#random())}`;
    await lease.resource.incr(key);
    this.answered += 1;
    if (dice > 0.98) lease.destroy();
    else if (dice > 0.96) throw new Error('of the caller');
    else if (dice > 0.94) await lease.resource.blpop('nothing', 0.02);
    else if (dice > 0.92) await lease.resource.select(3);
    // Given back with the reply outstanding.
    else if (dice > 0.9) lease.resource.get(key).catch(() => undefined);
    else if (dice > 0.85) await sleep(20 * this.#random());
  }

  async #acquire(dice: number): ReturnType<AdaptivePool<Redis>['acquire']> {
    this.begun += 1;
    const signal = dice > 0.2 ? this.#shared : AbortSignal.timeout(Math.ceil(40 * this.#random()));
    const timeoutMs = dice > 0.3 ? undefined : Math.round(300 * this.#random());
    try {
      const lease = await this.#pool.acquire({ signal, timeoutMs });
      this.granted += 1;
      return lease;
    } finally {
      this.settled += 1;
    }
  }
}
