import { describe, expect, it } from 'vitest';
import type { AdaptivePoolOptions } from '../../src/options.js';
import type { ControllerState } from '../../src/autoscaler/state.js';
import { UNCLAMPED } from '../../src/control/clamps.js';
import { harness, settled, type Harness } from '../support/pool-harness.js';
import type { Stub } from '../support/stub-factory.js';

const CREATE_MS = 40;

function restarted(initialState: unknown, rest: Partial<AdaptivePoolOptions<Stub>> = {}): Harness {
  return harness(
    { min: 2, max: 40, ...rest, initialState: initialState as ControllerState },
    { create: { slowMs: CREATE_MS } },
  );
}

/** A caller every 2 ms with uses of 20 ms, which keeps ten connections busy; returns waits in milliseconds. */
async function traffic({ pool, clock }: Harness, durationMs: number): Promise<number[]> {
  const waits: number[] = [];
  for (let ms = 0; ms < durationMs; ms += 2) {
    const from = clock.now();
    void pool
      .use(() => {
        waits.push(clock.now() - from);
        return clock.sleep(20);
      })
      .catch(() => waits.push(Infinity));
    await clock.advance(2);
  }
  return waits;
}

/** What a pool knew after ten seconds of traffic, as a file would have it. */
async function warmState(rest: Partial<AdaptivePoolOptions<Stub>> = {}): Promise<string> {
  const warm = harness({ min: 2, max: 40, ...rest }, { create: { slowMs: CREATE_MS } });
  await settled(warm.pool.ready(), warm.clock);
  await traffic(warm, 4_000);
  return JSON.stringify(warm.pool.controllerState);
}

describe('controllerState', () => {
  it('is plain JSON with version and policy, and a copy', async () => {
    const { pool, clock } = harness({ min: 1 });
    await settled(
      pool.use(() => clock.sleep(5)),
      clock,
    );
    const state = pool.controllerState;
    expect(state).toMatchObject({ version: 1, policy: 'adaptive' });
    expect(state.memory).toEqual(pool.policy.state);
    const before = JSON.stringify(state);
    (state.memory as { policy: { createMs: number } }).policy.createMs = 7;
    expect(JSON.stringify(pool.controllerState)).toBe(before);
  });

  it('is that of the policy of the options, also while it only observes', async () => {
    const { pool, clock } = harness({ min: 1, mode: 'observe', shadow: ['step'] });
    await settled(
      pool.use(() => clock.sleep(5)),
      clock,
    );
    await clock.advance(200);
    expect(pool.policy.name).toBe('fixed');
    expect(pool.controllerState).toMatchObject({
      policy: 'adaptive',
      memory: { policy: { inner: { load: { use: { isKnown: true } } } } },
    });
  });
});

