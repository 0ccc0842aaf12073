import { describe, expect, it } from 'vitest';

import { parseScenario, simulate, type Scenario } from '../../sim/index.js';
import { levelOf, parseObjective } from '../../sim/tune/objective.js';
import { stretchesOf, withCreateTime, withLoad } from '../../sim/tune/stretch.js';
import { tune } from '../../sim/tune/tune.js';
import type { PolicySettings } from '../../sim/tune/candidate.js';
import { temporaryFiles } from './files.js';
import { runCommand } from './run.js';

const write = temporaryFiles();

function scenario(fields: object): Scenario {
  return parseScenario({
    version: 1,
    name: 'small',
    description: 'A small load.',
    durationMs: 8_000,
    serviceMs: 'exp:5',
    createMs: 20,
    min: 1,
    max: 24,
    waitObjectiveMs: 10,
    acquireTimeoutMs: 1_000,
    ...fields,
  });
}

const SCENARIOS = {
  steady: scenario({ workload: { kind: 'poisson', ratePerSecond: 1_200 } }),
  swinging: scenario({
    workload: { kind: 'sine', ratePerSecond: 900, amplitude: 0.9, periodMs: 4_000 },
    warmUpMs: 200,
  }),
} as const;

/** Seeds that tuning has not seen. */
const HELD_OUT = { seed: 77, replications: 4 } as const;

describe.each(Object.entries(SCENARIOS))('tuning a %s load', (_name, load) => {
  it('meets the objective on unseen seeds at little more than the cost of the best of a fine grid', async () => {
    const objective = parseObjective('wait p99 < 10ms');
    const { answer, createCostSeconds } = await tune(load, objective, { workers: 1 });
    expect(answer).not.toBeNull();
    if (answer === null) return;
    const run = (min: number, max: number, policy: PolicySettings): [number, number] => {
      const result = simulate({ ...load, min, max }, policy, HELD_OUT);
      const level = levelOf('wait p99', result);
      return [level, result.connectionSeconds + createCostSeconds * result.creates];
    };
    const { min, max, policy } = answer.candidate;
    const [level, cost] = run(min, max, policy);
    expect(level).toBeLessThan(10);
    let best = Number.POSITIVE_INFINITY;
    for (const rule of [{ name: 'fixed' }, { name: 'littles-law' }, { name: 'step' }] as const) {
      for (let least = 1; least <= 24; least += 2) {
        for (const most of rule.name === 'fixed' ? [least] : [least, least + 4, 24]) {
          if (most > 24) continue;
          const [reached, spent] = run(least, most, rule);
          if (reached < 10) best = Math.min(best, spent);
        }
      }
    }
    expect(cost).toBeLessThanOrEqual(1.3 * best);
  }, 120_000);
});

