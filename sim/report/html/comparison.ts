import type { MeanInterval } from '../../analysis/statistics.js';
import type { PolicyResult } from '../../result.js';
import { html, raw } from './markup.js';
import type { Markup } from './markup.js';
import type { HtmlTable } from './report.js';
import { grouped, short } from './scale.js';
import { tied } from './sentences.js';

type Cell = (result: PolicyResult) => string;

const ROWS: readonly (readonly [name: string, cell: Cell])[] = [
  ['Requests', (result) => grouped(result.requests)],
  ['Violations', (result) => grouped(result.violations)],
  ['Violations, %', (result) => short(100 * result.violationRate)],
  ['Wait, mean, ms', (result) => short(result.wait.meanMs)],
  ['Wait, median, ms', (result) => (result.tooShort ? '–' : short(result.wait.p50Ms))],
  ['Wait, p95, ms', (result) => (result.tooShort ? '–' : short(result.wait.p95Ms))],
  ['Wait, p99, ms', (result) => (result.tooShort ? '–' : short(result.wait.p99Ms))],
  ['Wait, longest, ms', (result) => short(result.wait.maxMs)],
  ['Connection-seconds', (result) => short(result.connectionSeconds)],
  ['Size, mean', (result) => short(result.meanSize)],
  ['Size, peak', (result) => grouped(result.peakSize)],
  ['Creates', (result) => grouped(result.creates)],
  ['Closes', (result) => grouped(result.destroys)],
  ['Timeouts', (result) => grouped(result.timeouts)],
  ['Rejected', (result) => grouped(result.rejected)],
  ['Still waiting at the end', (result) => grouped(result.stillWaiting)],
];

interface Measure {
  readonly name: string;
  readonly value: (result: PolicyResult) => number;
  readonly interval: (result: PolicyResult) => MeanInterval | undefined;
  readonly factor: number;
}

const MEASURES: readonly Measure[] = [
  {
    name: 'Violations, % of requests',
    value: (result) => result.violationRate,
    interval: (result) => result.perReplication?.violationRate,
    factor: 100,
  },
  {
    name: 'Mean wait, ms',
    value: (result) => result.wait.meanMs,
    interval: (result) => result.perReplication?.meanWaitMs,
    factor: 1,
  },
  {
    name: 'Connection-seconds of a run',
    value: (result) => result.connectionSeconds,
    interval: (result) => result.perReplication?.connectionSeconds,
    factor: 1,
  },
];

/** Bars from zero for the three figures that decide, with their intervals where there are replications. */
export function bars(results: readonly PolicyResult[]): Markup {
  return html`<div class="bars">${MEASURES.map((measure) => barsOf(measure, results))}</div>`;
}

function barsOf(measure: Measure, results: readonly PolicyResult[]): Markup {
  const values = results.map((result) => {
    const { mean, halfWidth } = measure.interval(result) ?? {
      mean: measure.value(result),
      halfWidth: 0,
    };
    return { policy: result.policy, mean: mean * measure.factor, half: halfWidth * measure.factor };
  });
  // Room on the right of the longest bar for its whisker.
  const most = Math.max(...values.map(({ mean, half }) => mean + half), Number.MIN_VALUE);
  const percent = (value: number): Markup =>
    raw(`${Number(((100 * Math.max(0, value)) / most).toFixed(2))}%`);
  return html`<section class="bar-group">
    <h3>${measure.name}</h3>
    <dl>
      ${values.map(
        ({ policy, mean, half }) =>
          html`<div>
            <dt>${policy}</dt>
            <dd>${half === 0 ? short(mean) : `${short(mean)} ±\u00A0${short(half)}`}</dd>
            <dd class="bar" aria-hidden="true">
              <svg width="100%" height="14">
                <rect class="track" width="100%" height="8" y="3" rx="2" />
                <rect class="value" width="${percent(mean)}" height="8" y="3" rx="2" />
                ${
                  half === 0
                    ? null
                    : html`<line
                          class="whisker"
                          x1="${percent(mean - half)}"
                          x2="${percent(mean + half)}"
                          y1="7"
                          y2="7"
                        /><line
                          class="whisker"
                          x1="${percent(mean - half)}"
                          x2="${percent(mean - half)}"
                          y1="2"
                          y2="12"
                        /><line
                          class="whisker"
                          x1="${percent(mean + half)}"
                          x2="${percent(mean + half)}"
                          y1="2"
                          y2="12"
                        />`
                }
              </svg>
            </dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

/** All figures, one column per policy; intervals where there are replications. */
export function comparisonTable(results: readonly PolicyResult[]): HtmlTable {
  const tooShort = results.find((result) => result.tooShort)?.tooShort;
  const rows = ROWS.map(([name, cell]) => [name, ...results.map((result) => cell(result))]);
  if (results.some(({ perReplication }) => perReplication !== null)) {
    for (const { name, interval, factor } of MEASURES) {
      rows.push([
        `${name}: mean ± 95 %`,
        ...results.map((result) => plusMinus(interval(result), factor)),
      ]);
    }
  }
  return {
    heading: 'All figures',
    text: tooShort ? `No percentiles: ${tooShort.reason}.` : '',
    columns: ['Figure', ...results.map(({ policy }) => policy)],
    rows,
  };
}

/** A table that scrolls on its own where it is too wide. */
export function tableOf({ heading, text, columns, rows }: HtmlTable, id: string): Markup {
  return html`<h3 id="${id}">${heading}</h3>
    ${text === '' ? null : html`<p>${tied(text)}</p>`}
    <div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">
      <table>
        <thead>
          <tr>
            ${columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([head = '', ...cells]) =>
              html`<tr>
                <th scope="row">${tied(head)}</th>
                ${cells.map((cell) => html`<td>${tied(cell)}</td>`)}
              </tr> `,
          )}
        </tbody>
      </table>
    </div> `;
}

function plusMinus(interval: MeanInterval | undefined, factor: number): string {
  if (interval === undefined) return '–';
  return `${short(factor * interval.mean)} ±\u00A0${short(factor * interval.halfWidth)}`;
}
