/**
 * How much the defaults of the policy matter: each by half and twice as much, in every healthy scenario of the suite, and
 * loads that are on and off for 1 to 60 s. Ends with status 1 when a default that is wrong by a factor of two makes too
 * many requests late: `npm run bench:sensitivity`.
 */
import { compare, loadScenario, type PolicyChoice } from 'adaptive-pool/sim';

import { benchFlags } from './policies-flags.js';
import { progressOf, writeJson } from './policies-output.js';
import { PERIODS_S, trySquare, type SquareOutcome } from './sensitivity-square.js';
import {
  isHard,
  isTooLate,
  sensitivityTable,
  squareTable,
  worstText,
  type Late,
} from './sensitivity-table.js';
import { variantsOf } from './sensitivity-variants.js';

const flags = benchFlags(process.argv.slice(2), {
  replications: 4,
  json: '.bench/sensitivity.json',
});
const { replications, seed, workers } = flags;
const [subject = 'littles-law'] = flags.policies;
const entries = flags.entries.filter(({ kind }) => kind === 'healthy');
const progress = progressOf(entries.length + PERIODS_S.length);

const late: Late[] = [];
for (const [index, { name }] of entries.entries()) {
  const scenario = loadScenario(name);
  const variants = variantsOf(subject, scenario);
  const choices: PolicyChoice[] = [subject, ...variants.map(({ policy }) => policy)];
  // A comparison needs two.
  if (choices.length < 2) choices.push('fixed');
  const onProgress = (part: number): void => progress.report(index, part, name);
  const { policies, bounds } = await compare(scenario, choices, {
    seed,
    replications,
    workers,
    onProgress,
  });
  for (const [place, variant] of [null, ...variants].entries()) {
    late.push({
      scenario: name,
      variant,
      violationRate: policies[place]?.figures.violationRate.mean ?? 0,
      unavoidable: bounds?.reactive.violationRate ?? null,
    });
  }
}
const square: SquareOutcome[] = [];
for (const [index, periodS] of PERIODS_S.entries()) {
  progress.report(entries.length + index, 0, `${periodS} s`);
  square.push(await trySquare(subject, periodS, { seed, replications, workers }));
}
progress.clear();

console.log(
  `Most late requests of \`${subject}\`, of what they may be, in any healthy scenario, ${replications} replications:\n`,
);
console.log(sensitivityTable(late.filter((one) => !isHard(one))));
const hard = late.filter(isHard);
if (hard.length > 0) {
  console.log(
    '\nWhere creates are so slow that even the reactive bound is near 3 %, at most 1.5 times it:\n',
  );
  console.log(sensitivityTable(hard));
}
const normal = worstText(late.filter(({ variant }) => variant === null));
console.log(`\nWith the defaults as they are: ${normal}.`);
console.log('\nA load that is on and off, for half of the period each (`suite-square`):\n');
console.log(squareTable(square));
writeJson(flags.json, { subject, seed, replications, late, square });
console.log(`\nFigures: ${flags.json}`);
const tooLate = late.filter(isTooLate);
console.log(tooLate.length === 0 ? 'pass' : 'FAIL: too many late requests in');
for (const { scenario, variant, violationRate } of tooLate) {
  const what = variant === null ? 'the defaults' : `${variant.option} × ${variant.factor}`;
  console.log(`  ${scenario} with ${what}: ${(100 * violationRate).toFixed(2)} %`);
}
if (tooLate.length > 0) process.exitCode = 1;
