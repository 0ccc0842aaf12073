import { describe, expect, it, vi } from 'vitest';
import type { Policy } from '../../src/control/policy.js';
import { logScaling } from '../../src/telemetry/scaling-log.js';
import { harness, settled, type Harness } from '../support/pool-harness.js';

/** An async function of a user's where the types want a plain one. */
const fails = (() => Promise.reject(new Error('no'))) as unknown as () => never;

/** A policy that wants one more at every decision, and from the third on answers `odd` besides. */
function growing(odd: object): Policy<null> {
  return {
    name: 'mine',
    init: () => null,
    decide: ({ seq }) => ({
      target: seq,
      permits: null,
      reason: 'custom',
      note: 'as many as decisions',
      limitedBy: [],
      candidates: {},
      state: null,
      wakeInMs: null,
      ...(seq < 3 ? undefined : odd),
    }),
  };
}

async function callers({ pool, clock }: Harness, count: number): Promise<void> {
  for (let caller = 0; caller < count; caller += 1) {
    await settled(
      pool.use(() => clock.sleep(50)),
      clock,
    );
  }
}

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe('a policy that answers nonsense', () => {
  it('at the start leaves what min asks for', async () => {
    const { clock, pool } = harness({ min: 2, policy: { ...growing({}), decide: fails } });
    const messages: string[] = [];
    pool.on('scale', ({ message }) => messages.push(message));
    await settled(pool.ready(), clock);
    expect(messages.length).toBe(1);
    expect(messages[0]).toMatch(
      /^p grow 0→2 .*the policy failed, so 0 would stay; min 2 allows no less$/,
    );
  });

  it('wants to be asked again at once, and is asked once a millisecond', async () => {
    const policy: Policy<null> = {
      ...growing({}),
      decide: (signals) => ({ ...growing({}).decide(signals, null, {} as never), wakeInMs: 0 }),
    };
    const { clock, pool } = harness({ min: 1, max: 1, policy });
    const decided = vi.fn();
    pool.on('decision', decided);
    await settled(pool.ready(), clock);
    decided.mockClear();
    await clock.advance(50);
    expect(decided).toHaveBeenCalledTimes(50);
  });

  it.each([
    ['a reason that nobody knows', { reason: 'because' }, /reason must be one of .*"because"/],
    ['a limit that nobody knows', { limitedBy: ['weather'] }, /limitedBy\[0\] must be one of/],
    ['no candidates', { reason: 'envelope', candidates: undefined }, /candidates must be an obj/],
  ])('with %s keeps its target, and is reported once', async (_, odd, text) => {
    const made = harness({ min: 1, policy: growing(odd) });
    made.pool.on('decision', () => {});
    await callers(made, 10);
    expect(made.pool.stats.target).toBe(2);
    expect(made.errors).toMatchObject([{ operation: 'policy', policy: 'mine' }]);
    expect(String(made.errors[0]?.error)).toMatch(text);
  });

  it('from the start leaves the pool at its minimum', async () => {
    const policy: Policy<null> = {
      ...growing({}),
      decide: (signals, state, config) => ({
        ...growing({}).decide(signals, state, config),
        reason: 'my rule' as 'custom',
      }),
    };
    const made = harness({ min: 1, policy });
    const lease = await settled(made.pool.acquire(), made.clock);
    lease.release();
    expect(made.pool.stats).toMatchObject({ size: 1, target: 1 });
    expect(made.errors).toHaveLength(1);
  });

  it('harms nobody while it only observes, with a logger', async () => {
    const shadow = [growing({ reason: 'because' })];
    const made = harness({ min: 1, shadow, logger: SILENT });
    await callers(made, 10);
    expect(made.errors).toMatchObject([{ operation: 'shadow', policy: 'mine' }]);
  });
});

describe('async code where it cannot be awaited', () => {
  it.each(['arrived', 'granted', 'released', 'created'] as const)(
    'of an observer: whose %s rejects is removed, and reported once',
    async (event) => {
      const made = harness({ min: 1 });
      const heard = vi.fn(fails);
      const observer = { arrived() {}, granted() {}, released() {}, created() {}, [event]: heard };
      made.pool.observe(observer);
      const several = [made.pool.acquire(), made.pool.acquire(), made.pool.acquire()];
      for (const lease of await settled(Promise.all(several), made.clock)) lease.release();
      await made.clock.advance(0);
      expect(made.errors).toEqual([{ pool: 'p', operation: 'observer', error: new Error('no') }]);
      const calls = heard.mock.calls.length;
      await callers(made, 3);
      expect(heard).toHaveBeenCalledTimes(calls);
    },
  );

  it('of a logger is reported like a listener that throws, whatever the level', async () => {
    const made = harness({
      min: 1,
      logger: { debug: fails, info: fails, warn: fails, error: fails },
    });
    await callers(made, 2);
    expect(made.errors).toContainEqual({
      pool: 'p',
      operation: 'listener',
      error: new Error('no'),
    });
    expect(new Set(made.errors.map(({ operation }) => operation))).toEqual(new Set(['listener']));
  });

  it('of a logger that was given to logScaling is reported, too, until that ends', async () => {
    const made = harness({ min: 1 });
    const stop = logScaling(made.pool, { ...SILENT, info: fails });
    await callers(made, 1);
    expect(made.errors.length).toBeGreaterThan(0);
    stop();
    made.errors.length = 0;
    made.pool.reconfigure({ min: 3 });
    await made.clock.advance(1_000);
    expect(made.errors).toEqual([]);
  });

  it('of a policy is no decision: the target stays', async () => {
    const policy = { ...growing({}), decide: fails };
    const made = harness({ min: 1, policy });
    await callers(made, 5);
    expect(made.pool.stats.target).toBe(1);
    expect(made.errors).toMatchObject([{ operation: 'policy' }]);
    expect(String(made.errors[0]?.error)).toMatch('decide must answer at once');
  });

  it('of a policy is no beginning: the constructor refuses it', () => {
    const policy = { ...growing({}), init: fails };
    expect(() => harness({ policy })).toThrow('init must answer at once, it returned a promise');
  });

  it.each(['isUsable', 'needsReset'] as const)(
    'of a factory: from %s is no answer, and the connection is closed',
    async (question) => {
      const made = harness({ min: 1 });
      made.factory[question] = fails;
      const lease = await settled(made.pool.acquire(), made.clock);
      lease.release();
      await made.clock.advance(0);
      expect(made.factory.reasons).toEqual(['broken']);
      expect(made.errors).toEqual([
        {
          pool: 'p',
          operation: question,
          error: new TypeError(`${question} must answer at once, it returned a promise`),
        },
      ]);
    },
  );

  it.each(['classify', 'isAnswer'] as const)(
    'of a factory: from %s is no answer, and what the work threw comes out as it is',
    async (question) => {
      const made = harness({ min: 1 });
      made.factory[question] = fails;
      const work = made.pool.run(() => Promise.reject(new Error('no such key')));
      await expect(settled(work, made.clock)).rejects.toThrow('no such key');
      await made.clock.advance(0);
      expect(made.errors).toContainEqual({
        pool: 'p',
        operation: question,
        error: new TypeError(`${question} must answer at once, it returned a promise`),
      });
    },
  );
});
