import type { RunSeries } from '../sim/analysis/time-series.js';
import { html, raw } from '../sim/report/html/markup.js';
import type { Markup } from '../sim/report/html/markup.js';
import { timeAxis } from '../sim/report/html/scale.js';
import type { Axis } from '../sim/report/html/scale.js';
import { stepPath } from '../sim/report/html/series-panels.js';
import type { Curve, Panel } from '../sim/report/html/series-panels.js';
import { LIGHT } from '../sim/report/html/style.js';

/** A panel of one run in a figure. */
export interface FigurePanel {
  /** Which run; '' where there is only one. */
  readonly run: string;
  readonly panel: Panel;
  readonly series: RunSeries;
}

const WIDTH = 760;
const LEFT = 62;
const RIGHT = 18;
const PLOT = WIDTH - LEFT - RIGHT;
const TITLE = 44;
const HEAD = 26;
const GAP = 12;
const FOOT = 46;

const COLOURS: ReadonlyMap<string, string> = new Map(
  [...LIGHT.matchAll(/--([\w-]+):(#\w+)/g)].map(([, name = '', colour = '']) => [name, colour]),
);

/**
 * Panels one below the other over one time axis, as an SVG that needs nothing else: its own light ground, no variables, no
 * script. The same panels give the same bytes.
 */
export function figureSvg(title: string, panels: readonly FigurePanel[], lengthMs: number): string {
  const time = timeAxis(lengthMs);
  let top = TITLE;
  const drawn: Markup[] = [];
  for (const one of panels) {
    drawn.push(panelOf(one, top, time));
    top += HEAD + one.panel.heightPx + GAP;
  }
  const height = top + FOOT - GAP;
  const labels = time.ticks.map(
    (tick) =>
      html`<text class="soft mid" x="${x(tick, time)}" y="${top + 6}">${time.label(tick)}</text>`,
  );
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${WIDTH} ${height}"
    width="${WIDTH}"
    height="${height}"
    role="img"
  >
    <title>${title}</title>
    <desc>
      ${panels.map(({ run, panel }) => `${run === '' ? '' : `${run}: `}${panel.summary} `)}
    </desc>
    ${raw(`<style>${STYLE}</style>`)}
    <rect width="100%" height="100%" rx="6" fill="${colour('paper')}" />
    <text class="title" x="18" y="28">${title}</text>
    ${drawn}${labels}
    <text class="soft mid" x="${LEFT + PLOT / 2}" y="${top + 25}">time, ${time.unit}</text>
  </svg> `.text;
}

function panelOf({ run, panel, series }: FigurePanel, top: number, time: Axis): Markup {
  const { axis, heightPx, curves, level } = panel;
  const y = (value: number): string => (heightPx * (1 - value / axis.most)).toFixed(1);
  const name = `${run === '' ? '' : `${run} · `}${panel.title}`;
  const keys = keysOf(panel);
  return html`<g transform="translate(${LEFT} ${top + HEAD})">
    <text class="head" x="${18 - LEFT}" y="-9">${name}</text>
    ${keys}
    <g class="grid">
      ${axis.ticks.map((tick) => html`<line x2="${PLOT}" y1="${y(tick)}" y2="${y(tick)}" />`)}
      ${time.ticks.map((tick) => html`<line x1="${x(tick, time) - LEFT}" x2="${x(tick, time) - LEFT}" y2="${heightPx}" />`)}
    </g>
    ${axis.ticks.map((tick) => html`<text class="soft end" x="-8" y="${y(tick)}" dy="0.35em">${axis.label(tick)}</text>`)}
    <svg width="${PLOT}" height="${heightPx}" viewBox="0 0 1000 100" preserveAspectRatio="none">
      ${curves.map((curve) => html`<path ${strokeOf(curve)} d="${stepPath(curve, series, time.most, axis.most)}" />`)}
    </svg>
    ${level === null ? null : html`<line x2="${PLOT}" y1="${y(level.value)}" y2="${y(level.value)}" ${LEVEL} />`}
  </g> `;
}

/** What the curves are, at the right end of the panel's head. */
function keysOf({ curves, level }: Panel): Markup[] {
  const names = curves.length === 1 ? [] : curves.map((curve) => ({ name: curve.name, curve }));
  const all = level === null ? names : [...names, { name: level.name, curve: null }];
  const keys: Markup[] = [];
  let right = PLOT;
  for (const { name, curve } of all.toReversed()) {
    const left = right - 6.3 * name.length;
    const sample =
      curve === null
        ? html`<line x1="${left - 24}" x2="${left - 5}" y1="-13" y2="-13" ${LEVEL} />`
        : curve.isArea
          ? html`<rect x="${left - 24}" y="-18" width="19" height="10" ${strokeOf(curve)} />`
          : html`<line x1="${left - 24}" x2="${left - 5}" y1="-13" y2="-13" ${strokeOf(curve)} />`;
    keys.push(html`${sample}<text class="soft" x="${left.toFixed(1)}" y="-9">${name}</text>`);
    right = left - 38;
  }
  return keys;
}

const LEVEL = raw(`stroke="${colour('level')}" stroke-dasharray="2 3"`);
const DASHES: ReadonlyMap<string, string> = new Map([
  ['target', '5 3'],
  ['permits', '7 2 2 2'],
]);

function strokeOf({ look, isArea }: Curve): Markup {
  const scaling = 'vector-effect="non-scaling-stroke"';
  if (isArea) {
    const edge = COLOURS.get(`${look}-edge`);
    const stroke = edge === undefined ? '' : ` stroke="${edge}"`;
    return raw(`fill="${colour(look)}"${stroke} ${scaling}`);
  }
  const dashes = DASHES.get(look);
  const dash = dashes === undefined ? '' : ` stroke-dasharray="${dashes}"`;
  return raw(`fill="none" stroke="${colour(look)}" stroke-width="1.75"${dash} ${scaling}`);
}

function colour(name: string): string {
  const found = COLOURS.get(name);
  if (found === undefined) throw new Error(`bug: no colour for ${name}`);
  return found;
}

function x(atMs: number, time: Axis): number {
  return LEFT + (PLOT * atMs) / time.most;
}

const STYLE =
  `text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:${colour('ink')}}` +
  `.title{font-size:16px;font-weight:600}.head{font-weight:600}.soft{fill:${colour('soft')}}` +
  `.mid{text-anchor:middle}.end{text-anchor:end}.grid line{stroke:${colour('hair')};shape-rendering:crispEdges}`;
