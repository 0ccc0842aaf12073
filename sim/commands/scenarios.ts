import { scenarioDescription, scenarioNames } from '../scenario-file.js';
import { fold } from '../report/fold.js';
import { widthOf } from './command.js';
import type { Command, Io } from './command.js';
import type { Flags, FlagTable } from './flags.js';
import { checkHtmlFlag, HTML_FLAG, TABLES_HELP, writeTablesFlag } from './html-flag.js';

/** Version of the JSON of `scenarios`; a new one when a field changes its meaning or goes away. */
const SCENARIOS_VERSION = 1;

const FLAGS: FlagTable = { json: { kind: 'switch' }, ...HTML_FLAG };

/** `adaptive-pool scenarios`. */
export const scenariosCommand: Command = {
  name: 'scenarios',
  summary: 'list the scenarios that come with the package',
  help: `adaptive-pool scenarios: list the scenarios that come with the package

  adaptive-pool scenarios
  adaptive-pool simulate --scenario spike

  --json                      instead of text
${TABLES_HELP}`,
  flags: FLAGS,
  run(flags: Flags, io: Io): string {
    checkHtmlFlag(flags);
    const scenarios = scenarioNames().map((name) => ({
      name,
      description: scenarioDescription(name),
    }));
    writeTablesFlag('scenarios', flags, FLAGS, () => ({
      title: 'Scenarios',
      description: 'The loads that come with the package, for simulate, compare and tune.',
      heading: 'All scenarios',
      tables: [
        {
          heading: 'By name',
          text: '',
          columns: ['Name', 'What happens'],
          rows: scenarios.map(({ name, description }) => [name, description]),
        },
      ],
    }));
    if (flags.has('json')) {
      return `${JSON.stringify({ version: SCENARIOS_VERSION, scenarios }, null, 2)}\n`;
    }
    const width = Math.max(...scenarios.map(({ name }) => name.length));
    const lines = scenarios.map(
      ({ name, description }) => `${name.padEnd(width)}  ${description}\n`,
    );
    return fold(lines.join(''), widthOf(io));
  },
};
