import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fold } from '../../sim/report/fold.js';
import { recordStubs } from './record-stubs.js';
import { run, runOn } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'adaptive-pool-width-'));
let recording = '';

beforeAll(async () => {
  recording = await recordStubs(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SPIKE = '--scenario spike --policy fixed,step --replications 2 --workers 1';
const COMMANDS: readonly (readonly [name: string, argv: () => readonly string[]])[] = [
  ['simulate', () => SPIKE.split(' ')],
  ['compare', () => SPIKE.split(' ')],
  ['tune', () => ['--scenario', 'spike', '--workers', '1', '--objective', 'wait p99 < 60ms']],
  ['replay', () => [recording, '--max', '5']],
  ['calibrate', () => [recording]],
  ['oracle', () => '--rate 500/s --use-ms 4 --connections 3'.split(' ')],
  ['scenarios', () => []],
];

/** Length of the longest line that could be folded: one word cannot. */
function longest(text: string): number {
  const lines = text.split('\n').filter((line) => line.includes(' '));
  return Math.max(...lines.map((line) => line.length));
}

describe.each(COMMANDS)('%s', (name, argv) => {
  it('cuts no line at the edge of a terminal', async () => {
    for (const columns of [50, 80]) {
      const { stdout, status } = await runOn(columns, name, ...argv());
      expect(status).toBe(0);
      expect(longest(stdout)).toBeLessThanOrEqual(columns);
    }
  });

  it('prints to a wide terminal, and to one that knows no width, what it prints to a pipe', async () => {
    const piped = await run(name, ...argv());
    expect(await runOn(1_000, name, ...argv())).toEqual(piped);
    expect(await runOn(0, name, ...argv())).toEqual(piped);
  });

  it('prints the same JSON to any terminal', async () => {
    expect(await runOn(50, name, ...argv(), '--json')).toEqual(
      await run(name, ...argv(), '--json'),
    );
  });

  it('folds its help at 60 columns at least and at 100 at most', async () => {
    const widths: number[] = [];
    for (const columns of [20, 80, 300, undefined]) {
      const { stdout } = await runOn(columns, name, '--help');
      const prose = stdout.replaceAll(/^ {2}adaptive-pool .*$/gm, '');
      expect(longest(prose)).toBeLessThanOrEqual(Math.max(60, Math.min(columns ?? 100, 100)));
      widths.push(longest(prose));
      // An example is pasted into a shell as it stands.
      expect(stdout).toMatch(new RegExp(`^ {2}adaptive-pool ${name}\\b.*$`, 'm'));
    }
    expect(widths[3]).toBe(widths[2]);
  });
});

describe('a terminal narrower than the table', () => {
  it('has a block per policy, a line per figure', async () => {
    const wide = await run('simulate', ...SPIKE.split(' '));
    const { stdout } = await runOn(80, 'simulate', ...SPIKE.split(' '));
    const blocks = stdout.split('\n\n').filter((part) => part.startsWith('policy: '));
    const cellsOf = (policy: string): string[] =>
      wide.stdout
        .split('\n')
        .find((line) => line.startsWith(`${policy} `))
        ?.trim()
        .split(/ +/)
        .slice(1) ?? [];
    expect(blocks.map((block) => block.split('\n')[0])).toEqual(['policy: fixed', 'policy: step']);
    for (const [nth, policy] of ['fixed', 'step'].entries()) {
      const [, ...lines] = blocks[nth]?.split('\n') ?? [];
      expect(lines.map((line) => line.trim().split(/ {2,}/)[1])).toEqual(cellsOf(policy));
    }
    expect(blocks[1]).toMatch(/^ {2}violations, % +0\.000\n {2}wait mean, ms +9$/m);
  });

  it('has the differences of a comparison one below the other, and no figure that is not there', async () => {
    const { stdout } = await runOn(80, 'compare', ...SPIKE.split(' '));
    expect(stdout).toContain(
      '\n  step\n    violations no difference shown\n    wait mean +9 ± 0 ms\n',
    );
    const [, hindsight = ''] = stdout.split('in hindsight\n');
    expect(hindsight.split('\n\n')[0]).toMatch(
      /^ {2}creates +5\n {2}cost +760\.0\n {2}× clairvoyant +0\.101$/,
    );
  });
});

describe('folding', () => {
  it('goes on below the text of the line, whatever stands before it', () => {
    expect(fold('  --min N  a b c d\n  e f g h i\nk l m n o p', 13)).toBe(
      '  --min N  a\n           b\n           c\n           d\n  e f g h i\nk l m n o p',
    );
    expect(fold('  aa bb cc', 7)).toBe('  aa bb\n  cc');
  });

  it('never cuts a word or a command', () => {
    expect(fold('abcdefgh ij', 4)).toBe('abcdefgh\nij');
    expect(fold('  adaptive-pool tune --seed 1', 10)).toBe('  adaptive-pool tune --seed 1');
  });
});
