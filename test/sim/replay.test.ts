import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdaptivePool, recordScaling, type PolicyOption } from '../../src/index.js';
import { VirtualClock } from '../../src/testing/index.js';
import { main } from '../../sim/main.js';
import { calibrate } from '../../sim/recording/calibrate.js';
import { loadRecording } from '../../sim/recording/recording.js';
import { reconstruct } from '../../sim/recording/reconstruct.js';
import { StubFactory } from '../support/stub-factory.js';
import { randomFrom } from '../support/random.js';
import { temporaryFiles } from './files.js';
import { run } from './run.js';

const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-replay-'));
const write = temporaryFiles();

/** Records a pool of stubs on a virtual clock under Poisson load. */
async function record(
  name: string,
  options: {
    readonly policy?: PolicyOption;
    readonly requests?: boolean;
    readonly max?: number;
    readonly changes?: [atMs: number, change: Parameters<AdaptivePool<object>['reconfigure']>[0]][];
  } = {},
): Promise<string> {
  const { requests = false, policy, max = 12 } = options;
  const changes = [...(options.changes ?? [])];
  const file = join(directory, name);
  const clock = new VirtualClock(1_700_000_000_000);
  const factory = new StubFactory(clock, { create: { slowMs: 12 } });
  const pool = new AdaptivePool({ name: 'web', factory, min: 2, max, policy, clock });
  const recording = recordScaling(pool, file, { requests });
  const random = randomFrom(7);
  let at = 50;
  while (at < 6_000) {
    await clock.advance(at - clock.now());
    if (at > (changes[0]?.[0] ?? Number.POSITIVE_INFINITY)) {
      pool.reconfigure(changes.shift()?.[1] ?? {});
    }
    const useMs = -10 * Math.log(1 - random());
    void pool.use(() => clock.sleep(useMs)).catch(() => {});
    at += -2.5 * Math.log(1 - random());
  }
  await clock.advance(200);
  await recording.stop();
  void pool.close({ deadlineMs: 0 });
  await clock.advance(10_000);
  return file;
}

let plain = '';
let exact = '';
let own = '';

