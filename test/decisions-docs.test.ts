import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  EPISODE_LINES,
  LIMIT_LINES,
  REASON_LINES,
  VERDICT_LINES,
} from './support/decision-examples.js';

const PAGE = readFileSync(
  fileURLToPath(new URL('../docs/reference/decisions.md', import.meta.url)),
  'utf8',
);

interface Row {
  readonly word: string;
  readonly meaning: string;
  readonly line: string;
  readonly advice: string;
}

/** Rows of the table under a heading, without its head. */
function rowsUnder(heading: string): Row[] {
  const section = PAGE.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) => {
    const [word = '', meaning = '', line = '', advice = ''] = row.split('|').slice(1, -1);
    return {
      word: word.trim().replaceAll('`', ''),
      meaning: meaning.trim(),
      line: line.trim().replaceAll('`', ''),
      advice: advice.trim(),
    };
  });
}

describe('the page of decisions', () => {
  it.each([
    ['Reasons', REASON_LINES],
    ['Limits', LIMIT_LINES],
    ['Verdicts', VERDICT_LINES],
    ['Episodes', EPISODE_LINES],
  ] as const)('has a row for each of the %s, with the line as it is printed', (heading, lines) => {
    const rows = rowsUnder(heading);
    expect(rows.map(({ word }) => word).toSorted()).toEqual(Object.keys(lines).toSorted());
    expect(Object.fromEntries(rows.map(({ word, line }) => [word, line]))).toEqual(lines);
    for (const { word, meaning, line, advice } of rows) {
      expect(meaning, word).toMatch(/\w{3}/);
      expect(line, word).toMatch(/^sessions (grow|shrink|hold) \d/);
      expect(advice, word).toMatch(/\w{3}/);
    }
  });

  it('has no two lines alike', () => {
    const lines = [REASON_LINES, LIMIT_LINES, VERDICT_LINES, EPISODE_LINES].flatMap((one) =>
      Object.values(one),
    );
    expect(new Set(lines).size).toBe(lines.length);
  });
});
