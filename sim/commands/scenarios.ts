import { scenarioDescription, scenarioNames } from '../scenario-file.js';
import type { Command } from './command.js';

/** `adaptive-pool scenarios`. */
export const scenariosCommand: Command = {
  name: 'scenarios',
  summary: 'list the scenarios that come with the package',
  help: `adaptive-pool scenarios: list the scenarios that come with the package

  adaptive-pool scenarios
`,
  flags: {},
  run(): string {
    const names = scenarioNames();
    const width = Math.max(...names.map((name) => name.length));
    return names.map((name) => `${name.padEnd(width)}  ${scenarioDescription(name)}\n`).join('');
  },
};