describe('tune', () => {
  it('says when nothing meets the objective', async () => {
    const tuning = await tune(SCENARIOS.steady, parseObjective('wait max < 0.001ms'), {
      workers: 1,
    });
    expect(tuning.answer).toBeNull();
    expect(tuning.closest.candidate.max).toBeLessThanOrEqual(24);
  }, 60_000);

  it.each([
    ['callers who give up before the limit', { acquireTimeoutMs: 5 }],
    ['callers who are rejected', { maxPending: 0 }],
  ])(
    'finds a pool that serves the part that is asked for: %s',
    async (_what, fields) => {
      const load = { ...SCENARIOS.steady, ...fields, warmUpMs: 500 };
      const policies = ['fixed'] as const;
      const { answer } = await tune(load, parseObjective('wait p95 < 10ms'), {
        workers: 1,
        policies,
      });
      expect(answer).not.toBeNull();
      if (answer === null) return;
      const { min, max, policy } = answer.candidate;
      const { requests, timeouts, rejected } = simulate({ ...load, min, max }, policy, HELD_OUT);
      expect((timeouts + rejected) / requests).toBeLessThan(0.05);
    },
    60_000,
  );

  it('says of the closest thing how many got nothing', async () => {
    const { stdout } = await runCommand(
      'tune --scenario steady --duration-ms 2000 --max 5 --policy fixed --workers 1 --acquire-timeout-ms 5 --objective',
      'wait p50 < 10ms',
    );
    expect(stdout).toMatch(
      /closest: min 5, max 5, .*wait p50 endless, \d+(\.\d+)? % of requests got/,
    );
  });

  it('does not depend on the number of threads', async () => {
    const line = 'tune --scenario spike --policy step --json --objective';
    const one = await runCommand(line, 'wait p99 < 60ms', '--workers', '1');
    const two = await runCommand(line, 'wait p99 < 60ms', '--workers', '2');
    expect(one.stderr).toBe('');
    expect(two).toEqual(one);
    const interval = expect.any(Number);
    const row = {
      goals: [{ metric: 'wait p99', limit: 60, level: interval, upper95: interval }],
      connectionSeconds: interval,
      creates: interval,
      timeouts: interval,
      rejected: interval,
      cost: interval,
      peakSize: interval,
      replications: interval,
    };
    expect(JSON.parse(one.stdout)).toEqual({
      version: 1,
      scenario: 'spike',
      seed: 1,
      objective: ['wait p99 < 60 ms'],
      minimised: 'cost',
      createCostSeconds: 150,
      erlang: { mean: 1, peak: 1 },
      isMet: true,
      options: {
        min: expect.any(Number),
        max: expect.any(Number),
        policy: expect.objectContaining({ name: 'step' }),
        waitObjectiveMs: 60,
        acquireTimeoutMs: 1_000,
      },
      confirmed: row,
      otherStretch: null,
      binding: { metric: 'wait p99', margin: expect.any(Number) },
      isMaxReached: expect.any(Boolean),
      sensitivity: ['load -20 %', 'load +20 %', 'create time ×2'].map((change) => ({
        change,
        isMet: expect.any(Boolean),
        ...row,
      })),
      closest: null,
      runs: expect.any(Number),
    });
  }, 60_000);

  it('prints options to paste, and the closest thing when there is none', async () => {
    const found = await runCommand(
      'tune --scenario spike --workers 1 --objective',
      'violations < 90% and timeouts < 1%',
    );
    expect(found.stdout).toMatch(
      /^new AdaptivePool\(\{\n {2}factory,\n {2}min: \d+,\n {2}max: \d+,/m,
    );
    expect(found.stdout).toMatch(/^create time ×2 /m);
    const none = await runCommand(
      'tune --scenario spike --workers 1 --max 5 --objective',
      'wait max < 1ms',
    );
    expect(none.stdout).toContain('nothing found that meets the objective; closest: min 5, max 5');
    expect(none.stdout).toContain('allow more connections with --max');
  }, 60_000);

  it('says which options the load was simulated with where a pool has other ones by itself', async () => {
    const limits = { maxPending: 60, createTimeoutMs: 900, tickMs: 100 };
    const fields = {
      version: 1,
      name: 'limits',
      description: 'A batch.',
      durationMs: 1_000,
      workload: { kind: 'batch', size: 50 },
      serviceMs: 2,
      createMs: 150,
      min: 5,
      max: 8,
      waitObjectiveMs: 40,
      acquireTimeoutMs: 1_000,
      ...limits,
    };
    const file = write('limits.json', JSON.stringify(fields));
    const line = `tune --scenario ${file} --policy step --workers 1 --objective`;
    const goal = 'timeouts < 50%';
    const text = await runCommand(line, goal);
    expect(text.stdout).toMatch(
      /acquireTimeoutMs: \d+,\n {2}maxPending: 60,\n {2}createTimeoutMs: 900,\n {2}policy:/,
    );
    const { options } = JSON.parse((await runCommand(line, goal, '--json')).stdout) as {
      readonly options: object;
    };
    expect(options).toMatchObject({ maxPending: 60, createTimeoutMs: 900 });
    expect(options).not.toHaveProperty('tickMs');
  }, 60_000);

  it('believes no percentile of a run that is too short for its load, and says what it needs', async () => {
    const line = 'tune --scenario steady --duration-ms 50 --max 3 --policy fixed --workers 1';
    const asked = ['--objective', 'wait p99 < 100ms and wait mean < 100ms'];
    const text = await runCommand(line, ...asked);
    expect(text.stdout).toMatch(/^nothing found .*, wait p99 -, wait mean \d/m);
    expect(text.stdout).toMatch(/^no percentiles: at .* percentiles need a run of \d+ ms/m);
    const { isMet, closest } = JSON.parse((await runCommand(line, ...asked, '--json')).stdout) as {
      readonly isMet: boolean;
      readonly closest: {
        readonly percentilesWithheld: string;
        readonly goals: readonly object[];
      };
    };
    expect(isMet).toBe(false);
    expect(closest.percentilesWithheld).toMatch(/percentiles need a run of \d+ ms/);
    expect(closest.goals).toMatchObject([
      { metric: 'wait p99', level: null, upper95: null },
      { metric: 'wait mean', level: expect.any(Number) },
    ]);
  });

  it.each([
    ['--scenario spike', '--objective is needed'],
    ['--scenario spike --objective fast', '--objective must be "wait p99 < 10ms"'],
    ['--scenario spike --objective timeouts<1% --minimize x', '--minimize must be cost or'],
    ['--scenario spike --objective timeouts<1% --policy baseline:npgsql', 'comparison only'],
  ])('refuses %j', async (line, message) => {
    const { status, stdout, stderr } = await runCommand(`tune ${line}`);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

describe('the level of a wait', () => {
  it('is that of a run in which whoever got nothing waited for ever', () => {
    // A fifth of 200 callers at one instant are served before the others give up.
    const batch = scenario({
      workload: { kind: 'batch', size: 200 },
      serviceMs: 10,
      min: 20,
      max: 20,
      warmUpMs: 100,
      acquireTimeoutMs: 15,
    });
    const few = simulate(batch, 'fixed');
    expect([few.requests, few.timeouts]).toEqual([200, 160]);
    expect(few.wait.p50Ms).toBe(15);
    expect(levelOf('wait p50', few)).toBe(Infinity);
    const some = simulate({ ...batch, acquireTimeoutMs: 1_000, maxPending: 90 }, 'fixed');
    expect([some.rejected, some.wait.p50Ms]).toEqual([90, 20]);
    // The hundredth of 200, not the fifty-fifth of those 110 who were not rejected.
    expect(levelOf('wait p50', some)).toBe(40);
    expect(levelOf('wait p95', some)).toBe(Infinity);
  });
});

describe('the stretches of a trace', () => {
  it('are the busier half and the other', () => {
    const atMs = [...Array.from({ length: 10 }, (_, index) => 10 * index), 600, 601, 602, 990];
    const trace = scenario({ workload: { kind: 'poisson', ratePerSecond: 1 }, durationMs: 1_000 });
    const { search, other } = stretchesOf({ ...trace, workload: { kind: 'timestamps', atMs } });
    expect(search.durationMs).toBe(500);
    expect(search.workload).toEqual({ kind: 'timestamps', atMs: [100, 101, 102, 490] });
    expect(other?.workload).toMatchObject({ atMs: atMs.slice(0, 10) });
    expect(search.warmUpMs).toBe(200);
  });

  it('of counts keep whole bins', () => {
    const counts = [5, 0, 0, 9];
    const trace = scenario({ workload: { kind: 'poisson', ratePerSecond: 1 }, durationMs: 4_000 });
    const { search, other } = stretchesOf({
      ...trace,
      workload: { kind: 'counts', counts, binMs: 1_000 },
    });
    expect(search.workload).toEqual({ kind: 'counts', counts: [0, 9], binMs: 1_000 });
    expect(other?.workload).toMatchObject({ counts: [5, 0] });
  });

  it('of a workload that is made up are the whole', () => {
    expect(stretchesOf(SCENARIOS.steady)).toEqual({ search: SCENARIOS.steady, other: null });
  });
});

describe('another load', () => {
  it('has more callers, or the same in less time', () => {
    const base = SCENARIOS.steady;
    const of = (workload: Scenario['workload']): unknown =>
      withLoad({ ...base, workload }, 1.5).workload;
    expect(of({ kind: 'poisson', ratePerSecond: 10 })).toMatchObject({ ratePerSecond: 15 });
    expect(
      of({ kind: 'step', ratePerSecond: 2, steps: [{ atMs: 5, ratePerSecond: 4 }] }),
    ).toMatchObject({ ratePerSecond: 3, steps: [{ atMs: 5, ratePerSecond: 6 }] });
    expect(
      of({ kind: 'ramp', fromRatePerSecond: 2, toRatePerSecond: 4, startMs: 0, endMs: 9 }),
    ).toMatchObject({ fromRatePerSecond: 3, toRatePerSecond: 6 });
    expect(of({ kind: 'batch', size: 3, periodMs: 9, startMs: 0 })).toMatchObject({ size: 5 });
    expect(of({ kind: 'counts', counts: [1, 1, 1, 1], binMs: 5 })).toMatchObject({
      counts: [1, 2, 1, 2],
    });
    expect(of({ kind: 'timestamps', atMs: [0, 3, 6] })).toMatchObject({ atMs: [0, 2, 4] });
  });

  it('may have slower creates', () => {
    expect(withCreateTime(SCENARIOS.steady, 2).createMs).toEqual({ kind: 'constant', meanMs: 40 });
  });
});
