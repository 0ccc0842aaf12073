import type { PairedDifference } from '../analysis/paired.js';
import {
  FIGURES,
  perFigure,
  type ComparedBounds,
  type ComparedPolicy,
  type Comparison,
  type Figure,
} from '../compare.js';
import { fold } from './fold.js';
import { interval, rounded } from './json.js';
import { alignedRows, heading, plusMinus, short } from './table.js';

/** Version of the JSON of `compare`; a new one when a field changes its meaning or goes away. */
const COMPARISON_VERSION = 1;

/** How a figure is called and shown; `factor` turns it into its unit. */
export const SHOWN: Readonly<
  Record<Figure, { readonly label: string; readonly unit: string; readonly factor: number }>
> = {
  violationRate: { label: 'violations', unit: ' %', factor: 100 },
  waitMeanMs: { label: 'wait mean', unit: ' ms', factor: 1 },
  waitP99Ms: { label: 'wait p99', unit: ' ms', factor: 1 },
  connectionSeconds: { label: 'conn-s', unit: '', factor: 1 },
  creates: { label: 'creates', unit: '', factor: 1 },
  cost: { label: 'cost', unit: '', factor: 1 },
};

/** Whether a figure means nothing in this comparison: a percentile of runs that are too short for their load. */
export function isWithheld(figure: Figure, { tooShort }: Comparison): boolean {
  return tooShort !== null && figure === 'waitP99Ms';
}

/** The comparison as a person reads it, in lines of at most `width` characters. */
export function comparisonTable(comparison: Comparison, width: number): string {
  const { policies, bounds, createCostSeconds, tooShort } = comparison;
  const [first, ...others] = policies;
  const rows = [
    [
      'mean per replication',
      '%',
      'wait mean',
      'p99 ms',
      'conn-s',
      'creates',
      'cost',
      '× clairv.',
      'short of %',
      'surplus',
    ],
    ...policies.map((row) => policyRow(row, comparison)),
    ...(bounds === null ? [] : boundRows(bounds)),
  ];
  const lines = [
    ...heading(comparison, ''),
    `cost is conn-s + ${short(createCostSeconds)} per create; short of: time with fewer ready than in use if nobody waited; surplus: mean of those too many`,
    '',
    ...alignedRows(rows, width),
    '',
    ...(tooShort === null ? [] : [`no percentiles: ${tooShort.reason}`, '']),
    ...(bounds === null
      ? ['no bounds: what the pool does changes who comes or how long a use takes']
      : boundLines(bounds, comparison.scenario.max)),
    '',
    `differences from ${first?.policy}, ± 95 % (Student t, common random numbers):`,
    ...differenceLines(others, comparison, width),
  ];
  return fold(`${lines.join('\n')}\n`, width);
}

function policyRow(
  { policy, figures, costRatio, elasticity }: ComparedPolicy,
  comparison: Comparison,
): string[] {
  return [
    policy,
    (100 * figures.violationRate.mean).toFixed(3),
    short(figures.waitMeanMs.mean),
    isWithheld('waitP99Ms', comparison) ? '-' : short(figures.waitP99Ms.mean),
    short(figures.connectionSeconds.mean),
    short(figures.creates.mean),
    short(figures.cost.mean),
    costRatio === null ? '' : short(costRatio),
    elasticity === null ? '' : (100 * elasticity.underTimeShare).toFixed(2),
    elasticity === null ? '' : short(elasticity.overProvisioned),
  ];
}

function boundRows({ clairvoyant, bestFixed }: ComparedBounds): string[][] {
  const best = [
    'clairvoyant',
    '0.000',
    '0',
    '0',
    short(clairvoyant.connectionSeconds),
    short(clairvoyant.creates),
    short(clairvoyant.cost),
    '1',
    '0.00',
    '',
  ];
  if (bestFixed === null) return [best];
  const ratio = short(bestFixed.cost / clairvoyant.cost);
  return [best, fixedRow(bestFixed.size, short(bestFixed.cost), ratio)];
}