beforeAll(async () => {
  plain = await record('plain.jsonl');
  exact = await record('exact.jsonl', { requests: true });
  const fixed = {
    name: 'mine',
    init: () => null,
    decide: () => ({
      target: 4,
      permits: null,
      reason: 'custom' as const,
      limitedBy: [],
      candidates: {},
      state: null,
      wakeInMs: null,
    }),
  };
  own = await record('own.jsonl', { policy: fixed });
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('adaptive-pool replay', () => {
  it('decides again what was decided', async () => {
    const { status, stdout, stderr } = await run('replay', plain);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /pool web, policy adaptive, 6\.\d+ s, \d+ arrivals, \d+ decisions, recorded by adaptive-pool \S+ on Node v\d/,
    );
    expect(stdout).toMatch(/^\d+ decisions replayed, all identical$/m);
  });

  it('shows the first decision that is not the recorded one, with status 1', async () => {
    const lines = readFileSync(plain, 'utf8').split('\n');
    const tampered = lines.map((line) => line.replace('"drain",', '"steady",'));
    const { status, stdout } = await run('replay', write('tampered.jsonl', tampered.join('\n')));
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^decision \d+ of 20\S+Z differs in reason: recorded "steady", replayed "\w+" \(\d+ before it are identical\)$/m,
    );
    const { stdout: json } = await run('replay', write('t.jsonl', tampered.join('\n')), '--json');
    expect(JSON.parse(json)).toMatchObject({
      decisions: { difference: { field: 'reason', recorded: 'steady' } },
    });
  });

  it('says when another version of the package recorded', async () => {
    const text = readFileSync(plain, 'utf8').replace('"drain",', '"steady",');
    const older = text.replace(/"package":"[^"]+"/, '"package":"0.0.1"');
    const { stdout } = await run('replay', write('older.jsonl', older));
    expect(stdout).toMatch(
      /^it was recorded by adaptive-pool 0\.0\.1, and this is \d\S+: a policy/m,
    );
    const unknown = text.replace(/"package":"[^"]+",/, '');
    const { stdout: silent } = await run('replay', write('unknown.jsonl', unknown));
    expect(silent).toMatch(/recorded by Node v[^]*differs/);
    expect(silent).not.toContain('may have changed');
  });

  it('notices options and memory that are not those of the recording', async () => {
    const text = readFileSync(plain, 'utf8');
    const other = text.replace('"policy":"adaptive"', '"policy":"fixed"');
    expect((await run('replay', write('other.jsonl', other))).status).toBe(1);
    const broken = text.replace('"load":{"use":{', '"load":{"used":{');
    const { status, stdout } = await run('replay', write('broken.jsonl', broken));
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^decision 1 of 20\S+Z differs in error: recorded null, replayed "TypeError: /m,
    );
  });

  it('simulates the load as it was and changed', async () => {
    const { status, stdout } = await run('replay', plain, '--policy', 'fixed,step', '--max', '6');
    expect(status).toBe(0);
    expect(stdout).toContain('recorded: arrivals per millisecond, all use times\n');
    expect(stdout).toContain('however long they wait (open loop)');
    expect(stdout).toMatch(/^recorded +\d+ +\d+ +\S+/m);
    expect(stdout).toMatch(/^policy +requests +violations/m);
    expect(stdout).toMatch(/^adaptive as recorded +\d+/m);
    expect(stdout).toMatch(/^fixed: min 2, max 6, objective 10 ms$/m);
    expect(stdout).toMatch(/^step: min 2, max 6, objective 10 ms$/m);
  });

  it('changes options when they were changed, unless they are given', async () => {
    const file = await record('changed.jsonl', {
      changes: [
        [1_500, { max: 3 }],
        [3_000, { max: 12, waitObjectiveMs: 2 }],
        [4_500, { policy: 'step' }],
      ],
    });
    const { stdout, status } = await run('replay', file, '--min', '1');
    expect(status).toBe(0);
    expect(stdout).toContain(
      'options changed 3 times while recording and change at the same moments',
    );
    expect(stdout).toMatch(
      /^\S+ as recorded: min 2, max 12 then 3 then 12, objective 10 then 2 ms$/m,
    );
    expect(stdout).toMatch(/^\S+ changed: min 1, max 12 then 3 then 12, objective 10 then 2 ms$/m);
    const { run: recorded } = await loadRecording(file);
    const { figures } = calibrate(recorded);
    // With the last options throughout it is nowhere near.
    const p95 = figures.find(({ figure }) => figure === 'wait + use p95');
    expect(p95?.recorded).toBeGreaterThan(100);
    expect(p95?.error).toBeLessThan(0.15);
    const given = await run('replay', file, '--policy', 'littles-law', '--max', '9', '--json');
    expect(JSON.parse(given.stdout)).toMatchObject({
      recorded: { changes: 3 },
      simulated: [{}, { options: { max: 9 } }],
    });
  });

  it('writes the load as a trace, and the command that finds options for it', async () => {
    const trace = join(directory, 'a trace.csv');
    const { status, stdout } = await run('replay', plain, '--trace', trace);
    expect(status).toBe(0);
    const [header, ...lines] = readFileSync(trace, 'utf8').trimEnd().split('\n');
    const { run: recorded } = await loadRecording(plain);
    expect([header, lines.length]).toEqual(['at_ms,use_ms', recorded.arrivals]);
    const command = stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(command).toContain(
      `npx adaptive-pool tune --trace '${trace}' --trace-format timestamps`,
    );
    const words = command
      .replace(/^npx adaptive-pool tune/, 'simulate')
      .replace(/ --objective .*/, '');
    const argv = [...words.matchAll(/'([^']*)'|(\S+)/g)].map(([, one, two]) => one ?? two ?? '');
    const simulated = await run(...argv, '--policy', 'littles-law', '--json');
    expect(JSON.parse(simulated.stdout)).toMatchObject({
      policies: [{ requests: recorded.arrivals }],
    });
    const same = await run('replay', plain, '--trace', plain);
    expect([same.status, same.stdout]).toEqual([2, '']);
    expect(same.stderr).toContain('is what the command reads');
  });

  it('gives everything as JSON, the same for the same seed', async () => {
    const argv = ['replay', plain, '--wait-objective-ms', '2', '--seed', '4', '--json'] as const;
    const [one, two] = [await run(...argv), await run(...argv)];
    expect(one).toEqual(two);
    const report = JSON.parse(one.stdout) as { recorded: { requests: number } };
    const { requests } = report.recorded;
    expect(report).toMatchObject({
      version: 1,
      pool: 'web',
      decisions: { notReplayable: 0, difference: null },
      simulated: [
        { isAsRecorded: true, policy: 'adaptive', options: { waitObjectiveMs: 10 }, requests },
        { isAsRecorded: false, policy: 'adaptive', options: { waitObjectiveMs: 2 }, requests },
      ],
    });
  });

  it('says that a policy of your own cannot be replayed, and simulates another', async () => {
    const { status, stdout } = await run('replay', own);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\d+ decisions of a policy of your own.* are not replayable/);
    const changed = await run('replay', own, '--max', '9');
    expect([changed.status, changed.stdout]).toEqual([2, '']);
    expect(changed.stderr).toContain('the recorded policy "mine" is one of your own');
    expect((await run('replay', own, '--policy', 'step')).stdout).toMatch(/^step +\d+/m);
  });

  it.each([
    [['replay'], 'a recording is needed: adaptive-pool replay LOG'],
    [['calibrate'], 'a recording is needed: adaptive-pool calibrate LOG'],
    [['replay', '/none.jsonl'], '/none.jsonl: cannot be read (no such file)'],
    [['replay', 'a', 'b'], '"b" is one argument too many'],
    [['replay', 'a', '--policy', 'magic'], '--policy: "magic" is not a policy'],
    [['replay', 'a', '--min', '-1'], '--min must be an integer from 0'],
    [['calibrate', 'a', '--max', '1'], '"--max" is not a flag; see adaptive-pool calibrate --help'],
  ])('refuses %j in one line', async (argv, message) => {
    const { status, stdout, stderr } = await run(...argv);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^adaptive-pool: [^\n]+\n$/);
  });

  it('refuses limits that exclude each other', async () => {
    const { status, stderr } = await run('replay', plain, '--min', '20');
    expect([status, stderr]).toEqual([
      2,
      `adaptive-pool: ${plain}: max must be at least min (20), got 12\n`,
    ]);
  });

  it('explains itself with an example', async () => {
    expect((await run('replay', '--help')).stdout).toContain(
      'adaptive-pool replay pool.log --policy',
    );
    expect((await run('calibrate', '--help')).stdout).toContain('adaptive-pool calibrate pool.log');
  });

  it('shows progress to a person only', async () => {
    let stderr = '';
    let clock = 0;
    await main(['replay', plain, '--max', '9'], {
      stdout: { write: () => true },
      stderr: { write: (text) => (stderr += text) },
      isTerminal: true,
      now: () => (clock += 3_000),
    });
    expect(stderr).toMatch(/reading: \d+ % done/);
    expect(stderr.endsWith('\u001B[K')).toBe(true);
  });
});

describe('the load of a recording', () => {
  it('is exact with a row per request, whoever gave up included', async () => {
    const { run: recorded } = await loadRecording(exact);
    const { atMs, workMs, exact: rows } = reconstruct(recorded, 1);
    expect(rows).toBe(recorded.arrivals);
    const [arrival = 0, , use = 0] = recorded.rows.values;
    expect(Math.min(...atMs.map((at) => Math.abs(at - (arrival - recorded.firstAt))))).toBe(0);
    expect([...workMs]).toContain(use);
    expect([...atMs]).toEqual([...atMs].toSorted((one, other) => one - other));
  });

  it('has every arrival in its millisecond and every use once without rows', async () => {
    const [{ run: recorded }, { run: full }] = [
      await loadRecording(plain),
      await loadRecording(exact),
    ];
    const [one, other] = [reconstruct(recorded, 1), reconstruct(full, 1)];
    expect(one.atMs.length).toBe(other.atMs.length);
    const apart = one.atMs.map((at, index) => Math.abs(at - (other.atMs[index] ?? 0)));
    expect(Math.max(...apart)).toBeLessThan(1);
    const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
    expect(sum(one.workMs) / sum(other.workMs)).toBeCloseTo(1, 2);
  });
});
