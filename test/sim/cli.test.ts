import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { main } from '../../sim/main.js';
import { USUAL_POLICIES } from '../../sim/policies.js';
import { temporaryFiles } from './files.js';
import { run, type Outcome } from './run.js';

const write = temporaryFiles();

interface SpawnChoice {
  /** Where its output goes. */
  readonly stdout?: 'pipe' | number;
  /** Whether nobody reads it. */
  readonly closesEarly?: boolean;
}

function spawned(
  argv: readonly string[],
  { stdout: to = 'pipe', closesEarly = false }: SpawnChoice = {},
): Promise<Omit<Outcome, 'status'> & { readonly status: number | null }> {
  const cli = fileURLToPath(new URL('../../sim/cli.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', cli, ...argv], {
    stdio: ['ignore', to, 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  if (closesEarly) child.stdout?.destroy();
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

const COUNTS = write('counts.txt', '50 0 200 10\n');
const TRACE = [
  'simulate',
  '--trace',
  COUNTS,
  '--trace-format',
  'counts',
  '--bin-ms',
  '1000',
  '--service-ms',
  'exp:5',
  '--create-ms',
  '20',
  '--min',
  '1',
  '--max',
  '8',
] as const;

const BATCH = JSON.parse(
  readFileSync(new URL('../../sim/scenarios/batch.json', import.meta.url), 'utf8'),
) as object;

describe('adaptive-pool simulate', () => {
  it('compares policies in a table', async () => {
    const { status, stdout, stderr } = await run('simulate', '--scenario', 'spike', '--seed', '7');
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toContain('scenario spike: 50 callers at once');
    expect(lines[1]).toContain('seed 7, 1 replication of 1 s; min 5, max 50');
    expect(lines[2]).toContain('a violation is a wait above 40 ms, a timeout, a rejection');
    const rows = lines.slice(5, 5 + USUAL_POLICIES.length);
    expect(rows.map((line) => line.split(/\s+/)[0])).toEqual(USUAL_POLICIES);
    expect(new Set([lines[4], ...rows].map((line) => line?.length)).size).toBe(1);
  });

  it('prints nothing but JSON with --json, the same for the same seed', async () => {
    const argv = ['simulate', '--scenario', 'batch', '--policy', 'step,fixed', '--json'] as const;
    const [one, two] = [await run(...argv), await run(...argv)];
    expect(one).toEqual(two);
    expect(JSON.parse(one.stdout)).toEqual({
      version: 1,
      seed: 1,
      scenario: 'batch',
      replications: 1,
      policies: ['step', 'fixed'].map((policy) => ({
        policy,
        requests: 6_000,
        violations: expect.any(Number),
        violationRate: expect.any(Number),
        wait: {
          meanMs: expect.any(Number),
          p50Ms: expect.any(Number),
          p95Ms: expect.any(Number),
          p99Ms: expect.any(Number),
          maxMs: expect.any(Number),
        },
        connectionSeconds: expect.any(Number),
        creates: expect.any(Number),
        destroys: expect.any(Number),
        meanSize: expect.any(Number),
        peakSize: expect.any(Number),
        timeouts: 0,
        rejected: 0,
        stillWaiting: 0,
      })),
    });
  });

  it('writes CSV with --csv', async () => {
    const { stdout } = await run(...TRACE, '--csv', '--policy', 'fixed', '--replications', '2');
    const [header, row, end] = stdout.split('\n');
    expect(header).toMatch(/^scenario,seed,replications,policy,requests,violations,/);
    expect(row).toMatch(/^counts\.txt,1,2,fixed,520,/);
    expect(end).toBe('');
  });

  it.each([
    ['--csv', 'a?[31mb?,""c""'],
    ['', 'a?[31mb?,"c"'],
  ])('shows nothing of a name that a terminal would obey: %s', async (flag, name) => {
    const file = write('evil.json', JSON.stringify({ ...BATCH, name: 'a\u001B[31mb\u202E,"c"' }));
    const { stdout } = await run('simulate', '--scenario', file, ...(flag === '' ? [] : [flag]));
    expect(stdout).toContain(name);
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  });

  it('replays a trace, scaled and sped up', async () => {
    const { status, stdout } = await run(...TRACE, '--json', '--scale', '2', '--speed', '4');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      policies: USUAL_POLICIES.map((policy) => ({ policy, requests: 520 })),
    });
  });

  it('gives intervals with replications', async () => {
    const { stdout } = await run(...TRACE, '--replications', '3');
    expect(stdout).toContain('3 replications, pooled');
    expect(stdout).toContain('± 95 % (Student t)');
  });

  it('lets flags replace what a scenario says', async () => {
    const { stdout } = await run(
      'simulate',
      '--scenario',
      'steady',
      '--policy',
      'fixed',
      '--json',
      '--min',
      '3',
      '--max',
      '3',
      '--duration-ms',
      '1000',
      '--service-ms',
      '1',
      '--acquire-timeout-ms',
      'Infinity',
    );
    expect(JSON.parse(stdout)).toMatchObject({ policies: [{ peakSize: 3, timeouts: 0 }] });
  });

  it.each([
    [[], 'no command'],
    [['simulat'], '"simulat" is not a command'],
    [['simulate'], '--scenario or --trace is needed'],
    [['simulate', 'x', '--scenario', 'steady'], '"x" is one argument too many'],
    [['simulate', '--scenrio', 'steady'], '"--scenrio" is not a flag'],
    [['simulate', '-x'], '"-x" is not a flag'],
    [['simulate', '--scenario'], '--scenario needs a value'],
    [
      ['simulate', '--scenario', 'steady', '--html', '--json'],
      '--html needs a value; one that begins with -- is given with =, as in --html=--json',
    ],
    [['simulate', '--scenario', 'steady', '--seed', '1', '--seed', '2'], '--seed is given twice'],
    [['simulate', '--scenario', 'steady', '--trace', 'x'], 'exclude each other'],
    [['simulate', '--scenario', 'steady', '--json', '--csv'], '--json and --csv exclude'],
    [['simulate', '--scenario', 'steady', '--json=1'], '--json takes no value'],
    [['simulate', '--scenario', 'steady', '--seed', '-1'], '--seed must be an integer from 0'],
    [['simulate', '--scenario', 'steady', '--seed', '0x10'], '--seed must be an integer from 0'],
    [['simulate', '--scenario', 'steady', '--policy', 'fixed,magic'], '"magic" is not a policy'],
    [['simulate', '--scenario', 'steady', '--service-ms', 'x'], '--service-ms must be "5"'],
    [['simulate', '--scenario', 'steady', '--min', '65'], '--min must be at most max (64), got 65'],
    [['simulate', '--scenario', 'steady', '--max', '1'], '--max must be at least min (2), got 1'],
    [['simulate', '--scenario', 'steady', '--speed', '2'], '--speed needs --trace'],
    [['simulate', '--trace', 'x', '--min', '1'], '--trace needs --trace-format, --service-ms'],
    [[...TRACE, '--column', 'n'], '--trace '],
    [['scenarios', '--csv'], '"--csv" is not a flag; see adaptive-pool scenarios --help'],
  ])('refuses %j in one line', async (argv, message) => {
    const { status, stdout, stderr } = await run(...argv);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^adaptive-pool: [^\n]+\n$/);
  });

  it('names flag, file and line of a malformed file', async () => {
    const trace = write('bad\n.csv', 'n\n1\nx\n');
    const argv = TRACE.with(2, trace);
    const { status, stdout, stderr } = await run(...argv, '--column', 'n');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^adaptive-pool: --trace .*bad\?\.csv, line 3: "x" is not a count[^\n]*\n$/,
    );
    const scenario = await run('simulate', '--scenario', write('s.json', '{\n"min": x'));
    expect(scenario.status).toBe(2);
    expect(scenario.stderr).toMatch(/--scenario .*s\.json, line 2: not JSON/);
  });

  it('refuses scale and bin length for timestamps', async () => {
    const argv = TRACE.with(4, 'timestamps');
    expect((await run(...argv)).stderr).toContain('--bin-ms is for --trace-format counts only');
  });
});

