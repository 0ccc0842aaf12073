import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { perFigure } from '../../sim/compare.js';
import { loadScenario, simulate } from '../../sim/index.js';
import { comparisonTables } from '../../sim/report/html/comparison-tables.js';
import { recordStubs } from './record-stubs.js';
import { run, runCommand } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'adaptive-pool-pages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the pages of other commands', () => {
  const SMALL = '--scenario spike --seed 3 --workers 1';

  it('show a comparison with its intervals and differences, the same on any number of threads', async () => {
    const line = `compare --scenario spike --policy fixed,step,littles-law --replications 2 --workers`;
    const page = await pageOf(`${line} 1`);
    expect(await pageOf(`${line} 2`)).toBe(page);
    expect(headingsOf(page)).toEqual([
      'Violations, % of requests',
      'Mean wait, ms',
      'Connection-seconds of a run',
      'All figures',
      'Means per replication, ± 95 %',
      'Differences from fixed, ± 95 %',
    ]);
    const [, means = [], differences = []] = tablesOf(page);
    expect(means[0]).toEqual(
      'Policy|violations, %|wait mean, ms|wait p99, ms|conn-s|creates|cost|× clairvoyant|short of, % of time|surplus'.split(
        '|',
      ),
    );
    expect(means.map(([name]) => name)).toEqual([
      'Policy',
      'fixed',
      'step',
      'littles-law',
      'clairvoyant',
      'fixed(5) in hindsight',
    ]);
    expect(differences[1]).toEqual([
      'step',
      'none shown',
      '+9\u00A0±\u00A00',
      '+18\u00A0±\u00A00',
      '-90\u00A0±\u00A00',
      '-45\u00A0±\u00A00',
      '-6,840\u00A0±\u00A00',
    ]);
    expect(page).toContain('Figures are those of all 2 replications together');
    expect(page.match(/<figure/g)).toHaveLength(3);
    const result = simulate(loadScenario('spike'), 'fixed', { replications: 2 });
    expect(tablesOf(page)[0]?.find(([name]) => name === 'Creates')?.[1]).toBe(
      String(result.creates),
    );
  });

  it('leave out percentiles of a run that is too short for its load', async () => {
    const page = await pageOf(`simulate --scenario steady --policy fixed --duration-ms 50 --max 3`);
    const [figures = []] = tablesOf(page);
    expect(figures.find(([name]) => name === 'Wait, p99, ms')).toEqual(['Wait, p99, ms', '–']);
    expect(page).toContain('<p>No percentiles: at ');
  });

  it('leave them out of a comparison and of what tuning found too', async () => {
    const load = '--scenario steady --duration-ms 50 --max 3 --workers 1';
    const compared = await pageOf(`compare --policy fixed,step --replications 2 ${load}`);
    const [, means = [], differences = []] = tablesOf(compared);
    expect([means[1]?.[3], differences[1]?.[3]]).toEqual(['–', '–']);
    expect(compared).toContain('No percentiles: at ');
    const tuned = await pageOf(`tune --policy fixed ${load} --objective`, 'wait p99 < 9ms');
    expect(tablesOf(tuned)[2]?.[1]?.[1]).toBe('-');
    expect(tuned).toContain('No percentiles: at ');
  });

  it('say so where a comparison has no bounds', () => {
    const interval = { mean: 1, halfWidth: 0.5 };
    const figures = perFigure(() => interval);
    const policy = { policy: 'a', figures, differences: null, costRatio: null, elasticity: null };
    const [means] = comparisonTables({
      scenario: loadScenario('spike'),
      seed: 1,
      replications: 2,
      createCostSeconds: 10,
      policies: [policy],
      bounds: null,
      tooShort: null,
    });
    expect(means?.columns).toHaveLength(7);
    expect(means?.rows).toEqual([
      ['a', '100\u00A0±\u00A050', ...Array.from({ length: 5 }, () => '1\u00A0±\u00A00.5')],
    ]);
    expect(means?.text).toContain('No bounds');
  });

  it('show the options that tuning found, how sure they are, and a run with them', async () => {
    const page = await pageOf(`tune ${SMALL} --objective`, 'wait p99 < 60ms');
    const [, answer = [], sensitivity = []] = tablesOf(page);
    expect(headingsOf(page).slice(4)).toEqual(['Answer', 'Confirmation and sensitivity']);
    expect(answer.map(([option]) => option)).toEqual([
      'Option',
      'min',
      'max',
      'waitObjectiveMs',
      'acquireTimeoutMs',
      'policy',
    ]);
    expect(answer[3]).toEqual(['waitObjectiveMs', '60']);
    expect(sensitivity.map(([run]) => run)).toEqual([
      'Run',
      'fresh seeds',
      'load -20\u00A0%',
      'load +20\u00A0%',
      'create time ×2',
    ]);
    expect(sensitivity[0]).toEqual([
      'Run',
      'wait p99',
      'timed out',
      'rejected',
      'conn-s',
      'creates',
      'peak',
      'met',
    ]);
    expect(page).toContain(
      'The cheapest options found that meet the objective: wait p99 &lt; 60 ms',
    );
    expect(page.match(/<figure/g)).toHaveLength(1);
    expect(page).toContain('--objective &#39;wait p99 &lt; 60ms&#39; --seed 3 --html report.html');
  });

  it('show what came closest where tuning found nothing', async () => {
    const page = await pageOf(`tune ${SMALL} --max 5 --objective`, 'wait p99 < 1ms');
    expect(headingsOf(page).slice(4)).toEqual(['No answer', 'How close it came']);
    expect(page).toContain('Nothing found that meets the objective');
    expect(tablesOf(page)[2]?.[1]?.at(-1)).toBe('NO');
  });

  it('show a recorded load as it was and with other options', async () => {
    const log = await recordStubs(folder);
    const page = await pageOf(`replay ${log} --policy fixed,step --max 9 --wait-objective-ms 50`);
    const [, table = []] = tablesOf(page);
    expect(table.map(([run]) => run)).toEqual([
      'Run',
      'recorded',
      'adaptive as recorded',
      'fixed',
      'step',
    ]);
    expect(table.map(([, , max, objective]) => `${max} ${objective}`)).toEqual([
      'max objective, ms',
      '8 10',
      '8 10',
      '9 50',
      '9 50',
    ]);
    expect(page.match(/<figure/g)).toHaveLength(3);
    expect(page).toMatch(
      /longer than\s+the objective of its run \(adaptive as recorded: 10 ms, fixed: 50 ms, step: 50 ms\)/,
    );
    expect(page).toContain('decisions replayed, all identical.');
    expect(page).toContain(` replay ${log} --policy fixed,step --max 9`);
  });

  it('show a recorded load as it was where nothing else is asked for', async () => {
    const log = await recordStubs(folder);
    const page = await pageOf(`replay ${log}`);
    expect(tablesOf(page)[1]?.map(([run]) => run)).toEqual([
      'Run',
      'recorded',
      'adaptive as recorded',
    ]);
    expect(page).toMatch(/longer than\s+the objective of 10 ms/);
  });

  it('show a recording beside its simulation', async () => {
    const log = await recordStubs(folder);
    const page = await pageOf(`calibrate ${log}`);
    const [, table = []] = tablesOf(page);
    expect(table[0]).toEqual(['Figure', 'recorded', 'simulated', 'bias', 'error']);
    expect(table.map(([figure]) => figure).slice(1, 4)).toEqual([
      'wait p50, ms',
      'wait p95, ms',
      'wait p99, ms',
    ]);
    expect(page.match(/<figure/g)).toHaveLength(1);
  });

  it.each([
    ['compare --scenario spike --policy fixed,step'],
    ['tune --scenario spike --objective', 'wait p99 < 9ms'],
    ['replay none.log'],
    ['calibrate none.log'],
  ])('refuse a file that they cannot write before they run anything: %s', async (line, ...more) => {
    const { status, stdout, stderr } = await runCommand(line, ...more, '--html', folder);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/--html .* is there and is not a file\n$/);
  });

  it('are never written over what the command reads', async () => {
    const { status, stdout, stderr } = await runCommand(
      'replay',
      'run.jsonl',
      '--html',
      './run.jsonl',
    );
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/is what the command reads; name another file\n$/);
  });

  it.each([['--html'], ['--trace']])('nor is what %s leads to through a link', async (flag) => {
    const log = await recordStubs(folder);
    const before = readFileSync(log, 'utf8');
    const link = join(folder, `link${flag}`);
    symlinkSync(log, link);
    const { status, stderr } = await run('replay', log, flag, link);
    expect(status).toBe(2);
    expect(stderr).toMatch(/is what the command reads; name another file\n$/);
    expect(readFileSync(log, 'utf8')).toBe(before);
  });

  it('nor is the trace that a scenario names', async () => {
    const trace = join(folder, 'trace.csv');
    writeFileSync(trace, '1\n2\n3\n');
    const scenario = join(folder, 'traced.json');
    const workload = { kind: 'trace', file: 'trace.csv', format: 'timestamps' };
    const rest = { serviceMs: 5, createMs: 5, waitObjectiveMs: 10, acquireTimeoutMs: 1_000 };
    const fields = { version: 1, name: 'traced', description: 'd', workload, min: 1, max: 4 };
    writeFileSync(scenario, JSON.stringify({ ...fields, ...rest }));
    const { status, stderr } = await run('simulate', '--scenario', scenario, '--html', trace);
    expect(status).toBe(2);
    expect(stderr).toMatch(/is what the command reads; name another file\n$/);
    expect(readFileSync(trace, 'utf8')).toBe('1\n2\n3\n');
  });
});

