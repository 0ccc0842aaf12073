import { integerFrom, numberFrom, type FieldRule } from '../../src/control/fields.js';
import { SeriesRecorder } from '../analysis/time-series.js';
import { InputError, named } from '../input-error.js';
import { isPolicyName, POLICY_NAMES, USUAL_POLICIES } from '../policies.js';
import { Progress } from '../progress.js';
import { tuningTables } from '../report/html/tuning-tables.js';
import { tuningJson, tuningText } from '../report/tuning.js';
import { simulate } from '../simulate.js';
import { withCandidate } from '../tune/candidate.js';
import { parseObjective } from '../tune/objective.js';
import { tune, type Tuning } from '../tune/tune.js';
import { widthOf } from './command.js';
import type { Command, Io } from './command.js';
import type { Flags, FlagTable } from './flags.js';
import { checkHtmlFlag, HTML_FLAG, HTML_HELP, writeHtmlFlag } from './html-flag.js';
import type { HtmlContent } from './html-flag.js';
import { LOAD_FLAGS, LOAD_HELP, policiesOf, scenarioOf } from './load.js';
import { WORKERS_FLAG, WORKERS_HELP } from './workers.js';

const minimised: FieldRule = (value) =>
  value === 'cost' || value === 'connections' ? null : 'cost or connections';

const FLAGS: FlagTable = {
  ...LOAD_FLAGS,
  objective: { kind: 'text' },
  minimize: { kind: 'text', rule: minimised },
  'create-cost-s': { kind: 'number', rule: numberFrom(0, 1e6) },
  policy: { kind: 'text' },
  seed: { kind: 'number', rule: integerFrom(0, Number.MAX_SAFE_INTEGER) },
  workers: WORKERS_FLAG,
  json: { kind: 'switch' },
  ...HTML_FLAG,
};

/** `adaptive-pool tune`. */
export const tuneCommand: Command = {
  name: 'tune',
  summary: 'find the cheapest options that meet an objective',
  help: `adaptive-pool tune: find the cheapest options that meet an objective

  adaptive-pool tune --scenario step --objective 'wait p99 < 10ms and timeouts < 0.1%'

  --objective TEXT            what must hold: 'wait p99 < 10ms' (mean, p50, p95, p99, max), 'violations < 1%', 'timeouts < 0.1%'; several with "and"
  --minimize WHAT             cost (connection-seconds and creates) or connections (default cost)
  --create-cost-s X           what a create costs besides its time, in connection-seconds (default: 1,000 create times, 10 to 300 s)
  --policy A,B                policies to choose from (default ${USUAL_POLICIES.join(', ')}):
                              ${POLICY_NAMES.join(', ')}
  --seed N                    where all randomness comes from (default 1)
${WORKERS_HELP}
  --json                      instead of text
${HTML_HELP}
The scenario's max, or --max, is the most that any answer may use. Of a trace the search sees the busiest part; the answer must hold on the rest as well.

${LOAD_HELP}`,
  flags: FLAGS,
  async run(flags: Flags, io: Io): Promise<string> {
    const text = flags.text('objective');
    if (text === undefined)
      throw new InputError("--objective is needed, such as 'wait p99 < 10ms'");
    const objective = named('--objective', () => parseObjective(text));
    const asked = policiesOf(flags);
    const policies = asked.filter((name) => isPolicyName(name));
    if (policies.length < asked.length) {
      throw new InputError('--policy: a baseline is for comparison only and cannot be an answer');
    }
    const scenario = scenarioOf(flags);
    checkHtmlFlag(flags, scenario);
    const progress = new Progress(io, 1);
    try {
      const tuning = await tune(scenario, objective, {
        policies: policies.length > 0 ? policies : undefined,
        minimise: flags.text('minimize') === 'connections' ? 'connections' : 'cost',
        createCostSeconds: flags.number('create-cost-s'),
        seed: flags.number('seed'),
        workers: flags.number('workers'),
        onProgress: (part) => progress.report(0, part, 'tune'),
      });
      writeHtmlFlag(flags, FLAGS, () => contentOf(tuning));
      return flags.has('json') ? tuningJson(tuning) : tuningText(tuning, widthOf(io));
    } finally {
      progress.clear();
    }
  },
};

/** The picture is of one run of the whole load, under the answer or what came closest to one. */
function contentOf(tuning: Tuning): HtmlContent {
  const { seed, closest } = tuning;
  const { candidate } = closest;
  const scenario = withCandidate(tuning.scenario, candidate);
  const series = new SeriesRecorder(scenario.warmUpMs + scenario.durationMs);
  const result = simulate(scenario, candidate.policy, { seed, series });
  return {
    command: 'tune',
    title: `Options for ${scenario.name}`,
    scenario,
    seed,
    replications: 1,
    policies: [{ result, series: series.read() }],
    tables: tuningTables(tuning),
  };
}
