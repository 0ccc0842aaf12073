import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SCENARIO_DEFAULTS, scenarioDescription, scenarioNames } from '../sim/scenario-file.js';
import { SCENARIO_RULES } from '../sim/scenario-rules.js';

const PAGE = readFileSync(
  fileURLToPath(new URL('../docs/reference/scenarios.md', import.meta.url)),
  'utf8',
);

/** The first and the last cells of the rows under some headings. */
function rowsUnder(...headings: readonly string[]): (readonly [first: string, last: string])[] {
  const sections = headings.map((one) => PAGE.split(`\n## ${one}\n`)[1]?.split('\n## ')[0] ?? '');
  return [...sections.join('').matchAll(/^\| (`.*?) \| (?:.* \| )?(.*) \|$/gm)].map(
    ([, first = '', last = '']) => [first, last],
  );
}

describe('the page of scenarios', () => {
  it('says of every scenario that comes along what its file says', () => {
    const rows = rowsUnder('Those that come with the package', 'The suite');
    const described = scenarioNames().map((name) => [`\`${name}\``, scenarioDescription(name)]);
    expect(rows).toHaveLength(described.length);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(described));
  });

  it('has every field', () => {
    const fields = rowsUnder('Fields').flatMap(([first]) => first.match(/\w+/g) ?? []);
    expect(fields.toSorted()).toEqual(Object.keys(SCENARIO_RULES).toSorted());
  });

  it('has the defaults that are in force', () => {
    for (const [field, value] of Object.entries(SCENARIO_DEFAULTS)) {
      expect(PAGE).toContain(`| \`${field}\` | no, ${value.toLocaleString('en-GB')} |`);
    }
  });
});
