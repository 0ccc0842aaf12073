import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { main } from '../../sim/main.js';
import { startChromium } from './chromium.js';

const EVIL = `<script>document.title='broken'</script>"><img src=x onerror=alert(1)>'&amp;`;
const folder = mkdtempSync(join(tmpdir(), 'adaptive-pool-html-'));
const file = join(folder, 'report.html');
const evilFile = join(folder, 'evil.html');
let browser: Browser;

beforeAll(async () => {
  await simulate('--scenario', 'step', '--duration-ms', '30000', '--html', file);
  const scenario = join(folder, 'evil.json');
  writeFileSync(
    scenario,
    JSON.stringify({
      version: 1,
      name: EVIL,
      description: `${EVIL} \u202Ebackwards`,
      durationMs: 2_000,
      workload: { kind: 'poisson', ratePerSecond: 500 },
      serviceMs: 'exp:20',
      createMs: 20,
      min: 1,
      max: 16,
      waitObjectiveMs: 10,
      acquireTimeoutMs: 1_000,
    }),
  );
  await simulate('--scenario', scenario, '--replications', '3', '--html', evilFile);
  browser = await startChromium();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function simulate(...argv: readonly string[]): Promise<void> {
  const written = { stderr: '' };
  const status = await main(['simulate', ...argv], {
    stdout: { write: () => true },
    stderr: { write: (text) => (written.stderr += text) },
    isTerminal: false,
    now: () => 0,
  });
  expect([status, written.stderr]).toEqual([0, '']);
}

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Errors of the page and requests that left the file. */
  readonly complaints: readonly string[];
}

async function open(path: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width: 1_000, height: 800 },
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => complaints.push(dialog.message()));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith('data:') && url !== pathToFileURL(path).href) complaints.push(url);
  });
  await page.goto(pathToFileURL(path).href);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

