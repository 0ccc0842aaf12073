import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { recordStubs } from './record-stubs.js';
import { run, runCommand } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'adaptive-pool-commands-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let recording = '';
beforeAll(async () => {
  recording = await recordStubs(folder);
});

/** Each command with arguments that make it do something. */
const COMMANDS: readonly (readonly [name: string, argv: () => readonly string[]])[] = [
  ['simulate', () => ['--scenario', 'spike', '--policy', 'fixed']],
  ['compare', () => ['--scenario', 'spike', '--policy', 'fixed,step', '--replications', '2']],
  ['tune', () => ['--scenario', 'spike', '--objective', 'wait p99 < 60ms', '--workers', '1']],
  ['replay', () => [recording]],
  ['calibrate', () => [recording]],
  ['oracle', () => ['--rate', '500/s', '--use-ms', '4', '--objective', 'wait p99 < 10ms']],
  ['scenarios', () => []],
];

describe('the list of commands', () => {
  it('has those that are tested here', async () => {
    const { stdout } = await run('--help');
    const names = [...stdout.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name]) => name);
    expect(names).toEqual(COMMANDS.map(([name]) => name));
  });
});

describe.each(COMMANDS)('adaptive-pool %s', (name, argv) => {
  it('explains itself with an example', async () => {
    const { status, stdout, stderr } = await run(name, '--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^adaptive-pool ${name}: [^]+?\n\n  adaptive-pool ${name}`));
    for (const flag of ['--json', '--html FILE']) expect(stdout).toContain(`\n  ${flag}`);
    const widest = Math.max(...stdout.split('\n').map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(100);
  });

  it('prints JSON with a version, the same every time, and nothing else', async () => {
    const one = await run(name, ...argv(), '--json');
    expect([one.status, one.stderr]).toEqual([0, '']);
    expect(JSON.parse(one.stdout)).toMatchObject({ version: 1 });
    expect(one.stdout.endsWith('}\n')).toBe(true);
    expect(await run(name, ...argv(), '--json')).toEqual(one);
  });

  it('writes a page that needs nothing else and names the command that made it', async () => {
    const file = join(folder, `${name}.html`);
    const { status, stderr, stdout } = await run(name, ...argv(), '--html', file);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe((await run(name, ...argv())).stdout);
    const page = readFileSync(file, 'utf8');
    expect(page).toMatch(/^<!doctype html>[^]*<\/html>\s*$/);
    expect(page).toContain(` ${name} `);
    expect(page).toContain('--html report.html');
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:)/);
  });

  it.each([
    ['--nonsense', `"--nonsense" is not a flag; see adaptive-pool ${name} --help`],
    ['--json=yes', '--json takes no value, got "yes"'],
    ['--html', '--html needs a value'],
  ])('refuses %s in one line', async (flag, message) => {
    const { status, stdout, stderr } = await run(name, ...argv(), flag);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: `adaptive-pool: ${message}\n`,
    });
  });

  it('refuses a file in a folder that is not there before it runs', async () => {
    const file = join(folder, 'none', 'page.html');
    const { status, stdout, stderr } = await run(name, ...argv(), '--html', file);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^adaptive-pool: --html cannot write [^\n]+\n$/);
  });
});

describe('Ctrl-C', () => {
  const CLI = fileURLToPath(new URL('../../dist/sim/cli.js', import.meta.url));

  /** Sends SIGINT after so many milliseconds and returns how the process ended and what it left behind. */
  async function interrupted(afterMs: number, argv: readonly string[]): Promise<string[]> {
    const into = join(folder, `after-${afterMs}`);
    rmSync(into, { recursive: true, force: true });
    mkdirSync(into);
    const file = join(into, 'page.html');
    const child = spawn(process.execPath, [CLI, ...argv, '--html', file], { stdio: 'ignore' });
    const ended = once(child, 'close');
    await sleep(afterMs);
    child.kill('SIGINT');
    const [status, signal] = (await ended) as [number | null, NodeJS.Signals | null];
    // Who was too late to stop it finds the whole page.
    if (existsSync(file)) expect(readFileSync(file, 'utf8')).toMatch(/<\/html>\s*$/);
    else expect([status, signal]).toEqual([null, 'SIGINT']);
    return readdirSync(into);
  }

  const LONG = ['simulate', '--scenario', 'steady', '--duration-ms', '30000000'];

  it.each([
    [...LONG, '--policy', 'fixed'],
    [...LONG, '--replications', '2', '--policy', 'fixed'],
  ])('in the middle of a run of %s leaves nothing behind', async (...argv) => {
    expect(await interrupted(1_500, argv)).toEqual([]);
  });

  it.each([0, 100, 200, 400, 800])(
    'after %d ms leaves the whole page of a replay or nothing',
    async (afterMs) => {
      const left = await interrupted(afterMs, ['replay', recording, '--policy', 'fixed,step']);
      expect([[], ['page.html']]).toContainEqual(left);
    },
  );
});

describe('a flag that is out of its range', () => {
  it.each([
    [
      'simulate --scenario spike --seed 1.5',
      '--seed must be an integer from 0 to 9007199254740991',
    ],
    [
      'simulate --scenario spike --replications 0',
      '--replications must be an integer from 1 to 10000',
    ],
    ['simulate --scenario spike --workers 0', '--workers must be an integer from 1 to 256'],
    [
      'compare --scenario spike --policy fixed,step --replications 1',
      '--replications must be an integer from 2',
    ],
    ['replay x.jsonl --max 0', '--max must be an integer from 1'],
    ['calibrate x.jsonl --seed -1', '--seed must be an integer from 0'],
    ['oracle --rate 5/s --use-ms 0 --connections 1', '--use-ms must be a number from 0.001'],
    ['oracle --rate 5/s --use-ms 1 --connections 0', '--connections must be an integer from 1'],
  ])('is named with its value: %s', async (line, message) => {
    const { status, stdout, stderr } = await runCommand(line);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^adaptive-pool: [^\n]+, got "[^\n]+"\n$/);
  });
});
