import type { ComparedPolicy, Comparison, MeanInterval } from 'adaptive-pool/sim';

import { bestCap, first, percent } from './policies-judgement.js';
import type { Trial } from './policies-trial.js';
import { printTable } from './report.js';

/** Prints one scenario: the bounds, a row per policy, and what became of the rules. */
export function printTrial({ entry, description, comparison, caps, judgements }: Trial): void {
  const { policies, bounds } = comparison;
  console.log(`\n${entry.name} (${entry.kind}): ${description}`);
  const rows = policies.map((one) => policyRow(one));
  if (bounds !== null) {
    const { reactive, bestFixed, clairvoyant } = bounds;
    rows.push(['(reactive bound)', percent(reactive.violationRate), '', '', '']);
    if (bestFixed !== null) {
      const ratio = (bestFixed.cost / clairvoyant.cost).toFixed(2);
      const late = `≤ ${percent(bestFixed.allowedViolations)}`;
      rows.push([`(fixed in hindsight: ${bestFixed.size})`, late, ratio, '', '']);
    }
  }
  if (caps.length > 0) {
    const { connections, violationRate } = bestCap(caps);
    rows.push([`(fixed in hindsight: ${connections})`, percent(violationRate), '', '', '']);
  }
  printTable(['', 'late', 'J/OPT', 'connection-s', 'creates'], rows);
  for (const { isPassed, rule, text } of judgements) {
    console.log(`  ${isPassed ? 'pass' : 'FAIL'}  ${rule}: ${text}`);
  }
}

function policyRow({ policy, figures, costRatio }: ComparedPolicy): string[] {
  return [
    policy,
    withInterval(figures.violationRate),
    costRatio === null ? '' : costRatio.toFixed(2),
    figures.connectionSeconds.mean.toFixed(0),
    figures.creates.mean.toFixed(0),
  ];
}

function withInterval({ mean, halfWidth }: MeanInterval): string {
  return `${(100 * mean).toFixed(2)} ± ${(100 * halfWidth).toFixed(2)} %`;
}

/** Prints a line per scenario about the policy that is judged. */
export function printSummary(trials: readonly Trial[]): void {
  const rows = trials.map(({ entry, comparison, judgements }) => {
    const { figures, costRatio } = first(comparison.policies);
    const failed = judgements.filter(({ isPassed }) => !isPassed).map(({ rule }) => rule);
    return [
      entry.name,
      withInterval(figures.violationRate),
      reactiveText(comparison),
      costRatio === null ? '' : costRatio.toFixed(2),
      failed.length === 0 ? 'pass' : `FAIL ${failed.join(', ')}`,
    ];
  });
  const judged = trials.flatMap(({ judgements }) => judgements);
  const passed = judged.filter(({ isPassed }) => isPassed).length;
  console.log('\nAll scenarios');
  printTable(['', 'late', 'reactive bound', 'J/OPT', ''], rows);
  console.log(`  ${passed} of ${judged.length} rules hold`);
}

function reactiveText({ bounds }: Comparison): string {
  return bounds === null ? '' : percent(bounds.reactive.violationRate);
}
