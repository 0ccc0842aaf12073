import { createHash } from 'node:crypto';
import { tableOf } from './comparison.js';
import { html, raw } from './markup.js';
import type { HtmlTable } from './report.js';
import { STYLE } from './style.js';

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
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
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
