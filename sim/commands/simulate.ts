import { integerFrom } from '../../src/control/fields.js';
import { SeriesRecorder } from '../analysis/time-series.js';
import { InputError } from '../input-error.js';
import { isPolicyName, POLICY_NAMES, type PolicyName } from '../policies.js';
import { Progress } from '../progress.js';
import { toCsv } from '../report/csv.js';
import { toJson } from '../report/json.js';
import { toTable } from '../report/table.js';
import type { HtmlPolicy } from '../report/html/report.js';
import type { Scenario } from '../scenario.js';
import { MAX_REPLICATIONS, simulate } from '../simulate.js';
import type { Command, Io } from './command.js';
import type { Flags, FlagTable } from './flags.js';
import { checkHtmlFlag, HTML_FLAG, HTML_HELP, writeHtmlFlag } from './html-flag.js';
import { LOAD_FLAGS, LOAD_HELP, policiesOf, scenarioOf } from './load.js';

const FLAGS: FlagTable = {
  ...LOAD_FLAGS,
  policy: { kind: 'text' },
  seed: { kind: 'number', rule: integerFrom(0, Number.MAX_SAFE_INTEGER) },
  replications: { kind: 'number', rule: integerFrom(1, MAX_REPLICATIONS) },
  json: { kind: 'switch' },
  csv: { kind: 'switch' },
  ...HTML_FLAG,
};

/** `adaptive-pool simulate`. */
export const simulateCommand: Command = {
  name: 'simulate',
  summary: 'run a load under one or more policies and print what came of it',
  help: `adaptive-pool simulate: run a load under one or more policies and print what came of it

  adaptive-pool simulate --scenario step --policy fixed,step,littles-law --seed 1

  --policy A,B,C              policies to run (default: those of the scenario, else all):
                              ${POLICY_NAMES.join(', ')}
  --seed N                    where all randomness comes from (default 1)
  --replications N            independent runs, pooled (default 1)
  --json, --csv               instead of a table
${HTML_HELP}
${LOAD_HELP}`,
  flags: FLAGS,
  run(flags: Flags, io: Io): string {
    if (flags.has('json') && flags.has('csv')) {
      throw new InputError('--json and --csv exclude each other');
    }
    const asked = policiesOf(flags);
    const scenario = scenarioOf(flags);
    const policies = asked.length > 0 ? asked : policiesFor(scenario);
    checkHtmlFlag(flags);
    const seed = flags.number('seed') ?? 1;
    const replications = flags.number('replications') ?? 1;
    const progress = new Progress(io, policies.length);
    const runs: HtmlPolicy[] = [];
    for (const [index, policy] of policies.entries()) {
      const onProgress = (part: number): void => progress.report(index, part, policy);
      const series = flags.has('html')
        ? new SeriesRecorder(scenario.warmUpMs + scenario.durationMs)
        : undefined;
      const result = simulate(scenario, policy, { seed, replications, onProgress, series });
      runs.push({ result, series: series?.read() ?? null });
    }
    progress.clear();
    writeHtmlFlag(flags, FLAGS, () => ({
      command: 'simulate',
      title: `Simulation of ${scenario.name}`,
      scenario,
      seed,
      replications,
      policies: runs,
      resolved: { policy: policies.join(',') },
    }));
    const write = flags.has('json') ? toJson : flags.has('csv') ? toCsv : toTable;
    const results = runs.map(({ result }) => result);
    return write({ scenario, seed, replications, results });
  },
};

function policiesFor(scenario: Scenario): readonly PolicyName[] {
  const known = scenario.policies.filter((name) => isPolicyName(name));
  return known.length > 0 ? known : POLICY_NAMES;
}
