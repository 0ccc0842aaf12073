import { describe, expect, it } from 'vitest';
import type { AcquireOptions } from '../../src/acquire-options.js';
import type { AdaptivePool } from '../../src/adaptive-pool.js';
import { harness, settled, type Harness } from '../support/pool-harness.js';
import type { Stub } from '../support/stub-factory.js';

type Ask = (pool: AdaptivePool<Stub>, options: unknown) => Promise<unknown>;

const WAYS: [string, Ask][] = [
  ['acquire', (pool, options) => pool.acquire(options as AcquireOptions)],
  ['use', (pool, options) => pool.use(() => 'served', options as AcquireOptions)],
  ['run', (pool, options) => pool.run(() => 'served', options as AcquireOptions)],
];

const KNOWN = 'is not an option; known: signal, timeoutMs, priority';

const WRONG: [unknown, string][] = [
  [{ timeout: 20 }, `timeout ${KNOWN}`],
  [{ acquireTimeoutMs: 20 }, `acquireTimeoutMs ${KNOWN}`],
  [Object.create({ timeoutMs: '20' }), 'timeoutMs must be a number from 0 to Infinity, got "20"'],
  [{ timeoutMs: null }, 'timeoutMs must be a number from 0 to Infinity, got null'],
  [{ priority: 'constructor' }, 'priority must be one of high, normal, low, got "constructor"'],
  [{ priority: null }, 'priority must be one of high, normal, low, got null'],
  [{ signal: new AbortController() }, 'signal must be an AbortSignal'],
  [{ signal: 'stop' }, 'signal must be an AbortSignal'],
  [null, 'the options must be an object, got null'],
  [20, 'the options must be an object, got 20'],
  ['20', 'the options must be an object, got "20"'],
  [{ timeoutMs: -1, priority: 'urgent' }, 'got -1; priority must be one of'],
];

/** A pool of one connection, and that one is out. */
async function busy(): Promise<Harness & { readonly release: () => void }> {
  const made = harness({ max: 1 });
  const lease = await settled(made.pool.acquire(), made.clock);
  return { ...made, release: () => lease.release() };
}

describe.each(WAYS)('the options of %s', (_, ask) => {
  it.each(WRONG)(
    '%o are refused by a rejection, and nobody is queued',
    async (options, problem) => {
      const { pool } = await busy();
      const refused = ask(pool, options);
      expect(pool.stats).toMatchObject({ pending: 0, shared: { pending: 0 } });
      await expect(refused).rejects.toMatchObject({
        code: 'ERR_POOL_INVALID_OPTIONS',
        message: expect.stringContaining(problem),
      });
    },
  );

  it.each([undefined, {}, { signal: null }, { signal: undefined, timeoutMs: undefined }])(
    '%o are none: the caller waits as usual, is served, and no connection is lost',
    async (options) => {
      const { clock, pool, release } = await busy();
      const asked = ask(pool, options);
      release();
      const got = await settled(asked, clock);
      if (got !== 'served') (got as { release(): void }).release();
      expect(pool.stats).toMatchObject({ inUse: 0, idle: 1, pending: 0 });
    },
  );

  it('take a signal of another realm, known by what it can do', async () => {
    const { clock, pool } = await busy();
    const { signal } = new AbortController();
    const foreign = {
      get aborted() {
        return signal.aborted;
      },
      addEventListener: () => {},
      removeEventListener: () => {},
    };
    await expect(
      settled(ask(pool, { signal: foreign, timeoutMs: 5 }), clock),
    ).rejects.toMatchObject({ code: 'ERR_POOL_ACQUIRE_TIMEOUT' });
  });
});

describe.each(['use', 'run'] as const)('the work of %s', (way) => {
  it.each([
    [undefined, 'undefined'],
    [{ timeoutMs: 5 }, 'an object'],
    ['GET', '"GET"'],
  ])('%o is refused by a rejection, and nobody is queued', async (work, shown) => {
    const { pool } = await busy();
    const refused = pool[way](work as unknown as () => void);
    expect(pool.stats).toMatchObject({ acquired: 1, pending: 0, shared: { pending: 0 } });
    await expect(refused).rejects.toThrow(new TypeError(`work must be a function, got ${shown}`));
  });
});