describe('initialState', () => {
  it('lets the first decision know the load: as many connections as before', async () => {
    const state = await warmState();
    const { pool, errors } = restarted(JSON.parse(state));
    const targets: number[] = [];
    pool.on('scale', ({ to }) => targets.push(to));
    pool.tryAcquire();
    expect(errors).toEqual([]);
    // Ten are busy at a time; the square root of ten on top.
    expect(targets[0]).toBeGreaterThanOrEqual(12);
  });

  it('spares the first callers of a restarted process the waiting', async () => {
    const late = async (state: unknown): Promise<number> => {
      const made = restarted(state);
      await settled(made.pool.ready(), made.clock);
      await made.clock.advance(2 * CREATE_MS);
      const waits = await traffic(made, 1_000);
      return waits.filter((waitMs) => waitMs > 10).length;
    };
    const [warm, cold] = [await late(JSON.parse(await warmState())), await late(undefined)];
    expect(warm).toBe(0);
    expect(cold).toBeGreaterThan(10);
  });

  it('of a policy that observed serves the same policy when it acts, and the other way round', async () => {
    const state: unknown = JSON.parse(await warmState({ mode: 'observe', max: 40 }));
    const acting = restarted(state);
    acting.pool.tryAcquire();
    expect(acting.errors).toEqual([]);
    expect(acting.pool.stats.target).toBeGreaterThan(2);
    const observing = restarted(state, { mode: 'observe' });
    const targets: number[] = [];
    observing.pool.on('shadow', ({ to }) => targets.push(to));
    observing.pool.tryAcquire();
    expect(observing.pool.stats.target).toBe(2);
    expect(targets[0]).toBeGreaterThan(2);
  });

  it.each([1e300, 1e9])(
    'of `target-tracking` with a time of %d ms in which nobody came is not believed',
    async (lengthMs) => {
      const policy = 'target-tracking';
      const empty = { from: 0, lengthMs, demandMs: 0 };
      const state = JSON.parse(await warmState({ policy })) as {
        memory: { policy: { demand: object[] } };
      };
      state.memory.policy.demand = [empty];
      const made = restarted(state, { policy });
      await traffic(made, 1_000);
      expect(made.errors).toEqual([]);
      expect(made.pool.stats.target).toBeGreaterThanOrEqual(10);
    },
  );

  const good: unknown = {
    version: 1,
    policy: 'fixed',
    memory: { policy: {}, clamps: UNCLAMPED },
  };

  it.each([
    ['text', 'initialState must be an object, got "text"'],
    [null, 'initialState must be an object, got null'],
    [[], 'initialState must be an object, got an array'],
    [{}, 'initialState.version must be 1, got undefined'],
    [{ ...(good as object), version: 2 }, 'initialState.version must be 1, got 2'],
    [{ ...(good as object), policy: 'step' }, 'initialState.policy must be "fixed", got "step"'],
    [{ ...(good as object), memory: null }, 'initialState.memory must be a object, got null'],
    [{ ...(good as object), memory: { policy: {} } }, 'initialState.memory.clamps is missing'],
    [{ ...(good as object), more: 1 }, 'initialState."more" is not known'],
  ])('%j is refused, reported at the start, and the pool begins cold', async (state, problem) => {
    const { pool, errors, clock } = restarted(state, { policy: 'fixed', max: 3 });
    await clock.advance(1_000);
    expect(errors).toEqual([]);
    await settled(pool.ready(), clock);
    await settled(pool.ready(), clock);
    expect(errors).toMatchObject([
      { operation: 'state', error: { code: 'ERR_POOL_STATE_REFUSED', message: `p: ${problem}` } },
    ]);
    expect(pool.stats.idle).toBe(3);
  });

  it('that cannot even be read is refused as well', () => {
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trapped');
        },
      },
    );
    const { pool, errors } = restarted(trap);
    pool.tryAcquire();
    expect(errors).toMatchObject([{ operation: 'state' }]);
  });

  it('is not kept by the pool: changing it later changes nothing', async () => {
    const state = JSON.parse(await warmState()) as ControllerState;
    const { pool } = restarted(state);
    const before = JSON.stringify(pool.controllerState);
    (state.memory as { policy: object }).policy = {};
    expect(JSON.stringify(pool.controllerState)).toBe(before);
  });

  it('is forgotten when the policy is replaced', async () => {
    const { pool } = restarted(JSON.parse(await warmState()));
    pool.reconfigure({ policy: { name: 'adaptive' } });
    pool.tryAcquire();
    expect(pool.stats.target).toBe(2);
  });

  it('of a policy of your own needs the shape that init gives', async () => {
    const policy = {
      name: 'mine',
      init: () => ({ peak: 0 }),
      decide: (_signals: unknown, state: unknown) => ({
        target: (state as { readonly peak: number }).peak,
        permits: null,
        reason: 'custom' as const,
        limitedBy: [],
        candidates: {},
        state,
        wakeInMs: null,
      }),
    };
    const state = (own: unknown): unknown => ({
      version: 1,
      policy: 'mine',
      memory: { policy: own, clamps: UNCLAMPED },
    });
    const known = restarted(state({ peak: 7 }), { policy });
    known.pool.tryAcquire();
    expect(known.pool.stats.target).toBe(7);
    const wrong = restarted(state({ peak: 'high' }), { policy });
    wrong.pool.tryAcquire();
    expect(wrong.pool.stats.target).toBe(2);
    expect(String(wrong.errors[0]?.error)).toContain('memory.policy.peak must be a number');
  });
});
