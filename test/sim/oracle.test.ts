import { describe, expect, it } from 'vitest';

import { mmc, bounded, timeout } from './oracle-cases.js';
import { testRows } from './oracle-check.js';
import {
  checkCase,
  LEFT_OUT,
  LONG_ROWS,
  SETUP_ROWS,
  STEADY_ROWS,
  TRANSIENT_ROWS,
} from './oracle-rows.js';
import oracle from './oracle.json' with { type: 'json' };

describe('the simulator agrees with queueing theory in the steady state', () => {
  testRows(STEADY_ROWS, 300_000);
});

describe('the comparison with theory', () => {
  it('covers every row of every family that is not left out', () => {
    const { about: _about, ...families } = oracle;
    const rows = [...STEADY_ROWS, ...SETUP_ROWS, ...TRANSIENT_ROWS, ...LONG_ROWS];
    const tested = new Set(rows.map(({ family, id }) => `${family} ${id}`));
    const expected = Object.entries(families)
      .filter(([family]) => LEFT_OUT[family] === undefined)
      .flatMap(([family, theory]) => theory.map(({ id }) => `${family} ${id}`));
    expect([...tested].toSorted()).toEqual(expected.toSorted());
    expect(Object.keys(families)).toEqual(expect.arrayContaining(Object.keys(LEFT_OUT)));
  });

  // Uses that are a little too long must show, not only uses of another kind.
  it.each([
    { family: mmc, id: 'mmc5', arrivals: 110_000 },
    { family: bounded, id: 'mmck4', arrivals: 60_000 },
    { family: timeout, id: 'mmcD5', arrivals: 40_000 },
  ])(
    'fails when uses take a little longer, by 3 in 100: $id',
    ({ family, id, arrivals }) => {
      const theory = family(id, arrivals);
      const { scenario } = theory;
      const serviceMs = { ...scenario.serviceMs, meanMs: 1.03 * scenario.serviceMs.meanMs };
      const biased = { ...theory, scenario: { ...scenario, serviceMs } };
      expect(() => checkCase(biased, Number.POSITIVE_INFINITY)).toThrow(/ z -?\d/);
    },
    300_000,
  );
});
