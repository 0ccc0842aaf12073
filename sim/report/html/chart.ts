import { joinGroups } from '../../analysis/decision-log.js';
import type { DecisionGroup } from '../../analysis/decision-log.js';
import type { RunSeries } from '../../analysis/time-series.js';
import { html, jsonData, raw } from './markup.js';
import type { Markup } from './markup.js';
import { grouped, timeAxis, timeText } from './scale.js';
import type { Axis } from './scale.js';
import { panelsOf, stepPath } from './series-panels.js';
import type { Curve, Panel, Scales } from './series-panels.js';

/** Most marks of decisions side by side; those that would lie closer share one. */
const MOST_MARKS = 100;
const LANE_HEIGHT_PX = 34;

/** What a chart needs to know besides its series. */
export interface ChartContext {
  readonly scales: Scales;
  readonly waitObjectiveMs: number;
  readonly warmUpMs: number;
  /** Name of the policy. */
  readonly policy: string;
}

/** All panels of one run over one time axis, with its decisions. */
export function chart(series: RunSeries, context: ChartContext): Markup {
  const { scales, waitObjectiveMs, policy } = context;
  const time = timeAxis(scales.lengthMs);
  const panels = panelsOf(series, scales, waitObjectiveMs);
  const [first, ...others] = panels.map((panel) => panelOf(panel, series, time, context));
  return html`<figure class="chart" aria-label="${policy} over time">
    <div class="plot">
      ${first ?? null} ${laneOf(series, time, context)} ${others} ${timeTicks(time)}
      <div class="cross" hidden></div>
      <div class="tip" hidden></div>
    </div>
    <figcaption>${caption(series, context)}</figcaption>
    <script type="application/json">
      ${jsonData(hoverData(series, panels, scales))}
    </script>
  </figure> `;
}

function panelOf(panel: Panel, series: RunSeries, time: Axis, context: ChartContext): Markup {
  const { axis, heightPx, curves, level } = panel;
  const { lengthMs } = context.scales;
  const y = (value: number): string => (heightPx * (1 - value / axis.most)).toFixed(1);
  return html`<div class="panel">
    <div class="head">
      <h3>${panel.title}</h3>
      ${curves.length > 1 || level !== null ? curves.map((curve) => keyOf(curve)) : null}${level === null ? null : levelKey(level.name)}
    </div>
    <svg width="100%" height="${heightPx}" role="img" aria-label="${panel.summary}">
      ${warmUp(context)}${gridOf(time, lengthMs)}
      <g class="grid">
        ${axis.ticks.map((tick) => html`<line x1="0" x2="100%" y1="${y(tick)}" y2="${y(tick)}" />`)}
      </g>
      <g class="ticks">
        ${axis.ticks.map((tick) => html`<text x="-8" y="${y(tick)}" dy="0.35em">${axis.label(tick)}</text>`)}
      </g>
      <svg
        width="100%"
        height="100%"
        viewBox="0 0 1000 100"
        preserveAspectRatio="none"
        overflow="visible"
      >
        ${curves.map(
          (curve) =>
            html`<path
              class="${curve.isArea ? 'area' : 'line'} ${curve.look}"
              d="${stepPath(curve, series, lengthMs, axis.most)}"
            />`,
        )}
      </svg>
      ${level === null ? null : html`<line class="line level" x1="0" x2="100%" y1="${y(level.value)}" y2="${y(level.value)}" />`}
    </svg>
  </div> `;
}

function keyOf({ name, look, isArea }: Curve): Markup {
  const sample = isArea
    ? html`<rect class="area ${look}" x="1" y="1" width="18" height="10" />`
    : html`<line class="line ${look}" x1="0" x2="20" y1="6" y2="6" />`;
  return html`<span class="key"
    ><svg width="20" height="12" aria-hidden="true">${sample}</svg>${name}</span
  > `;
}

function levelKey(name: string): Markup {
  return html`<span class="key"
    ><svg width="20" height="12" aria-hidden="true">
      <line class="line level" x1="0" x2="20" y1="6" y2="6" /></svg
    >${name}</span
  >`;
}

function gridOf(time: Axis, lengthMs: number): Markup {
  return html`<g class="grid"
    >${time.ticks.map((tick) => html`<line x1="${percent(tick / lengthMs)}" x2="${percent(tick / lengthMs)}" y1="0" y2="100%" />`)}</g
  >`;
}

function warmUp({ warmUpMs, scales }: ChartContext): Markup | null {
  if (warmUpMs === 0) return null;
  return html`<rect
    class="warm-up"
    width="${percent(warmUpMs / scales.lengthMs)}"
    height="100%"
  />`;
}

function timeTicks(time: Axis): Markup {
  return html`<svg class="time" width="100%" height="20" aria-hidden="true">
      <g class="ticks">
        ${time.ticks.map(
          (tick) => html`<text x="${percent(tick / time.most)}" y="14">${time.label(tick)}</text>`,
        )}
      </g>
    </svg>
    <p class="unit">time since the start of the run, ${time.unit}</p>`;
}

