import { createHash } from 'node:crypto';
import { html, raw } from './markup.js';
import type { Markup } from './markup.js';
import { STYLE } from './style.js';

/** The head of every page: its style inside it, and a policy that lets nothing load and no script run but the given one. */
export function headOf(title: string, script: string | null): Markup {
  const scripts = script === null ? '' : ` script-src '${hashOf(script)}';`;
  const policy = `default-src 'none'; img-src data:; style-src '${hashOf(STYLE)}';${scripts} base-uri 'none'; form-action 'none'`;
  return html`<head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <link rel="icon" href="data:," />
    <title>${title}</title>
    ${raw(`<style>${STYLE}</style>`)}
  </head>`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
