import { packageVersion } from '../src/telemetry/package-version.js';
import { calibrateCommand } from './commands/calibrate.js';
import type { Command, Io } from './commands/command.js';
import { widthOf } from './commands/command.js';
import { compareCommand } from './commands/compare.js';
import { parseFlags } from './commands/flags.js';
import { oracleCommand } from './commands/oracle.js';
import { replayCommand } from './commands/replay.js';
import { scenariosCommand } from './commands/scenarios.js';
import { simulateCommand } from './commands/simulate.js';
import { tuneCommand } from './commands/tune.js';
import { InputError, quote } from './input-error.js';
import { fold } from './report/fold.js';

const COMMANDS: readonly Command[] = [
  simulateCommand,
  compareCommand,
  tuneCommand,
  replayCommand,
  calibrateCommand,
  oracleCommand,
  scenariosCommand,
];

/** Status when everything went well. */
const OK = 0;
/** Status when the command line or a file is wrong. */
const BAD_INPUT = 2;

/**
 * The command `adaptive-pool`.
 *
 * @param argv The arguments, without the node binary and the script.
 * @returns The exit status: 0, 1 when a replay differs, or 2 when a flag or a file is wrong; then stderr has one line and stdout nothing.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const outcome = await run(argv, io);
    const { output, status } =
      typeof outcome === 'string' ? { output: outcome, status: OK } : outcome;
    io.stdout.write(output);
    return status;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    io.stderr.write(`adaptive-pool: ${error.message}\n`);
    return BAD_INPUT;
  }
}

function run(argv: readonly string[], io: Io): ReturnType<Command['run']> {
  const [name, ...rest] = argv;
  if (name === '--help' || name === 'help') return help(overview(), io);
  if (name === '--version') return `${packageVersion()}\n`;
  if (name === undefined) throw new InputError('no command; see adaptive-pool --help');
  const command = COMMANDS.find((known) => known.name === name);
  if (command === undefined) {
    const known = COMMANDS.map((one) => one.name).join(', ');
    const what = name.startsWith('-') ? 'flag' : 'command';
    throw new InputError(`${quote(name)} is not a ${what}; commands: ${known}`);
  }
  const flags = parseFlags(name, command.flags, rest);
  if (flags.has('help')) return help(command.help, io);
  const extra = flags.words[command.mostArguments ?? 0];
  if (extra !== undefined) throw new InputError(`${quote(extra)} is one argument too many`);
  return command.run(flags, io);
}

/** Lines that are neither cut up nor longer than an eye likes to follow. */
function help(text: string, io: Io): string {
  return fold(text, Math.max(60, Math.min(widthOf(io), 100)));
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `adaptive-pool: try sizing policies offline, on the pool's own engine and controller

${lines.join('\n')}

adaptive-pool COMMAND --help explains one; --version prints the version.
`;
}
