import { availableParallelism } from 'node:os';
import { integerFrom } from '../../src/control/fields.js';
import { SeriesRecorder } from '../analysis/time-series.js';
import { InputError } from '../input-error.js';
import {
  BASELINE_LINES,
  isChoiceName,
  POLICY_NAMES,
  USUAL_POLICIES,
  policyOf,
  type ChoiceName,
} from '../policies.js';
import { Progress } from '../progress.js';
import { toCsv } from '../report/csv.js';
import { toJson } from '../report/json.js';
import { toTable } from '../report/table.js';
import { simulateBatch } from '../parallel/pooled-runs.js';
import type { Batch, PooledRun } from '../parallel/pooled-runs.js';
import type { Scenario } from '../scenario.js';
import { MAX_REPLICATIONS, simulate } from '../simulate.js';
import { widthOf } from './command.js';
import type { Command, Io } from './command.js';
import type { Flags, FlagTable } from './flags.js';
import { checkHtmlFlag, HTML_FLAG, HTML_HELP, writeHtmlFlag } from './html-flag.js';
import { LOAD_FLAGS, LOAD_HELP, policiesOf, scenarioOf } from './load.js';
import { WORKERS_FLAG } from './workers.js';

const FLAGS: FlagTable = {
  ...LOAD_FLAGS,
  policy: { kind: 'text' },
  seed: { kind: 'number', rule: integerFrom(0, Number.MAX_SAFE_INTEGER) },
  replications: { kind: 'number', rule: integerFrom(1, MAX_REPLICATIONS) },
  workers: WORKERS_FLAG,
  json: { kind: 'switch' },
  csv: { kind: 'switch' },
  ...HTML_FLAG,
};

/** `adaptive-pool simulate`. */
export const simulateCommand: Command = {
  name: 'simulate',
  summary: 'run a load under one or more policies and print what came of it',
  help: `adaptive-pool simulate: run a load under one or more policies and print what came of it

  adaptive-pool simulate --scenario step --policy fixed,step,adaptive --seed 1

  --policy A,B,C              policies to run (default: those of the scenario, else ${USUAL_POLICIES.join(', ')}):
                              ${POLICY_NAMES.join(', ')};
${BASELINE_LINES}
  --seed N                    where all randomness comes from (default 1)
  --replications N            independent runs, pooled (default 1)
  --workers N                 threads for the replications (default: the cores, at most one per replication); the results do not depend on it
  --json, --csv               instead of a table
${HTML_HELP}
${LOAD_HELP}`,
  flags: FLAGS,
  async run(flags: Flags, io: Io): Promise<string> {
    if (flags.has('json') && flags.has('csv')) {
      throw new InputError('--json and --csv exclude each other');
    }
    const asked = policiesOf(flags);
    const scenario = scenarioOf(flags);
    const policies = asked.length > 0 ? asked : policiesFor(scenario);
    checkHtmlFlag(flags, scenario);
    const seed = flags.number('seed') ?? 1;
    const replications = flags.number('replications') ?? 1;
    const batch = { scenario, policies, seed, replications };
    const workers = Math.min(flags.number('workers') ?? availableParallelism(), replications);
    const runs =
      workers === 1
        ? simulateHere(batch, flags.has('html'), io)
        : await simulateOnThreads(batch, workers, flags.has('html'), io);
    writeHtmlFlag(flags, FLAGS, () => ({
      command: 'simulate',
      title: `Simulation of ${scenario.name}`,
      scenario,
      seed,
      replications,
      policies: runs,
      resolved: { policy: policies.join(',') },
    }));
    const results = runs.map(({ result }) => result);
    const report = { scenario, seed, replications, results };
    if (flags.has('json')) return toJson(report);
    return flags.has('csv') ? toCsv(report) : toTable(report, widthOf(io));
  },
};

interface NamedBatch extends Batch {
  readonly policies: readonly ChoiceName[];
}

/** Shows its progress within a replication too. */
function simulateHere(batch: NamedBatch, hasSeries: boolean, io: Io): PooledRun[] {
  const { scenario, policies, seed, replications } = batch;
  const progress = new Progress(io, policies.length);
  const runs = policies.map((policy, index) => {
    const onProgress = (part: number): void => progress.report(index, part, policy);
    const series = hasSeries
      ? new SeriesRecorder(scenario.warmUpMs + scenario.durationMs)
      : undefined;
    const options = { seed, replications, onProgress, series };
    const result = simulate(scenario, policyOf(policy), options);
    return { result, series: series?.read() ?? null };
  });
  progress.clear();
  return runs;
}

async function simulateOnThreads(
  batch: NamedBatch,
  workers: number,
  hasSeries: boolean,
  io: Io,
): Promise<PooledRun[]> {
  const progress = new Progress(io, 1);
  try {
    return await simulateBatch(batch, workers, hasSeries, (part) =>
      progress.report(0, part, 'simulate'),
    );
  } finally {
    progress.clear();
  }
}

function policiesFor(scenario: Scenario): readonly ChoiceName[] {
  const known = scenario.policies.filter((name) => isChoiceName(name));
  return known.length > 0 ? known : USUAL_POLICIES;
}