/** The page of a command; twice the same bytes, and nothing else printed than without it. */
async function pageOf(line: string, ...more: readonly string[]): Promise<string> {
  const file = join(folder, 'page.html');
  const printed = await runCommand(line, ...more, '--html', file);
  expect(printed).toMatchObject({ status: 0, stderr: '' });
  const page = readFileSync(file, 'utf8');
  const again = join(folder, 'again.html');
  expect(await runCommand(line, ...more, '--html', again, '--json')).toEqual(
    await runCommand(line, ...more, '--json'),
  );
  expect(readFileSync(again, 'utf8')).toBe(page);
  return page;
}

function headingsOf(page: string): string[] {
  const [, comparison = ''] = page.split('<h2 id="comparison">');
  const [own = ''] = comparison.split('<h2');
  return [...own.matchAll(/<h3[^>]*>([^<]*)<\/h3>/g)].map(([, text = '']) => text);
}

/** The tables of the first section, row by row, names of columns included. */
function tablesOf(page: string): string[][][] {
  const [, comparison = ''] = page.split('<h2 id="comparison">');
  const [own = ''] = comparison.split('<h2');
  return [...own.matchAll(/<table>([^]*?)<\/table>/g)].map(([, table = '']) =>
    [...table.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row = '']) =>
      [...row.matchAll(/<t[hd][^>]*>([^<]*)</g)].map(([, cell = '']) => cell),
    ),
  );
}
