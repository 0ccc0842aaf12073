import { integerFrom, numberFrom } from '../../src/control/fields.js';
import { compareRuns, DEFAULT_REPLICATIONS } from '../compare.js';
import { InputError } from '../input-error.js';
import { BASELINE_LINES, POLICY_NAMES } from '../policies.js';
import { Progress } from '../progress.js';
import { comparisonJson, comparisonTable } from '../report/comparison.js';
import { comparisonTables } from '../report/html/comparison-tables.js';
import { MAX_REPLICATIONS } from '../simulate.js';
import { widthOf } from './command.js';
import type { Command, Io } from './command.js';
import type { Flags, FlagTable } from './flags.js';
import { checkHtmlFlag, HTML_FLAG, HTML_HELP, writeHtmlFlag } from './html-flag.js';
import { LOAD_FLAGS, LOAD_HELP, policiesOf, scenarioOf } from './load.js';
import { WORKERS_FLAG, WORKERS_HELP } from './workers.js';

const FLAGS: FlagTable = {
  ...LOAD_FLAGS,
  policy: { kind: 'text' },
  seed: { kind: 'number', rule: integerFrom(0, Number.MAX_SAFE_INTEGER) },
  replications: { kind: 'number', rule: integerFrom(2, MAX_REPLICATIONS) },
  'create-cost-s': { kind: 'number', rule: numberFrom(0, 1e6) },
  'allowed-violations': { kind: 'number', rule: numberFrom(0, 1) },
  workers: WORKERS_FLAG,
  json: { kind: 'switch' },
  ...HTML_FLAG,
};

/** `adaptive-pool compare`. */
export const compareCommand: Command = {
  name: 'compare',
  summary: 'put policies side by side, with intervals and with bounds that nobody can beat',
  help: `adaptive-pool compare: put policies side by side, with intervals and with bounds that nobody can beat

  adaptive-pool compare --scenario step --policy adaptive,step,baseline:hikaricp --seed 1

  --policy A,B[,C]            two policies or more; the others are compared with the first:
                              ${POLICY_NAMES.join(', ')};
${BASELINE_LINES}
  --seed N                    where all randomness comes from (default 1)
  --replications N            runs of each policy, the same load for all (default ${DEFAULT_REPLICATIONS}, at least 2)
  --create-cost-s X           what a create costs besides its time, in connection-seconds (default: 1,000 create times, 10 to 300 s)
  --allowed-violations X      part of requests that the best fixed size may serve late (default 0.01)
${WORKERS_HELP}
  --json                      instead of a table
${HTML_HELP}
${LOAD_HELP}`,
  flags: FLAGS,
  async run(flags: Flags, io: Io): Promise<string> {
    const policies = policiesOf(flags);
    if (policies.length < 2) throw new InputError('--policy needs two policies or more: A,B[,C]');
    const scenario = scenarioOf(flags);
    checkHtmlFlag(flags, scenario);
    const progress = new Progress(io, 1);
    try {
      const options = {
        seed: flags.number('seed'),
        replications: flags.number('replications'),
        workers: flags.number('workers'),
        createCostSeconds: flags.number('create-cost-s'),
        allowedViolations: flags.number('allowed-violations'),
        onProgress: (part: number): void => progress.report(0, part, 'compare'),
      };
      const isDetailed = flags.has('html');
      const { comparison, runs } = await compareRuns(scenario, policies, options, isDetailed);
      writeHtmlFlag(flags, FLAGS, () => ({
        command: 'compare',
        title: `Comparison in ${scenario.name}`,
        scenario,
        seed: comparison.seed,
        replications: comparison.replications,
        policies: runs,
        tables: comparisonTables(comparison),
      }));
      return flags.has('json')
        ? comparisonJson(comparison)
        : comparisonTable(comparison, widthOf(io));
    } finally {
      progress.clear();
    }
  },
};
