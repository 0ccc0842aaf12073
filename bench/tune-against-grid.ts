/**
 * What `tune` finds on the slice of a trace that its scenario pins, beside the best that a fine grid finds on what follows
 * the slice, which `tune` never sees: `npm run bench:tune [SCENARIO…]`.
 */
import { withTaskRunner } from '../sim/parallel/run-tasks.js';
import { USUAL_POLICIES } from '../sim/policies.js';
import { policyText } from '../sim/report/tuning.js';
import { loadScenario } from '../sim/scenario-file.js';
import type { Candidate } from '../sim/tune/candidate.js';
import { worstRatio } from '../sim/tune/evaluation.js';
import { formatGoal, formatLevel, parseObjective } from '../sim/tune/objective.js';
import { restOf } from '../sim/tune/stretch.js';
import { tune } from '../sim/tune/tune.js';
import { printTable } from './report.js';
import { bestOfGrid, GRID, REPLICATIONS, sizesUpTo } from './tuning-grid.js';

/** What is asked for in each trace: half a use or less for nearly all of them. */
const OBJECTIVES: Readonly<Record<string, string>> = {
  'azure-llm-code': 'wait p95 < 20ms',
  mooncake: 'wait p95 < 20ms',
  'nasa-http': 'wait p95 < 10ms',
  'nyc-taxi': 'wait p95 < 10ms',
  'twitter-aapl': 'wait p95 < 10ms',
  worldcup98: 'wait p95 < 10ms',
};

const COLUMNS = [
  'trace',
  'objective',
  'answer',
  'held out',
  'met',
  'cost',
  'grid',
  'ratio',
  'best of the grid',
  'tune s',
  'of processor',
];

console.log(`Node ${process.version}. Each trace: tune on the slice of its scenario; then its answer and a grid on what follows,
up to as long again; cost is that of tune, means of ${REPLICATIONS} replications.
The grid: ${USUAL_POLICIES.join(', ')}; ${Object.entries(GRID)
  .map(([option, values]) => `${option} ${values.join(', ')}`)
  .join('; ')};
min each of ${sizesUpTo(64).join(' ')}; max the least of these that does.
`);
const asked = process.argv.slice(2);
const rows: string[][] = [];
for (const name of asked.length > 0 ? asked : Object.keys(OBJECTIVES)) {
  rows.push(await measure(name, OBJECTIVES[name] ?? 'wait p95 < 10ms'));
  console.error(rows.at(-1)?.join(' | '));
}
printTable(COLUMNS, rows);

async function measure(name: string, text: string): Promise<string[]> {
  const scenario = loadScenario(name);
  const objective = parseObjective(text);
  const startMs = performance.now();
  const before = process.cpuUsage();
  const { answer, createCostSeconds, waitObjectiveMs } = await tune(scenario, objective);
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(before);
  const times = [seconds.toFixed(1), ((user + system) / 1e6).toFixed(1)];
  const goals = objective.map((goal) => formatGoal(goal)).join(' and ');
  return withTaskRunner(undefined, async (run) => {
    const heldOut = { ...restOf(scenario), waitObjectiveMs };
    const grid = await bestOfGrid({ run, scenario: heldOut, objective, createCostSeconds });
    const best = grid.best === null ? 'none' : setupText(grid.best.candidate);
    const least = grid.best?.cost ?? Number.NaN;
    if (answer === null) {
      return [name, goals, 'none', '', 'NO', '', least.toFixed(0), '', best, ...times];
    }
    const own = await grid.evaluate(answer.candidate);
    return [
      name,
      goals,
      setupText(answer.candidate),
      own.outcomes.map(({ goal, level }) => formatLevel(goal.metric, level)).join(', '),
      worstRatio(own) < 1 ? 'yes' : 'NO',
      own.cost.toFixed(0),
      least.toFixed(0),
      (own.cost / least).toFixed(2),
      best,
      ...times,
    ];
  });
}

function setupText({ min, max, policy }: Candidate): string {
  return `${min}..${max} ${policyText(policy)}`;
}
