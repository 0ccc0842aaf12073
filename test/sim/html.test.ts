import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

import type { Policy } from '../../src/index.js';
import { loadScenario, SeriesRecorder, simulate } from '../../sim/index.js';
import { USUAL_POLICIES } from '../../sim/policies.js';
import { toHtml } from '../../sim/report/html/page.js';
import { html, jsonData, raw } from '../../sim/report/html/markup.js';
import { timeAxis, timeText, valueAxis, waitAxis } from '../../sim/report/html/scale.js';
import { stepPath } from '../../sim/report/html/series-panels.js';
import { writeWhole } from '../../sim/report/write-file.js';
import { run } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'adaptive-pool-html-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SPIKE = ['simulate', '--scenario', 'spike', '--seed', '3'] as const;

describe('simulate --html', () => {
  it('writes the same bytes for the same seed, whatever the file is called', async () => {
    const files = ['one.html', 'two.html', 'other.html'].map((name) => join(folder, name));
    const [one = '', two = '', other = ''] = files;
    await run(...SPIKE, '--html', one);
    await run(...SPIKE, '--html', two);
    await run(...SPIKE.slice(0, -1), '4', '--html', other);
    expect(readFileSync(one, 'utf8')).toBe(readFileSync(two, 'utf8'));
    expect(readFileSync(one, 'utf8')).not.toBe(readFileSync(other, 'utf8'));
  });

  it('prints what it prints without it', async () => {
    const file = join(folder, 'printed.html');
    for (const format of [[], ['--json'], ['--csv']]) {
      expect(await run(...SPIKE, ...format, '--html', file)).toEqual(
        await run(...SPIKE, ...format),
      );
    }
  });

  it('says how to make it again, safe to paste into a shell', async () => {
    const scenario = join(folder, "it's here; rm.json");
    writeFileSync(
      scenario,
      readFileSync(fileURLToPath(new URL('../../sim/scenarios/spike.json', import.meta.url))),
    );
    const file = join(folder, 'again.html');
    await run('simulate', '--scenario', scenario, '--json', '--max', '40', '--html', file);
    const page = readFileSync(file, 'utf8');
    const [, command = ''] = /<pre tabindex="0"><code>(.*)<\/code>/.exec(page) ?? [];
    expect(command.replaceAll('&#39;', "'")).toBe(
      `npx adaptive-pool simulate --scenario '${folder}/it'\\''s here; rm.json' --max 40 --policy ${USUAL_POLICIES.join(',')} --seed 1 --html report.html`,
    );
    expect(page).toContain('waitObjectiveMs');
    expect(page).toContain('batch, periodMs Infinity, startMs 0, size 50');
    expect(page).not.toMatch(/\d{2}:\d{2}:\d{2}/);
  });

  it('refuses a file that it cannot write before it runs anything', async () => {
    const directory = join(folder, 'directory');
    mkdirSync(directory);
    const loop = join(folder, 'loop');
    symlinkSync(loop, loop);
    const aFile = join(folder, 'a.txt');
    writeFileSync(aFile, '');
    for (const [file, message] of [
      [join(folder, 'no', 'where.html'), /--html cannot write .*where\.html \(ENOENT\)/],
      [directory, /--html .*directory is there and is not a file/],
      [join(folder, 'a'.repeat(300)), /--html cannot write .*a \(ENAMETOOLONG\)/],
      [join(loop, 'page.html'), /--html cannot write .*page\.html \(ELOOP\)/],
      [loop, /--html cannot write .*loop \(ELOOP\)/],
      [join(aFile, 'page.html'), /--html cannot write .*page\.html \((ENOTDIR|EACCES)\)/],
      ['/dev/null', /--html \/dev\/null is there and is not a file/],
    ] as const) {
      const { status, stdout, stderr } = await run(...SPIKE, '--html', file);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/^adaptive-pool: [^\n]+\n$/);
    }
  });
});

describe('the page', () => {
  it('shows permits where a policy gave some, and tables of the command', () => {
    const policy: Policy<number> = {
      name: 'capped',
      init: () => 0,
      decide: ({ now }, state) => ({
        target: 8,
        permits: now < 500 ? null : 3,
        reason: 'custom',
        note: '<b>half</b>',
        limitedBy: [],
        candidates: {},
        state,
        wakeInMs: null,
      }),
    };
    const series = new SeriesRecorder(2_000);
    const result = simulate(loadScenario('spike'), policy, { series });
    const read = series.read();
    expect(read.permits.slice(0, 90).every((permits) => permits === null)).toBe(true);
    expect(read.permits.at(-1)).toBe(3);
    const report = {
      title: 'Cap',
      description: '',
      waitObjectiveMs: 40,
      warmUpMs: 1_000,
      seed: 1,
      replications: 1,
      policies: [{ result, series: read }],
      tables: [{ heading: 'Differences', text: 'A <i> minus B.', columns: ['a'], rows: [['1']] }],
      options: [],
      command: '',
      versions: '',
    };
    const page = toHtml(report);
    expect(page).toContain('<h3>Permits: most connections in use at once</h3>');
    expect(page).toContain('&lt;b&gt;half&lt;/b&gt;');
    expect(page).toContain('A &lt;i&gt; minus B.');
    expect(toHtml({ ...report, policies: [{ result, series: null }] })).not.toContain('<figure');
  });
});

