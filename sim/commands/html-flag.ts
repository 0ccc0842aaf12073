import { packageVersion } from '../../src/telemetry/package-version.js';
import { InputError, named, quote } from '../input-error.js';
import { formatDistribution } from '../kernel/distributions.js';
import type { Distribution } from '../kernel/distributions.js';
import { toHtml } from '../report/html/page.js';
import type { HtmlPolicy, HtmlReport, HtmlTable } from '../report/html/report.js';
import { toTablesHtml } from '../report/html/tables-page.js';
import type { TablesPage } from '../report/html/tables-page.js';
import { isSameFile } from '../report/same-file.js';
import { checkWritable, writeWhole } from '../report/write-file.js';
import type { Scenario } from '../scenario.js';
import type { Flags, FlagTable } from './flags.js';

/** The flag by which a command writes an HTML report too. */
export const HTML_FLAG: FlagTable = { html: { kind: 'text' } };

/** The part of a command's help that explains `HTML_FLAG`. */
export const HTML_HELP = `  --html FILE                 write a page with pictures over time as well: one file, no network
`;

/** The same of a command that simulates nothing. */
export const TABLES_HELP = `  --html FILE                 write a page as well: one file, no network
`;

/** Flags that choose what goes to standard output, or how long it takes: two pages must not differ by them. */
const NOT_ON_PAGE: ReadonlySet<string> = new Set(['json', 'csv', 'workers']);

/** What a command shows on its page. */
export interface HtmlContent {
  /** Name of the command. */
  readonly command: string;
  /** What was done, such as `Simulation of spike`. */
  readonly title: string;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly replications: number;
  readonly policies: readonly HtmlPolicy[];
  /** Tables of the command's own. */
  readonly tables?: readonly HtmlTable[] | undefined;
  /** Flags whose default depends on the scenario, with the value they had. */
  readonly resolved?: Readonly<Record<string, string>> | undefined;
}

/**
 * Makes sure, before anything runs, that the file of `--html` can be written.
 *
 * @param scenario What the command runs; the trace that it names is not to be written over.
 * @throws {@link InputError} that names the flag
 */
export function checkHtmlFlag(flags: Flags, scenario?: Pick<Scenario, 'traceFile'>): void {
  const file = flags.text('html');
  if (file === undefined) return;
  const inputs = [...flags.words, flags.text('trace'), flags.text('scenario'), scenario?.traceFile];
  if (inputs.some((input) => input !== undefined && isSameFile(input, file))) {
    throw new InputError(`--html ${quote(file)} is what the command reads; name another file`);
  }
  named('--html', () => checkWritable(file));
}

/**
 * Writes the page of `--html`, if it was asked for.
 *
 * @param table All flags of the command.
 * @throws {@link InputError} that names the flag
 */
export function writeHtmlFlag(flags: Flags, table: FlagTable, content: () => HtmlContent): void {
  const file = flags.text('html');
  if (file === undefined) return;
  const page = toHtml(reportOf(content(), flags, table));
  named('--html', () => writeWhole(file, page));
}

/**
 * Writes the page of `--html` of a command that simulates nothing, if it was asked for.
 *
 * @param table All flags of the command.
 * @throws {@link InputError} that names the flag
 */
export function writeTablesFlag(
  command: string,
  flags: Flags,
  table: FlagTable,
  content: () => Pick<TablesPage, 'title' | 'description' | 'heading' | 'tables'>,
): void {
  const file = flags.text('html');
  if (file === undefined) return;
  const line = commandLine(command, flags, table, { html: 'report.html' });
  const page = toTablesHtml({ ...content(), command: line, versions: versions() });
  named('--html', () => writeWhole(file, page));
}

function versions(): string {
  return `adaptive-pool ${packageVersion()}, Node ${process.version}`;
}

function reportOf(content: HtmlContent, flags: Flags, table: FlagTable): HtmlReport {
  const { title, scenario, seed, replications, policies, tables = [] } = content;
  const given = { ...content.resolved, seed: String(seed), html: 'report.html' };
  return {
    title,
    description: scenario.description,
    waitObjectiveMs: scenario.waitObjectiveMs,
    warmUpMs: scenario.warmUpMs,
    seed,
    replications,
    policies,
    tables,
    options: [
      ['policies', policies.map(({ result }) => result.policy).join(', ')],
      ['seed', String(seed)],
      ['replications', String(replications)],
      ...scenarioOptions(scenario),
    ],
    command: commandLine(content.command, flags, table, given),
    versions: versions(),
  };
}

/**
 * The command line that does the same again.
 *
 * @param given Values that go before those of the flags: the file's name must not make two pages differ.
 */
function commandLine(
  command: string,
  flags: Flags,
  table: FlagTable,
  given: Readonly<Record<string, string>>,
): string {
  const words = [command, ...flags.words.map((word) => shellWord(word))];
  for (const [name, flag] of Object.entries(table)) {
    if (NOT_ON_PAGE.has(name)) continue;
    const value = given[name] ?? flags.text(name);
    if (value === undefined) continue;
    words.push(`--${name}`);
    if (flag.kind !== 'switch') words.push(shellWord(value));
  }
  return `npx adaptive-pool ${words.join(' ')}`;
}

/** The text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Every field of the scenario that says how it runs, by the name it has in a scenario file. */
function scenarioOptions(scenario: Scenario): [name: string, value: string][] {
  const {
    name: _name,
    description: _description,
    policies: _policies,
    // Where it lies must not make two pages differ.
    traceFile: _traceFile,
    ...rest
  } = scenario;
  return Object.entries(rest).map(([field, value]) => [field, valueText(value)]);
}

function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('kind' in value && 'meanMs' in value) return formatDistribution(value as Distribution);
  const entries = Array.isArray(value) ? value : null;
  if (ArrayBuffer.isView(value) || (entries !== null && typeof entries[0] === 'number')) {
    return `${(value as { readonly length?: number }).length} values`;
  }
  if (entries !== null) return entries.map((one) => valueText(one)).join('; ');
  const { kind, ...fields } = value as Readonly<Record<string, unknown>>;
  const parts = Object.entries(fields).map(([field, one]) => `${field} ${valueText(one)}`);
  return (kind === undefined ? parts : [valueText(kind), ...parts]).join(', ');
}
