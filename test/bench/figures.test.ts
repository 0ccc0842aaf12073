import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { drawFigure, FIGURES } from '../../bench/figure-list.js';

const DOCS = fileURLToPath(new URL('../../docs/explanation/', import.meta.url));
const PAGE = readFileSync(join(DOCS, 'control-law.md'), 'utf8');

describe('the figures of the control law', () => {
  it('are all on the page, and there are no others', () => {
    const files = FIGURES.map(({ file }) => `${file}.svg`).toSorted();
    const shown = [...PAGE.matchAll(/!\[[^\]]{20,}\]\(figures\/([^)]+)\)/g)].map(
      ([, file = '']) => file,
    );
    expect(readdirSync(join(DOCS, 'figures')).toSorted()).toEqual(files);
    expect(shown.toSorted()).toEqual(files);
  });

  it.each(FIGURES)(
    '$file is what npm run docs:figures would draw, small and on a ground of its own',
    (figure) => {
      const svg = readFileSync(join(DOCS, 'figures', `${figure.file}.svg`), 'utf8');
      expect(svg).toBe(drawFigure(figure));
      expect(svg.length).toBeLessThan(60 * 1_024);
      expect(svg).toMatch(/<rect width="100%" height="100%" rx="6" fill="#\w+" \/>/);
      expect(svg).not.toMatch(/NaN|undefined|var\(/);
    },
    60_000,
  );
});
