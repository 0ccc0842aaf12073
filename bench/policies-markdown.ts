import type { ComparedPolicy, Comparison } from 'adaptive-pool/sim';

import type { Trial } from './policies-trial.js';

/** The columns of the table in the documentation: those with a rule that others use, once each. */
const COLUMNS = [
  'adaptive',
  'littles-law',
  'target-tracking',
  'step',
  'baseline:generic-pool',
  'baseline:pg-pool',
  'baseline:hikaricp',
  'baseline:flexypool',
  'baseline:knative-kpa-fast',
  'baseline:kubernetes-hpa-fast',
];

/** All scenarios as a Markdown table: late requests in per cent / J/OPT. */
export function markdownOf(trials: readonly Trial[]): string {
  const lines = trials.map(({ entry, comparison }) => {
    const cells = COLUMNS.map((name) =>
      cellOf(comparison.policies.find((one) => one.policy === name)),
    );
    return `| ${[entry.name.replace('suite-', ''), reactiveOf(comparison), ...cells, fixedOf(comparison)].join(' | ')} |`;
  });
  const names = COLUMNS.map((name) => name.replace('baseline:', ''));
  const head = ['late % / J/OPT', 'reactive bound', ...names, 'best constant: size / J/OPT'];
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...lines].join('\n');
}

function cellOf(policy: ComparedPolicy | undefined): string {
  if (policy === undefined) return '';
  const late = (100 * policy.figures.violationRate.mean).toFixed(2);
  return policy.costRatio === null ? late : `${late} / ${policy.costRatio.toFixed(2)}`;
}

function reactiveOf({ bounds }: Comparison): string {
  return bounds === null ? '' : (100 * bounds.reactive.violationRate).toFixed(2);
}

function fixedOf({ bounds }: Comparison): string {
  if (bounds === null || bounds.bestFixed === null) return '';
  const { bestFixed, clairvoyant } = bounds;
  return `${bestFixed.size} / ${(bestFixed.cost / clairvoyant.cost).toFixed(2)}`;
}
