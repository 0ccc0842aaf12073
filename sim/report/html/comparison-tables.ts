import type { PairedDifference } from '../../analysis/paired.js';
import type { MeanInterval } from '../../analysis/statistics.js';
import { FIGURES } from '../../compare.js';
import type { ComparedBounds, ComparedPolicy, Comparison, Figure } from '../../compare.js';
import { boundLines, isWithheld, SHOWN } from '../comparison.js';
import type { HtmlTable } from './report.js';
import { short } from './scale.js';
import { sentences } from './sentences.js';

const FIGURE_COLUMNS = FIGURES.map((figure) => {
  const { label, unit } = SHOWN[figure];
  return unit === '' ? label : `${label},${unit}`;
});
/** Stands where a percentile would mean nothing. */
const WITHHELD = '–';
/** Columns that only a comparison with bounds has. */
const BOUND_COLUMNS = ['× clairvoyant', 'short of, % of time', 'surplus'] as const;

/** What `compare` shows besides the pooled figures: means with intervals, and differences. */
export function comparisonTables(comparison: Comparison): HtmlTable[] {
  const { policies, bounds, createCostSeconds, scenario, tooShort } = comparison;
  const [first, ...others] = policies;
  const cost = `Cost is connection-seconds (conn-s) plus ${short(createCostSeconds)} per create.`;
  const bounded =
    bounds === null
      ? 'No bounds: what the pool does changes who comes or how long a use takes.'
      : `Short of: time with fewer ready than in use if nobody waited; surplus: mean of those too many. ${sentences(boundLines(bounds, scenario.max))}`;
  const withheld = tooShort === null ? '' : ` No percentiles: ${tooShort.reason}.`;
  const means: HtmlTable = {
    heading: 'Means per replication, ± 95 %',
    text: `${cost} ${bounded}${withheld}`,
    columns: ['Policy', ...FIGURE_COLUMNS, ...(bounds === null ? [] : BOUND_COLUMNS)],
    rows: [
      ...policies.map((row) => policyRow(row, comparison)),
      ...(bounds === null ? [] : boundRows(bounds)),
    ],
  };
  const differences: HtmlTable = {
    heading: `Differences from ${first?.policy}, ± 95 %`,
    text: 'Student’s t on the differences of each replication, in which all policies meet the same arrivals and the same work. No difference is shown where the interval covers zero.',
    columns: ['Policy', ...FIGURE_COLUMNS],
    rows: others.map((row) => differenceRow(row, comparison)),
  };
  return [means, differences];
}

function policyRow(
  { policy, figures, costRatio, elasticity }: ComparedPolicy,
  comparison: Comparison,
): string[] {
  const row = [
    policy,
    ...FIGURES.map((figure) =>
      isWithheld(figure, comparison) ? WITHHELD : plusMinus(figures[figure], figure),
    ),
  ];
  if (comparison.bounds === null) return row;
  return [
    ...row,
    costRatio === null ? '' : short(costRatio),
    elasticity === null ? '' : short(100 * elasticity.underTimeShare),
    elasticity === null ? '' : short(elasticity.overProvisioned),
  ];
}

function boundRows({ clairvoyant, bestFixed }: ComparedBounds): string[][] {
  const { connectionSeconds, creates, cost } = clairvoyant;
  const served = ['0', '0', '0', short(connectionSeconds), short(creates), short(cost)];
  const best = ['clairvoyant', ...served, '1', '0', ''];
  if (bestFixed === null) return [best];
  const { size } = bestFixed;
  const ratio = short(bestFixed.cost / cost);
  const fixed = ['', '', '', '', short(size), short(bestFixed.cost), ratio, '', ''];
  return [best, [`fixed(${size}) in hindsight`, ...fixed]];
}

function differenceRow({ policy, differences }: ComparedPolicy, comparison: Comparison): string[] {
  if (differences === null) return [policy];
  return [
    policy,
    ...FIGURES.map((figure) =>
      isWithheld(figure, comparison) ? WITHHELD : differenceText(differences[figure], figure),
    ),
  ];
}

function differenceText(difference: PairedDifference, figure: Figure): string {
  if (!difference.isShown) return 'none shown';
  return `${difference.mean > 0 ? '+' : ''}${plusMinus(difference, figure)}`;
}

function plusMinus({ mean, halfWidth }: MeanInterval, figure: Figure): string {
  const { factor } = SHOWN[figure];
  return `${short(factor * mean)}\u00A0±\u00A0${short(factor * halfWidth)}`;
}
