/**
 * Draws the figures of `docs/explanation/control-law.md` from simulated runs, the same ones every time:
 * `npm run docs:figures`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { drawFigure, FIGURES } from './figure-list.js';

const FOLDER = fileURLToPath(new URL('../docs/explanation/figures/', import.meta.url));

mkdirSync(FOLDER, { recursive: true });
for (const figure of FIGURES) {
  const svg = drawFigure(figure);
  writeFileSync(join(FOLDER, `${figure.file}.svg`), svg);
  console.log(`${figure.file}.svg  ${Math.ceil(svg.length / 1_024)} KiB`);
}