describe('adaptive-pool', () => {
  it('lists its scenarios', async () => {
    const { stdout } = await run('scenarios');
    expect(stdout).toMatch(/^azure-llm-code +Requests to a code model/m);
    expect(stdout).toMatch(/^steady +Poisson/m);
  });

  it('says what it can do and which version it is', async () => {
    expect((await run('--help')).stdout).toMatch(/^ {2}simulate +run a load/m);
    expect((await run('simulate', '--help')).stdout).toContain('--scenario NAME|FILE');
    expect((await run('simulate', '--help')).stdout).toContain('adaptive-pool simulate');
    expect((await run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('shows progress of a long run to a person only', async () => {
    let stderr = '';
    let clock = 0;
    await main(['simulate', '--scenario', 'steady', '--policy', 'fixed'], {
      stdout: { write: () => true },
      stderr: { write: (text) => (stderr += text) },
      isTerminal: true,
      now: () => (clock += 1_500),
    });
    expect(stderr).toMatch(/fixed: \d+ % done/);
    expect(stderr.endsWith('\u001B[K')).toBe(true);
  });

  it('works as a program', async () => {
    const good = await spawned(['simulate', '--scenario', 'spike', '--policy', 'fixed', '--json']);
    expect([good.status, good.stderr]).toEqual([0, '']);
    expect(JSON.parse(good.stdout)).toMatchObject({ scenario: 'spike' });
    const bad = await spawned(['simulate', '--scenario', 'nope']);
    expect([bad.status, bad.stdout]).toEqual([2, '']);
  });

  it('says in one line that its output cannot be written', async () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = await spawned(['--help'], { stdout: full });
    closeSync(full);
    expect(status).toBe(2);
    expect(stderr).toBe('adaptive-pool: cannot write to standard output (ENOSPC)\n');
  });

  it('ends quietly when nobody reads its output', async () => {
    const { status, stderr } = await spawned(['--help'], { closesEarly: true });
    expect([status, stderr]).toEqual([0, '']);
  });
});