describe('the HTML report in a browser', () => {
  it('shows every policy with its pictures and asks the network for nothing', async () => {
    await using opened = await open(file);
    const { page, complaints } = opened;
    expect(await page.title()).toBe('Simulation of step');
    expect(await page.locator('section.policy h2').allTextContents()).toEqual([
      'adaptive',
      'littles-law',
      'step',
      'fixed',
    ]);
    expect(await page.locator('figure.chart').count()).toBe(4);
    for (const title of ['Arrivals per second', 'Connections', 'Callers waiting', 'Wait, ms']) {
      expect(await page.getByRole('heading', { name: title, exact: true }).count()).toBe(4);
    }
    // Everything drawn lies within its panel.
    const outside = await page.locator('.panel path.line, .panel path.area').evaluateAll(
      (paths) =>
        paths.filter((path) => {
          const panel = path.closest('.panel > svg')?.getBoundingClientRect();
          const box = path.getBoundingClientRect();
          if (panel === undefined) return path.closest('.key') === null;
          return (
            box.left < panel.left - 2 || box.right > panel.right + 2 || box.top < panel.top - 2
          );
        }).length,
    );
    expect(outside).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('has landmarks, headings in order, and headers in every table', async () => {
    await using opened = await open(file);
    const { page } = opened;
    for (const role of ['banner', 'navigation', 'main'] as const) {
      expect(await page.getByRole(role).count()).toBe(1);
    }
    const levels = await page
      .locator('h1, h2, h3')
      .evaluateAll((headings) => headings.map((heading) => Number(heading.tagName.slice(1))));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [index, level] of levels.slice(1).entries()) {
      expect(level - (levels[index] ?? 0)).toBeLessThanOrEqual(1);
    }
    expect(await page.locator('th:not([scope])').count()).toBe(0);
    expect(await page.locator('tbody tr:not(:has(th[scope=row]))').count()).toBe(0);
    expect(await page.locator('svg[role=img]:not([aria-label])').count()).toBe(0);
    const ids = await page
      .locator('[id]')
      .evaluateAll((elements) => elements.map((element) => element.id));
    expect(new Set(ids).size).toBe(ids.length);
    const links = await page
      .locator('nav a')
      .evaluateAll((elements) => elements.map((link) => link.getAttribute('href')?.slice(1)));
    for (const link of links) expect(ids).toContain(link);
  });

  it('tells the message of a decision to keyboard and pointer alike', async () => {
    await using opened = await open(file);
    const { page, complaints } = opened;
    const chart = page.locator('figure.chart').nth(2);
    const marks = chart.locator('.mark');
    const tip = chart.locator('.tip');
    expect(await marks.count()).toBeGreaterThan(2);
    expect(await tip.isVisible()).toBe(false);

    // Tab alone has to get there; one stop per chart.
    await page.locator('#policy-2-decisions').focus();
    await page.keyboard.press('Tab');
    expect(await marks.first().evaluate((mark) => mark === document.activeElement)).toBe(true);
    expect(await tip.textContent()).toMatch(/ sgrow \d+→\d+ \(max 64\)/);
    await page.keyboard.press('ArrowRight');
    expect(await marks.nth(1).evaluate((mark) => mark === document.activeElement)).toBe(true);
    const [time = '', ...message] = (await marks.nth(1).getAttribute('aria-label'))!.split(': ');
    expect(await tip.textContent()).toBe(time + message.join(': '));
    const outline = await marks
      .nth(1)
      .locator('rect')
      .evaluate((rect) => getComputedStyle(rect).stroke);
    expect(outline).not.toBe('none');
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('SUMMARY');

    await marks.last().hover({ force: true });
    expect(await tip.textContent()).toMatch(/ s(grow|shrink) \d+→\d+/);
    expect(complaints).toEqual([]);
  });

  it('shows the values at the time under the pointer', async () => {
    await using opened = await open(file);
    const { page } = opened;
    const chart = page.locator('figure.chart').nth(2);
    const panel = chart.locator('.panel > svg').last();
    await panel.scrollIntoViewIfNeeded();
    const box = (await panel.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.75, box.y + 10);
    const tip = chart.locator('.tip');
    expect(await tip.locator('strong').textContent()).toMatch(/^22\.\d\d s$/);
    const labels = await tip.locator('dt').allTextContents();
    expect(labels).toEqual([
      'arrivals per second',
      'in use',
      'size',
      'target',
      'waiting, most at once',
      'waiting, mean',
      'wait p99',
      'wait median',
    ]);
    await page.mouse.move(0, 0);
    expect(await tip.isVisible()).toBe(false);
  });

  it.each([360, 480, 700])('fits a screen of %i px', async (width) => {
    for (const path of [file, evilFile]) {
      await using opened = await open(path, { viewport: { width, height: 700 } });
      const { page } = opened;
      await page.locator('details').evaluateAll((all) => {
        for (const one of all) one.setAttribute('open', '');
      });
      await page.locator('.mark').first().focus();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      const tip = (await page.locator('.tip').first().boundingBox())!;
      expect(tip.x).toBeGreaterThanOrEqual(0);
      expect(tip.x + tip.width).toBeLessThanOrEqual(width);
    }
  });

  it('is dark where the reader wants it dark, and legible in both', async () => {
    const seen = new Set<string>();
    for (const colorScheme of ['light', 'dark'] as const) {
      await using opened = await open(file, { colorScheme });
      const { page } = opened;
      const [paper, ink, soft] = await page.evaluate(() => {
        const of = (selector: string): CSSStyleDeclaration =>
          getComputedStyle(document.querySelector(selector) as Element);
        return [of('body').backgroundColor, of('body').color, of('.facts').color] as const;
      });
      seen.add(paper);
      expect(contrast(ink, paper)).toBeGreaterThan(7);
      expect(contrast(soft, paper)).toBeGreaterThan(4.5);
    }
    expect(seen.size).toBe(2);
  });

  it('prints in light colours with every decision in words', async () => {
    await using opened = await open(file, { colorScheme: 'dark' });
    const { page, complaints } = opened;
    expect(await page.locator('.decisions').nth(1).isVisible()).toBe(false);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(contrast(paper, 'rgb(0, 0, 0)')).toBeGreaterThan(20);
    expect(await page.locator('nav').isVisible()).toBe(false);
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('.decisions').nth(1).isVisible()).toBe(true);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await page.locator('.decisions').nth(1).isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('takes text from outside for text', async () => {
    await using opened = await open(evilFile);
    const { page, complaints } = opened;
    expect(await page.title()).toBe(`Simulation of ${EVIL}`);
    expect(await page.locator('h1').textContent()).toBe(`Simulation of ${EVIL}`);
    expect(await page.locator('.lead').textContent()).toBe(`${EVIL} \uFFFDbackwards`);
    const mark = page.locator('figure.chart').nth(1).locator('.mark').first();
    // What a policy of one's own says of a decision comes from outside too.
    await mark.evaluate((one, text) => one.setAttribute('aria-label', `1 s: ${text}`), EVIL);
    await mark.focus();
    expect(await page.locator('.tip').nth(1).textContent()).toContain(EVIL);
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('stays small', () => {
    expect(readFileSync(file).length).toBeLessThan(300_000);
  });
});

/** Contrast of two colours as WCAG 2 defines it, 1 to 21. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