function laneOf(series: RunSeries, time: Axis, context: ChartContext): Markup {
  const groups = spread(series, context.scales.lengthMs);
  const label =
    groups.length === 0
      ? 'No decisions: the target never changed.'
      : 'Decisions. Arrow keys go from one to the next.';
  return html`<div class="panel">
    <div class="head">
      <h3>Decisions</h3>
      ${SHAPES.map(
        ({ look, path, key }) =>
          html`<span class="key"
            ><svg width="14" height="12" aria-hidden="true">
              <g class="${look}" transform="translate(7 6)"><path d="${path}" /></g></svg
            >${key}</span
          > `,
      )}
    </div>
    <svg class="lane" width="100%" height="${LANE_HEIGHT_PX}" role="group" aria-label="${label}">
      ${warmUp(context)}${gridOf(time, context.scales.lengthMs)}
      <line class="rail" x1="0" x2="100%" y1="50%" y2="50%" />
      ${groups.map((group, index) => markOf(group, index === 0, series, context))}
    </svg>
  </div> `;
}

function markOf(
  group: DecisionGroup,
  isFirst: boolean,
  { lengthMs }: RunSeries,
  { scales }: ChartContext,
): Markup {
  const { grows, shrinks, largest } = group;
  const shape = SHAPES[(grows > 0 ? 1 : 0) + (shrinks > 0 ? 2 : 0)] as Shape;
  const at = largest.atMs / scales.lengthMs;
  // Only the first can be reached by Tab; the script makes it the one that was reached last.
  return html`<svg x="${percent(at)}" y="50%" overflow="visible">
    <g
      class="mark ${shape.look}"
      role="button"
      tabindex="${isFirst ? 0 : -1}"
      aria-label="${markText(group, lengthMs)}"
      data-at="${at.toFixed(5)}"
    >
      <rect x="-12" y="-14" width="24" height="28" />
      <path d="${shape.path}" />
    </g>
  </svg> `;
}

function markText(group: DecisionGroup, lengthMs: number): string {
  const { count, firstMs, lastMs, from, to, largest } = group;
  const text = `${timeText(largest.atMs, lengthMs)}: ${largest.message}`;
  if (count === 1) return text;
  return `${text} (the largest of ${grouped(count)} decisions from ${timeText(firstMs, lengthMs)} to ${timeText(lastMs, lengthMs)}, target ${from}→${to})`;
}

interface Shape {
  readonly look: string;
  readonly path: string;
  readonly key: string;
}

/** By what happened: nothing, raised, lowered, raised and lowered. */
const SHAPES: readonly Shape[] = [
  { look: 'same', path: 'M0,-5A5,5 0 1 1 0,5A5,5 0 1 1 0,-5Z', key: 'verdict' },
  { look: 'up', path: 'M0,-6L6,4H-6Z', key: 'raise' },
  { look: 'down', path: 'M0,6L6,-4H-6Z', key: 'lower' },
  { look: 'both', path: 'M0,-6L6,0L0,6L-6,0Z', key: 'both' },
];

/** The decisions, those of one slot of the picture together. */
function spread(series: RunSeries, lengthMs: number): DecisionGroup[] {
  const slots = new Map<number, DecisionGroup | null>();
  for (const group of series.decisions) {
    if (group === null) continue;
    const slot = Math.floor((MOST_MARKS * group.firstMs) / lengthMs);
    slots.set(slot, joinGroups(slots.get(slot) ?? null, group));
  }
  return [...slots.values()].filter((group) => group !== null);
}

function caption(series: RunSeries, { warmUpMs }: ChartContext): string {
  const { binMs, lengthMs } = series;
  const bin = binMs < 1_000 ? `${binMs} ms` : `${binMs / 1_000} s`;
  const warm =
    warmUpMs === 0 ? '' : ` The tinted part is the warm-up of ${timeText(warmUpMs, lengthMs)}.`;
  return `Every step is ${bin}: means over it, the most waiting at once in it, and the waits of the callers who arrived in it. Scales start at zero and are the same for every policy.${warm}`;
}

/** What the script shows under the pointer. */
function hoverData(series: RunSeries, panels: readonly Panel[], scales: Scales): object {
  const seen = new Set<string>();
  const rows: object[] = [];
  for (const { title, curves, axis } of panels) {
    const head = title.split(/[,:]/)[0] ?? title;
    for (const { name, values } of curves) {
      const label =
        curves.length === 1
          ? head
          : name === 'mean' || name === 'most at once'
            ? `waiting, ${name}`
            : name;
      if (seen.has(label)) continue;
      seen.add(label);
      const isWait = axis === scales.wait;
      rows.push({
        label: isWait ? `wait ${name}` : label.toLowerCase(),
        unit: isWait ? 'ms' : '',
        values: values.map((value) => (value === null ? null : Number(value.toPrecision(3)))),
      });
    }
  }
  const { binMs, lengthMs } = series;
  return { binMs, lengthMs, widthMs: scales.lengthMs, rows };
}

function percent(part: number): Markup {
  return raw(`${Number((100 * part).toFixed(3))}%`);
}
