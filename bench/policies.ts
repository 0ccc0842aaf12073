/**
 * The arena of sizing rules: the default policy among the others and all baselines, in every scenario of the suite, with
 * what nobody can beat beside it. Ends with status 1 when a rule does not hold: `npm run bench:policies`.
 */
import { benchFlags } from './policies-flags.js';
import { markdownOf } from './policies-markdown.js';
import { progressOf, writeJson } from './policies-output.js';
import { printSummary, printTrial } from './policies-report.js';
import { tryPolicies, type Trial } from './policies-trial.js';

const flags = benchFlags(process.argv.slice(2), { replications: 8, json: '.bench/policies.json' });
const { entries, policies, replications, seed, workers } = flags;
const [subject] = policies;

console.log(
  `Node ${process.version}; ${replications} replications, seed ${seed}, ± are 95 % intervals; ${subject} is judged.`,
);
console.log(
  'late: waited longer than the objective; J/OPT: connection-seconds and creates over those of',
);
console.log('someone who knows the future and lets nobody wait (below 1 only where callers wait).');

const trials: Trial[] = [];
const progress = progressOf(entries.length);
for (const [index, entry] of entries.entries()) {
  const onProgress = (part: number): void => progress.report(index, part, entry.name);
  const trial = await tryPolicies(entry, { policies, seed, replications, workers, onProgress });
  progress.clear();
  trials.push(trial);
  printTrial(trial);
}
printSummary(trials);
console.log(`\n${markdownOf(trials)}\n`);
writeJson(flags.json, {
  seed,
  replications,
  subject,
  trials: trials.map(({ entry, comparison, caps, watched, judgements }) => {
    // The scenario stands in its own file, a trace would fill megabytes.
    const { scenario: _scenario, ...figures } = comparison;
    return { ...entry, ...figures, caps, watched, judgements };
  }),
});
console.log(`  figures: ${flags.json}`);
if (trials.some(({ judgements }) => judgements.some(({ isPassed }) => !isPassed))) {
  process.exitCode = 1;
}
