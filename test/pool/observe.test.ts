import { describe, expect, it } from 'vitest';
import type { ScaleDecision } from '../../src/control/decision.js';
import type { Policy } from '../../src/control/policy.js';
import type { AdaptivePoolOptions, TunableOptions } from '../../src/options.js';
import { harness, settled, type Harness } from '../support/pool-harness.js';
import type { Stub } from '../support/stub-factory.js';

interface Observed extends Harness {
  /** Every `shadow`, `decision` and `scale` event so far. */
  readonly shadows: ScaleDecision[];
  readonly decisions: ScaleDecision[];
  readonly scales: ScaleDecision[];
}

async function observed(options: Partial<AdaptivePoolOptions<Stub>>): Promise<Observed> {
  const made = harness({ min: 2, max: 40, ...options });
  const events: Pick<Observed, 'shadows' | 'decisions' | 'scales'> = {
    shadows: [],
    decisions: [],
    scales: [],
  };
  made.pool.on('shadow', (decision) => events.shadows.push(decision));
  made.pool.on('decision', (decision) => events.decisions.push(decision));
  made.pool.on('scale', (decision) => events.scales.push(decision));
  await settled(made.pool.ready(), made.clock);
  return { ...made, ...events };
}

/** Twenty callers at once who hold their connection for 200 ms, as long as it is asked for. */
async function burst({ pool, clock }: Harness, rounds = 5): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (let caller = 0; caller < 20; caller += 1) {
      void pool.use(() => clock.sleep(200)).catch(() => {});
    }
    await clock.advance(200);
  }
}

/** Wants as many as it is told, whatever the signals. */
function constant(name: string, target: () => number): Policy<number> {
  return {
    name,
    init: () => 0,
    decide: (_signals, count) => ({
      target: target(),
      permits: 7,
      reason: 'custom',
      limitedBy: [],
      candidates: {},
      state: count + 1,
      wakeInMs: 1,
    }),
  };
}

const BROKEN: Policy = {
  name: 'broken',
  init: () => null,
  decide: () => {
    throw new Error('no idea');
  },
};

const STILLBORN: Policy = {
  ...BROKEN,
  name: 'stillborn',
  init: () => {
    throw new Error('no licence');
  },
};

describe('mode observe', () => {
  it('holds min, whatever the policy would do, and says what that is', async () => {
    const made = await observed({ mode: 'observe' });
    await burst(made);
    const { pool, shadows, scales, decisions } = made;
    expect(pool.stats).toMatchObject({ size: 2, target: 2 });
    expect(scales).toMatchObject([{ from: 0, to: 2, policy: 'fixed', mode: 'act' }]);
    expect(decisions.every(({ mode, event }) => mode === 'act' && event === 'pool.scale')).toBe(
      true,
    );
    const growth = shadows.find(({ direction, seq }) => direction === 'grow' && seq > 1);
    expect(growth).toMatchObject({
      event: 'pool.shadow',
      mode: 'observe',
      policy: 'adaptive',
      from: 2,
      signals: { size: 2, target: 2 },
    });
    expect(growth?.message).toMatch(/^p \(adaptive\) would grow 2→\d+ \(max 40\): \d+ waiting/);
    // What it asked for before is what it is told, not what the pool has.
    const next = shadows[shadows.indexOf(growth as ScaleDecision) + 1];
    expect(next?.signals).toMatchObject({ target: growth?.to, size: 2 });
    expect(next?.from).toBe(growth?.to);
  });

  it('still holds what was announced', async () => {
    const { pool, clock } = await observed({ mode: 'observe' });
    pool.expect({ concurrency: 10, forMs: 5_000 });
    await clock.advance(100);
    expect(pool.stats.idle).toBe(12);
    await clock.advance(6_000);
    expect(pool.stats.idle).toBe(2);
  });

  it('follows min, of 0 too, and opens one for callers all the same', async () => {
    const { pool, clock } = await observed({ mode: 'observe' });
    pool.reconfigure({ min: 4 });
    await clock.advance(50);
    expect(pool.stats.idle).toBe(4);
    pool.reconfigure({ min: 0 });
    expect(pool.stats.size).toBe(0);
    await settled(
      pool.use(() => {}),
      clock,
    );
    expect(pool.stats.created).toBe(5);
  });

  it('can be left and entered while the pool runs', async () => {
    const made = await observed({ mode: 'observe' });
    made.pool.reconfigure({ mode: 'act' });
    await burst(made);
    expect(made.pool.stats.size).toBeGreaterThan(10);
    expect(made.pool.policy.name).toBe('adaptive');
    const count = made.shadows.length;
    await burst(made);
    expect(made.shadows.length).toBe(count);
    made.pool.reconfigure({ mode: 'observe' });
    await made.clock.advance(1_000);
    expect(made.pool.stats.size).toBe(2);
    expect(made.pool.policy.name).toBe('fixed');
  });

  it('tests no growth with permits that are in force nowhere', async () => {
    const { pool, clock, shadows } = await observed({ mode: 'observe' });
    // Five times what two connections serve: callers wait all the time, and no use time without waiters is known.
    for (let ms = 0; ms < 4_000; ms += 2) {
      void pool.use(() => clock.sleep(20)).catch(() => {});
      await clock.advance(2);
    }
    expect(shadows.filter(({ permits }) => permits !== null)).toEqual([]);
    expect(shadows.filter(({ limitedBy }) => limitedBy.includes('verifying'))).toEqual([]);
    expect(shadows.at(-1)?.to).toBeGreaterThan(10);
  });

  it('stops ticking at min once the policy would hold no more than that', async () => {
    const made = await observed({ mode: 'observe', keepaliveMs: Infinity });
    await burst(made);
    await made.clock.advance(300_000);
    expect(made.shadows.at(-1)).toMatchObject({ to: 2 });
    expect(made.clock.scheduled).toBe(0);
  });
});

