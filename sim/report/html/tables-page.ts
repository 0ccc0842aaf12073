import { tableOf } from './comparison.js';
import { headOf } from './head.js';
import { html } from './markup.js';
import type { HtmlTable } from './report.js';

/** A page with tables and nothing else: what a command shows that simulates nothing. */
export interface TablesPage {
  readonly title: string;
  readonly description: string;
  /** Heading over all tables. */
  readonly heading: string;
  readonly tables: readonly HtmlTable[];
  /** The command line that makes this page again. */
  readonly command: string;
  /** What it takes to get the same page, such as `adaptive-pool 0.1.0, Node v20.20.0`. */
  readonly versions: string;
}

/** The page as HTML that needs nothing else, in the style of the reports. The same content gives the same bytes. */
export function toTablesHtml(page: TablesPage): string {
  const { title, description, heading, tables, command, versions } = page;
  return html`<!doctype html>
    <html lang="en">
      ${headOf(title, null)}
      <body>
        <a class="skip" href="#main">Skip to the report</a>
        <header>
          <p class="brand">adaptive-pool</p>
          <h1>${title}</h1>
          <p class="lead">${description}</p>
          <p class="facts">${versions}</p>
        </header>
        <main id="main">
          <section aria-labelledby="tables">
            <h2 id="tables">${heading}</h2>
            ${tables.map((table, index) => tableOf(table, `table-${index + 1}`))}
          </section>
          <section aria-labelledby="reproduce">
            <h2 id="reproduce">Reproduce</h2>
            <p>The same command gives the same page to the last byte, with ${versions}:</p>
            <pre tabindex="0"><code>${command}</code></pre>
          </section>
        </main>
      </body>
    </html> `.text;
}