/** What the bounds say, one sentence each. */
export function boundLines(bounds: ComparedBounds, max: number): string[] {
  const { clairvoyant, reactive, bestFixed, costFloorWithWaiting } = bounds;
  const isBeyond = clairvoyant.peak > max;
  return [
    `clairvoyant: everyone served at once, knowing the future; peak ${clairvoyant.peak}${isBeyond ? `, more than max ${max}: somebody must wait` : ''}`,
    `every wait within the objective costs ${short(costFloorWithWaiting)} (× ${short(costFloorWithWaiting / clairvoyant.cost)}) at least`,
    `opening only when callers wait, without a max: violations ${short(100 * reactive.violationRate)} %, wait mean ${short(reactive.waitMeanMs)} ms, max ${short(reactive.waitMaxMs)} ms`,
    bestFixed === null
      ? `no fixed size up to max ${max} keeps violations low enough`
      : `fixed(${bestFixed.size}) is the smallest size with at most ${short(100 * bestFixed.allowedViolations)} % violations, chosen in hindsight`,
  ];
}

function fixedRow(size: number, cost: string, ratio: string): string[] {
  return [`fixed(${size}) in hindsight`, '', '', '', '', String(size), cost, ratio, '', ''];
}

/** A line per policy, or, where that is longer than `width`, one per figure. */
function differenceLines(
  policies: readonly ComparedPolicy[],
  comparison: Comparison,
  width: number,
): string[] {
  const rows = policies.map((row) => differenceRow(row, comparison));
  const lines = leftAligned(rows).map((line) => `  ${line}`);
  if (lines.every((line) => line.length <= width)) return lines;
  return rows.flatMap(([policy, ...cells]) => [
    `  ${policy}`,
    ...cells.map((cell) => `    ${cell}`),
  ]);
}

function differenceRow({ policy, differences }: ComparedPolicy, comparison: Comparison): string[] {
  if (differences === null) return [policy];
  const shown = FIGURES.filter((figure) => !isWithheld(figure, comparison));
  return [policy, ...shown.map((figure) => differenceText(figure, differences[figure]))];
}

function leftAligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd(),
  );
}

function differenceText(figure: Figure, difference: PairedDifference): string {
  const { label, unit, factor } = SHOWN[figure];
  if (!difference.isShown) return `${label} no difference shown`;
  const sign = difference.mean > 0 ? '+' : '';
  return `${label} ${sign}${plusMinus(difference, factor)}${unit}`;
}

/**
 * The comparison as JSON. Every interval is `{ mean, halfWidth95 }`; a difference has `isShown` too, whether its interval
 * leaves out zero; `waitP99Ms` is null in runs that are too short for their load. Rates and shares are 0..1, times milliseconds unless the name says seconds.
 */
export function comparisonJson(comparison: Comparison): string {
  const { scenario, seed, replications, createCostSeconds, policies, bounds, tooShort } =
    comparison;
  const output = {
    version: COMPARISON_VERSION,
    scenario: scenario.name,
    seed,
    replications,
    createCostSeconds: rounded(createCostSeconds),
    ...(tooShort === null ? {} : { percentilesWithheld: tooShort.reason }),
    baseline: policies[0]?.policy,
    policies: policies.map((row) => ({
      policy: row.policy,
      figures: perFigure((figure) =>
        isWithheld(figure, comparison) ? null : interval(row.figures[figure]),
      ),
      costRatio: row.costRatio === null ? null : rounded(row.costRatio),
      elasticity: row.elasticity === null ? null : roundedFields(row.elasticity),
      differences: differencesOf(row, comparison),
    })),
    bounds: bounds === null ? null : boundsJson(bounds),
  };
  return `${JSON.stringify(output, null, 2)}\n`;
}

function boundsJson(bounds: ComparedBounds): object {
  const { clairvoyant, costFloorWithWaiting, reactive, bestFixed } = bounds;
  return {
    clairvoyant: roundedFields(clairvoyant),
    costFloorWithWaiting: rounded(costFloorWithWaiting),
    reactive: roundedFields(reactive),
    bestFixed: bestFixed === null ? null : roundedFields(bestFixed),
  };
}

function differencesOf({ differences }: ComparedPolicy, comparison: Comparison): object | null {
  if (differences === null) return null;
  return perFigure((figure) =>
    isWithheld(figure, comparison)
      ? null
      : { ...interval(differences[figure]), isShown: differences[figure].isShown },
  );
}

function roundedFields(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, rounded(value as number)]),
  );
}