describe('a shadow', () => {
  it('changes nothing of what the policy decides', async () => {
    const outcome = async (options: TunableOptions): Promise<unknown> => {
      const made = await observed(options);
      await burst(made, 3);
      return made.decisions;
    };
    const alone = await outcome({});
    const wild = constant('wild', () => Math.round(20 + 20 * Math.sin(performance.now())));
    expect(await outcome({ shadow: [wild, BROKEN, 'fixed'] })).toEqual(alone);
  });

  it('has target, permits and memory of its own', async () => {
    let wanted = 5;
    const { shadows, pool } = await observed({
      shadow: [constant('mine', () => wanted), { name: 'fixed', size: 30 }],
    });
    wanted = 9;
    pool.reconfigure({});
    expect(pool.stats).toMatchObject({ target: 2, permits: null });
    const mine = shadows.filter(({ policy }) => policy === 'mine');
    expect(mine).toMatchObject([
      { from: 0, to: 5, permits: 7, signals: { permits: null } },
      { from: 5, to: 9, permits: 7, signals: { permits: 7, target: 5, size: 2 } },
    ]);
    expect(shadows.findLast(({ policy }) => policy === 'fixed')).toMatchObject({ to: 30 });
    // Both of one moment have the number of the real decision.
    expect(shadows.map(({ seq }) => seq)).toEqual([1, 1, 2, 2]);
  });

  it('goes on when other options change, and is named apart from another of its name', async () => {
    const { shadows, pool } = await observed({
      shadow: [
        { name: 'fixed', size: 4 },
        { name: 'fixed', size: 6 },
      ],
    });
    pool.reconfigure({ waitObjectiveMs: 5 });
    pool.reconfigure({ shadow: [...pool.options.shadow, 'step'] });
    expect(shadows.map(({ policy, from, to }) => `${policy} ${from}→${to}`)).toEqual([
      'fixed 0→4',
      'fixed-2 0→6',
      'fixed 4→4',
      'fixed-2 6→6',
      'fixed 4→4',
      'fixed-2 6→6',
      'step 2→2',
    ]);
  });

  it('that throws is reported once and harms nobody', async () => {
    const made = await observed({ shadow: [BROKEN, { name: 'fixed', size: 3 }] });
    await burst(made, 3);
    expect(made.errors).toMatchObject([
      { operation: 'shadow', policy: 'broken', error: { message: 'no idea' } },
    ]);
    expect(made.pool.stats.size).toBeGreaterThan(10);
  });

  it('that cannot even begin is reported once', async () => {
    const { errors, pool, clock, shadows } = await observed({ shadow: [STILLBORN] });
    await settled(
      pool.use(() => clock.sleep(500)),
      clock,
    );
    expect(errors).toMatchObject([{ operation: 'shadow', policy: 'stillborn' }]);
    expect(shadows).toEqual([]);
  });

  it('that is wrong is refused', () => {
    const refused = (shadow: unknown): unknown => {
      try {
        harness({ shadow: shadow as TunableOptions['shadow'] });
        return null;
      } catch (error) {
        return (error as { readonly problems?: unknown }).problems;
      }
    };
    expect(refused('step')).toEqual(['shadow must be a list of at most 16 policies, got "step"']);
    expect(refused(Array.from({ length: 17 }, () => 'step'))).toHaveLength(1);
    expect(refused(['step', 'guess', { name: 'fixed', size: 0 }])).toEqual([
      expect.stringMatching(/^shadow\[1\] must be one of /),
      'shadow[2].size must be an integer from 1 to 100000, got 0',
    ]);
    expect(() => harness({ mode: 'look' as 'act' })).toThrow(
      "mode must be 'act' or 'observe', got \"look\"",
    );
  });

  it('may be told of by a listener that closes the pool', async () => {
    const { pool, clock } = harness({ min: 1, shadow: [{ name: 'fixed', size: 3 }] });
    pool.on('decision', () => void pool.close());
    pool.tryAcquire();
    await clock.advance(100);
    expect(pool.stats.size).toBe(0);
  });
});
