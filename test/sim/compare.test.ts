import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { pairedDifference } from '../../sim/analysis/paired.js';
import { compare } from '../../sim/compare.js';
import { parseScenario, SeriesRecorder, simulate } from '../../sim/index.js';
import { RunPooler, tasksOf } from '../../sim/parallel/pooled-runs.js';
import { runTasks, withTaskRunner } from '../../sim/parallel/run-tasks.js';
import { runTask, type RunDetail } from '../../sim/parallel/task.js';
import { temporaryFiles } from './files.js';
import { runCommand } from './run.js';

const write = temporaryFiles();

const SMALL = parseScenario({
  version: 1,
  name: 'small',
  description: 'Two seconds of swings.',
  durationMs: 2_000,
  workload: { kind: 'sine', ratePerSecond: 1_000, amplitude: 1, periodMs: 500 },
  serviceMs: 'exp:4',
  createMs: 20,
  min: 1,
  max: 16,
  waitObjectiveMs: 5,
  acquireTimeoutMs: 200,
});

describe('a paired difference', () => {
  it('is an interval of Student’s t on the differences', () => {
    // Differences 1, 2, 3: mean 2, standard error 1/√3, t(2) = 4.30265.
    const { mean, halfWidth, isShown } = pairedDifference([11, 22, 33], [10, 20, 30]);
    expect(mean).toBe(2);
    expect(halfWidth).toBeCloseTo(4.30265 / Math.sqrt(3), 6);
    expect(isShown).toBe(false);
  });

  it('shows what is the same every time', () => {
    expect(pairedDifference([3, 4], [1, 2])).toEqual({ mean: 2, halfWidth: 0, isShown: true });
    expect(pairedDifference([1, 2], [1, 2])).toEqual({ mean: 0, halfWidth: 0, isShown: false });
  });
});