describe('the words of a page', () => {
  it('speak of the policy alone where the scenario is called like another, and keep 5 % together', async () => {
    const file = join(folder, 'words.html');
    await run('simulate', '--scenario', 'step', '--policy', 'adaptive', '--html', file);
    const page = readFileSync(file, 'utf8');
    expect(page).toMatch(/<strong>drain<\/strong> grow \d+→\d+/);
    expect(page).toMatch(/aria-label="[^"]+: grow \d+→\d+/);
    expect(page).not.toMatch(/step (?:grow|shrink)/);
    expect(page).toContain('\u00A0%)');
    expect(page.replaceAll(/aria-label="[^"]*"/g, '')).not.toMatch(/\d %/);
  });
});

describe('writing a file', () => {
  it('leaves nothing but the file, and writes behind a link', () => {
    const inside = join(folder, 'whole');
    mkdirSync(inside);
    const file = join(inside, 'a.html');
    writeWhole(file, 'old');
    symlinkSync(file, join(inside, 'link.html'));
    writeWhole(join(inside, 'link.html'), 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(readdirSync(inside).toSorted()).toEqual(['a.html', 'link.html']);
  });

  it('writes one whose name is as long as names may be', () => {
    const inside = join(folder, 'long');
    mkdirSync(inside);
    const name = 'a'.repeat(255);
    writeWhole(join(inside, name), 'whole');
    expect(readdirSync(inside)).toEqual([name]);
  });

  it('leaves no half of one when Ctrl-C comes in the middle, and ends then', async () => {
    const inside = join(folder, 'interrupted');
    mkdirSync(inside);
    const module = new URL('../../sim/report/write-file.ts', import.meta.url).href;
    // The signal is sent while the loop that writes runs, so that it meets a write sooner or later.
    const script = `
      import { writeWhole } from ${JSON.stringify(module)};
      const text = 'x'.repeat(20_000_000);
      process.stdout.write('go');
      const again = () => {
        writeWhole(${JSON.stringify(join(inside, 'big.html'))}, text);
        setTimeout(again, 20);
      };
      again();
    `;
    const child = spawn(process.execPath, [
      '--import',
      'tsx',
      '--input-type=module',
      '--eval',
      script,
    ]);
    const ended = new Promise<NodeJS.Signals | null>((resolve) => {
      child.once('exit', (_code, signal) => resolve(signal));
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGINT');
    expect(await ended).toBe('SIGINT');
    const left = readdirSync(inside);
    expect(left.filter((name) => name !== 'big.html')).toEqual([]);
    for (const name of left) expect(readFileSync(join(inside, name)).length).toBe(20_000_000);
  });
});

describe('markup', () => {
  it('escapes every value but markup', () => {
    const evil = `<b title="x" id='y'>&\u0000\u202E`;
    expect(html`<p title="${evil}">${[evil, 1, null, raw('<i>'), html`<br />`]}</p>`.text).toBe(
      '<p title="&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;\uFFFD\uFFFD">' +
        '&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;\uFFFD\uFFFD1<i><br /></p>',
    );
  });

  it('lets no data end its script', () => {
    const data = { text: '</script><!-- <script>' };
    expect(jsonData(data).text).not.toContain('<');
    expect(JSON.parse(jsonData(data).text)).toEqual(data);
  });
});

describe('axes', () => {
  it.each([
    [0, [0, 1]],
    [0.03, [0, 0.01, 0.02, 0.03]],
    [1, [0, 0.25, 0.5, 0.75, 1]],
    [733, [0, 200, 400, 600, 800]],
    [4_321, [0, 2_000, 4_000, 6_000]],
    [10_000, [0, 2_500, 5_000, 7_500, 10_000]],
  ])('go from zero past %d in round steps', (most, ticks) => {
    expect(valueAxis(most).ticks).toEqual(ticks);
    expect(valueAxis(most).most).toBe(ticks.at(-1));
  });

  it('count connections in whole numbers', () => {
    expect(valueAxis(7, '', true).ticks).toEqual([0, 2, 4, 6, 8]);
    expect(valueAxis(9, '', true).ticks).toEqual([0, 3, 6, 9]);
  });

  it('choose the unit of time that suits', () => {
    const read = (lengthMs: number): [string, string] => {
      const axis = timeAxis(lengthMs);
      return [axis.ticks.map((tick) => axis.label(tick)).join(' '), axis.unit];
    };
    expect(read(2_000)).toEqual(['0 500 1,000 1,500 2,000', 'ms']);
    expect(read(60_000)).toEqual(['0 10 20 30 40 50 60', 'seconds']);
    expect(read(600_000)).toEqual(['0 2 4 6 8 10', 'minutes']);
    expect(read(86_400_000)).toEqual(['0 4 8 12 16 20 24', 'hours']);
    expect(read(0.4)).toEqual(['0 0.1 0.2 0.3 0.4', 'ms']);
    expect(waitAxis(5_000).label(4_000)).toBe('4');
    expect(timeText(3_723_000, 7_200_000)).toBe('1:02:03');
    expect(timeText(1_234, 60_000)).toBe('1.23 s');
    expect(timeText(1_234.56, 2_000)).toBe('1234.6 ms');
  });
});

describe('a curve', () => {
  const time = { binMs: 10, lengthMs: 38 };

  it('is a step per bin, cut where the run ends', () => {
    const values = [0, 5, 5, 10];
    expect(stepPath({ values, isArea: false }, time, 40, 10)).toBe('M0,100H250V50H750V0H950');
    expect(stepPath({ values, isArea: true }, time, 40, 10)).toBe(
      'M0,100V100H250V50H750V0H950V100Z',
    );
  });

  it('has gaps', () => {
    const values = [null, 5, null, 0];
    expect(stepPath({ values, isArea: false }, time, 40, 10)).toBe('M250,50H500M750,100H950');
    expect(stepPath({ values: [null], isArea: false }, time, 40, 10)).toBe('');
  });
});
