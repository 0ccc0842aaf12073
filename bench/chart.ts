import { html, raw } from '../sim/report/html/markup.js';
import type { Markup } from '../sim/report/html/markup.js';
import type { Result } from './measure.js';
import type { Scenario } from './scenarios/scenario.js';

const WIDTH = 760;
const LEFT = 210;
const BAR = 18;
const GAP = 5;
const HEAD = 34;
const PLOT = WIDTH - LEFT - 110;

/** What is drawn: what a caller notices of the pool itself. */
const DRAWN = new Set(['uncontended', 'contended', 'drain', 'timeouts']);

/** Bars of the first metric, shortest on top, with the acquire timeout on where there is a choice. */
export function speedChart(
  report: readonly { readonly scenario: Scenario; readonly results: readonly Result[] }[],
  nameOf: (result: Result) => string,
): string {
  let top = 12;
  const groups: Markup[] = [];
  for (const { scenario, results } of report.filter(({ scenario: { id } }) => DRAWN.has(id))) {
    const rows = barsOf(scenario, results);
    groups.push(group(scenario, rows, nameOf, top));
    top += HEAD + rows.length * (BAR + GAP) + 12;
  }
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${WIDTH} ${top}"
    width="${WIDTH}"
    height="${top}"
    role="img"
  >
    <title>What each pool costs: shorter is better</title>
    ${raw(`<style>${STYLE}</style>`)}
    <rect width="100%" height="100%" rx="6" fill="#ffffff" />
    ${groups}
  </svg> `.text;
}

interface Bar {
  readonly result: Result;
  readonly value: number;
}

function barsOf({ acquireTimeoutsMs }: Scenario, results: readonly Result[]): readonly Bar[] {
  const bars: Bar[] = [];
  for (const result of results) {
    const value = result.spreads?.[0]?.median;
    const isOn = result.acquireTimeoutMs !== null || acquireTimeoutsMs.length === 1;
    if (value !== undefined && (isOn || result.peer === 'bare')) {
      bars.push({ result, value });
    }
  }
  return bars.toSorted((a, b) => a.value - b.value);
}

function group(
  { title, metrics: [metric] }: Scenario,
  bars: readonly Bar[],
  nameOf: (result: Result) => string,
  top: number,
): Markup {
  const most = Math.max(...bars.map(({ value }) => value));
  return html`<g transform="translate(0 ${top})">
    <text class="head" x="18" y="18">${title}: ${metric?.name ?? ''}, ${metric?.unit ?? ''}</text>
    ${bars.map(({ result, value }, index) => {
      const y = HEAD + index * (BAR + GAP);
      const width = Math.max(1, (PLOT * value) / most).toFixed(1);
      const look = result.peer === 'adaptive' ? 'ours' : result.peer === 'bare' ? 'bare' : 'other';
      return html`<text class="end" x="${LEFT - 8}" y="${y + 13}">${nameOf(result)}</text>
        <rect class="${look}" x="${LEFT}" y="${y}" width="${width}" height="${BAR}" rx="2" />
        <text class="soft" x="${LEFT + Number(width) + 6}" y="${y + 13}"
          >${value.toFixed(metric?.digits ?? 0)}</text
        >`;
    })}
  </g> `;
}

const STYLE =
  'text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#1d2433}' +
  '.head{font-weight:600}.end{text-anchor:end}.soft{fill:#5a6478}' +
  '.ours{fill:#2563eb}.bare{fill:#c3c9d4}.other{fill:#8fa3bf}';