describe('compare', () => {
  it('finds no difference between a policy and itself, and one where there is one', async () => {
    const { policies, bounds } = await compare(
      SMALL,
      ['adaptive', 'adaptive', { name: 'fixed', size: 4 }],
      {
        replications: 3,
        workers: 1,
      },
    );
    expect(policies[0]?.differences).toBeNull();
    for (const difference of Object.values(policies[1]?.differences ?? {})) {
      expect(difference).toEqual({ mean: 0, halfWidth: 0, isShown: false });
    }
    expect(policies[2]?.differences?.connectionSeconds).toMatchObject({ isShown: true });
    expect(bounds?.clairvoyant.cost).toBeGreaterThan(bounds?.costFloorWithWaiting ?? 0);
    expect(bounds?.bestFixed?.size).toBeLessThanOrEqual(16);
  });

  it('has no floor above the clairvoyant, also where connections are opened before the load begins', async () => {
    const short = {
      ...SMALL,
      workload: { kind: 'deterministic', ratePerSecond: 100 },
      serviceMs: { kind: 'constant', meanMs: 20 },
      createMs: { kind: 'constant', meanMs: 300 },
      durationMs: 500,
      min: 1,
    } as const;
    const options = { replications: 2, workers: 1, createCostSeconds: 0 };
    const { bounds } = await compare(short, ['fixed', 'step'], options);
    expect(bounds?.clairvoyant.cost).toBeGreaterThan(0);
    expect(bounds?.costFloorWithWaiting).toBeLessThanOrEqual(bounds?.clairvoyant.cost ?? 0);
  });

  it('takes policies of one’s own, and named ones that build on them', async () => {
    const own = {
      name: 'own',
      init: () => null,
      decide: () => ({
        target: 4,
        permits: null,
        reason: 'custom' as const,
        note: 'four',
        limitedBy: [],
        candidates: {},
        state: null,
        wakeInMs: null,
      }),
    };
    const over = { name: 'gradient', over: own } as const;
    for (const policy of [own, over]) {
      const { policies } = await compare(SMALL, ['fixed', policy], { replications: 2, workers: 2 });
      expect(policies.map((one) => one.policy)).toEqual(['fixed', policy.name]);
    }
  });

  it('shows intervals, bounds and doubt in a table', async () => {
    const { status, stdout } = await runCommand(
      'compare --scenario spike --policy step,littles-law,fixed --replications 2 --workers 1',
    );
    expect(status).toBe(0);
    expect(stdout).toContain('2 replications of 1 s');
    expect(stdout).toMatch(/^clairvoyant +0\.000 /m);
    expect(stdout).toMatch(/fixed\(\d+\) is the smallest size/);
    expect(stdout).toMatch(/^ {2}littles-law +violations no difference shown/m);
  });

  it('withholds percentiles of runs that are too short for their load, and says what they need', async () => {
    const line =
      'compare --scenario steady --policy fixed,littles-law --duration-ms 50 --max 3 --replications 2 --workers 1';
    const table = await runCommand(line);
    expect(table.stdout).toMatch(/^no percentiles: at .* percentiles need a run of \d+ ms/m);
    expect(table.stdout).toMatch(/^fixed +\S+ +\S+ +- /m);
    expect(table.stdout).not.toContain('wait p99');
    const { percentilesWithheld, policies } = JSON.parse(
      (await runCommand(line, '--json')).stdout,
    ) as {
      readonly percentilesWithheld: string;
      readonly policies: readonly {
        readonly figures: Readonly<Record<string, unknown>>;
        readonly differences: Readonly<Record<string, unknown>> | null;
      }[];
    };
    expect(percentilesWithheld).toMatch(/percentiles need a run of \d+ ms/);
    expect(policies[0]?.figures['waitP99Ms']).toBeNull();
    expect(policies[1]?.differences?.['waitP99Ms']).toBeNull();
    expect(policies[1]?.differences?.['cost']).toMatchObject({ mean: expect.any(Number) });
  });

  it('prints the documented JSON', async () => {
    const { stdout } = await runCommand(
      'compare --scenario spike --policy fixed,baseline:hikaricp --json --replications 2 --workers 1 --create-cost-s 5',
    );
    const figures = [
      'violationRate',
      'waitMeanMs',
      'waitP99Ms',
      'connectionSeconds',
      'creates',
      'cost',
    ];
    const interval = { mean: expect.any(Number), halfWidth95: expect.any(Number) };
    const all = (value: object): object => Object.fromEntries(figures.map((name) => [name, value]));
    const share = expect.any(Number);
    const row = {
      figures: all(interval),
      costRatio: expect.any(Number),
      elasticity: {
        underProvisioned: share,
        overProvisioned: share,
        underTimeShare: share,
        overTimeShare: share,
        jitterPerMinute: share,
      },
    };
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      scenario: 'spike',
      seed: 1,
      replications: 2,
      createCostSeconds: 5,
      baseline: 'fixed',
      policies: [
        { policy: 'fixed', ...row, differences: null },
        {
          policy: 'baseline:hikaricp',
          ...row,
          differences: all({ ...interval, isShown: expect.any(Boolean) }),
        },
      ],
      bounds: {
        clairvoyant: { connectionSeconds: share, creates: share, cost: share, peak: 50 },
        costFloorWithWaiting: share,
        reactive: { violationRate: share, waitMeanMs: share, waitMaxMs: share },
        bestFixed: { size: share, allowedViolations: 0.01, cost: share },
      },
    });
  });

  it.each([
    ['--policy fixed', '--policy needs two policies or more'],
    ['--policy fixed,step --replications 1', '--replications must be an integer from 2'],
    ['--policy fixed,baseline:nope', '"baseline:nope" is not a policy'],
    ['--policy fixed,step --workers 0', '--workers must be an integer from 1'],
  ])('refuses %j', async (flags, message) => {
    const { status, stdout, stderr } = await runCommand(`compare --scenario spike ${flags}`);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

describe('worker threads', () => {
  const line = 'compare --scenario batch --policy step,baseline:pg-pool --json --replications 3';

  it('change nothing about the result', async () => {
    const one = await runCommand(`${line} --workers 1`);
    const two = await runCommand(`${line} --workers 2`);
    expect(one.status).toBe(0);
    expect(two).toEqual(one);
  });

  it('pool the replications of simulate as one thread does', async () => {
    const html = (workers: string): string => write(`${workers}.html`, '');
    const outcome = async (workers: string): Promise<readonly unknown[]> => {
      const file = html(workers);
      const line = `simulate --scenario spike --policy step,baseline:hikaricp --replications 3 --json --html ${file}`;
      return [await runCommand(line, '--workers', workers), readFileSync(file, 'utf8')];
    };
    const one = await outcome('1');
    expect(await outcome('2')).toEqual(one);
    expect(one[0]).toMatchObject({ status: 0, stderr: '' });
    expect(one[1]).not.toContain('--workers');
  });

  it('may finish out of order', () => {
    const batch = {
      scenario: SMALL,
      policies: ['step', 'fixed'] as const,
      seed: 2,
      replications: 3,
    };
    const done = tasksOf(batch, 'parts and series').map((task) => runTask(task).detail);
    const pooled = (order: readonly number[]): readonly unknown[] => {
      const pooler = new RunPooler(batch);
      for (const index of order) pooler.add(index, done[index] as RunDetail);
      return pooler.read();
    };
    const inOrder = pooled([0, 1, 2, 3, 4, 5]);
    expect(pooled([5, 1, 3, 2, 0, 4])).toEqual(inOrder);
    const series = new SeriesRecorder(2_000);
    const step = simulate(SMALL, 'step', { seed: 2, replications: 3, series });
    expect(inOrder[0]).toEqual({ result: step, series: series.read() });
  });

  it('share traces', async () => {
    const atMs = Float64Array.from({ length: 500 }, (_, index) => 2 * index);
    const traced = { ...SMALL, workload: { kind: 'timestamps' as const, atMs } };
    const counted = { kind: 'counts' as const, counts: [100, 300], binMs: 500 };
    const tasks = [traced, { ...SMALL, workload: counted }].map((scenario) => ({
      scenario,
      policy: { name: 'step' as const, stepSize: 2 },
      seed: 1,
      replication: 0,
    }));
    const heard: number[] = [];
    const onDone = (done: number): number => heard.push(done);
    expect(await runTasks(tasks, { workers: 2, onDone })).toEqual(
      await runTasks(tasks, { workers: 1 }),
    );
    expect(heard).toEqual([1, 2]);
  });

  it('hand on what goes wrong', async () => {
    const task = {
      scenario: SMALL,
      policy: { name: 'fixed' as const, size: -1 },
      seed: 1,
      replication: 0,
    };
    await expect(withTaskRunner(2, (run) => run([task, task]))).rejects.toThrow('policy.size');
  });
});
