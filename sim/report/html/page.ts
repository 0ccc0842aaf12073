import type { DecisionNote } from '../../analysis/decision-log.js';
import type { RunSeries } from '../../analysis/time-series.js';
import { chart } from './chart.js';
import type { ChartContext } from './chart.js';
import { bars, comparisonTable, tableOf } from './comparison.js';
import { headOf } from './head.js';
import { html, raw } from './markup.js';
import type { Markup } from './markup.js';
import type { HtmlPolicy, HtmlReport } from './report.js';
import { grouped, short, timeText } from './scale.js';
import { SCRIPT } from './script.js';
import { tied } from './sentences.js';
import { scalesOf } from './series-panels.js';

/**
 * The report as one HTML page that needs nothing else: no network, no fonts, no library. The same report gives the same
 * bytes. Every text in it is escaped, and the page's own policy lets no script run but its own.
 */
export function toHtml(report: HtmlReport): string {
  const { title, description, policies, replications, seed, versions } = report;
  const results = policies.map(({ result }) => result);
  const runs = replications === 1 ? '1 replication' : `${grouped(replications)} replications`;
  return html`<!doctype html>
    <html lang="en">
      ${headOf(title, SCRIPT)}
      <body>
        <a class="skip" href="#main">Skip to the report</a>
        <header>
          <p class="brand">adaptive-pool</p>
          <h1>${title}</h1>
          ${description === '' ? null : html`<p class="lead">${description}</p>`}
          <p class="facts">seed ${seed} · ${runs} · ${versions}</p>
          <nav aria-label="Sections">
            <ul>
              <li><a href="#comparison">Comparison</a></li>
              ${policies.map(
                ({ result }, index) =>
                  html`<li><a href="#policy-${index + 1}">${result.policy}</a></li> `,
              )}
              <li><a href="#options">Options</a></li>
              <li><a href="#reproduce">Reproduce</a></li>
            </ul>
          </nav>
        </header>
        <main id="main">
          <section aria-labelledby="comparison">
            <h2 id="comparison">Comparison</h2>
            <p>
              A <strong>violation</strong> is a request that waited longer than
              ${objectiveText(report)}, timed out, was rejected, or still waited at the end.
              <strong>Connection-seconds</strong> are what the pool cost: its size added up over
              time, connections that are being opened
              included.${replications === 1 ? null : ` Figures are those of all ${runs} together; ± is the 95 % interval of the mean over replications (Student t).`}
            </p>
            ${bars(results)} ${tableOf(comparisonTable(results), 'figures')}
            ${report.tables.map((table, index) => tableOf(table, `table-${index + 1}`))}
          </section>
          ${policySections(report)}
          <section aria-labelledby="options">
            <h2 id="options">Options</h2>
            <table class="options">
              <thead>
                <tr>
                  <th scope="col">Option</th>
                  <th scope="col">Value</th>
                </tr>
              </thead>
              <tbody>
                ${report.options.map(
                  ([name, value]) =>
                    html`<tr>
                      <th scope="row"><code>${name}</code></th>
                      <td>${value}</td>
                    </tr> `,
                )}
              </tbody>
            </table>
          </section>
          <section aria-labelledby="reproduce">
            <h2 id="reproduce">Reproduce</h2>
            <p>The same command gives the same report to the last byte, with ${versions}:</p>
            <pre tabindex="0"><code>${report.command}</code></pre>
          </section>
        </main>
        ${raw(`<script>${SCRIPT}</script>`)}
      </body>
    </html> `.text;
}

function objectiveText({ policies, waitObjectiveMs }: HtmlReport): string {
  const own = policies.filter((policy) => policy.waitObjectiveMs !== undefined);
  if (own.length === 0) return `the objective of ${short(waitObjectiveMs)} ms`;
  const each = own.map(
    (policy) => `${policy.result.policy}: ${short(policy.waitObjectiveMs ?? 0)} ms`,
  );
  return `the objective of its run (${each.join(', ')})`;
}

function policySections(report: HtmlReport): Markup[] {
  const { policies, waitObjectiveMs, warmUpMs } = report;
  const all = policies.map(({ series }) => series).filter((series) => series !== null);
  const objectives = policies.map((policy) => policy.waitObjectiveMs ?? waitObjectiveMs);
  const scales = scalesOf(all, Math.max(waitObjectiveMs, ...objectives));
  return policies.map((policy, index) =>
    policySection(policy, `policy-${index + 1}`, report.replications, {
      scales,
      waitObjectiveMs: policy.waitObjectiveMs ?? waitObjectiveMs,
      warmUpMs,
      policy: policy.result.policy,
    }),
  );
}

function policySection(
  { result, series }: HtmlPolicy,
  id: string,
  replications: number,
  context: ChartContext,
): Markup {
  const isOne = replications === 1;
  const all = isOne ? '' : ` in all ${grouped(replications)} replications`;
  const of = isOne ? '' : ' The picture is of the first.';
  return html`<section class="policy" aria-labelledby="${id}">
    <h2 id="${id}">${result.policy}</h2>
    <p>
      ${grouped(result.violations)} of ${grouped(result.requests)} requests were violations
      (${short(100 * result.violationRate)} %), at ${short(result.connectionSeconds)}
      connection-seconds${all}; the mean size was ${short(result.meanSize)}, the peak
      ${grouped(result.peakSize)}.${of}
    </p>
    ${series === null ? null : html`${chart(series, context)}${decisionTable(series, id)}`}
  </section> `;
}

function decisionTable(series: RunSeries, id: string): Markup {
  const { decisionCount, largest, lengthMs } = series;
  if (decisionCount === 0) return html`<p>The target never changed.</p>`;
  const all = decisionCount === largest.length;
  const summary = all
    ? `${decisionCount === 1 ? 'The decision' : `All ${decisionCount} decisions`} in words`
    : `The ${largest.length} largest of ${grouped(decisionCount)} decisions in words`;
  return html`<details>
    <summary id="${id}-decisions">${summary}</summary>
    <table class="decisions" aria-labelledby="${id}-decisions">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Target</th>
          <th scope="col">Reason and message</th>
        </tr>
      </thead>
      <tbody>
        ${largest.map((note) => decisionRow(note, lengthMs))}
      </tbody>
    </table>
  </details> `;
}

function decisionRow({ atMs, from, to, reason, message }: DecisionNote, lengthMs: number): Markup {
  return html`<tr>
    <th scope="row">${timeText(atMs, lengthMs)}</th>
    <td>${from}→${to}</td>
    <td><strong>${reason}</strong> ${tied(message)}</td>
  </tr> `;
}
