import { integerFrom, numberFrom } from '../../src/control/fields.js';
import { InputError, named, quote } from '../input-error.js';
import { fold } from '../report/fold.js';
import type { HtmlTable } from '../report/html/report.js';
import { sentences } from '../report/html/sentences.js';
import { rounded } from '../report/json.js';
import { alignedRows, short } from '../report/table.js';
import {
  erlangAnswer,
  fewestConnections,
  MOST_CONNECTIONS,
  type ErlangAnswer,
  type Load,
} from '../tune/erlang-answer.js';
import { formatGoal, parseObjective, type Objective } from '../tune/objective.js';
import { widthOf } from './command.js';
import type { Command, Io } from './command.js';
import type { Flags, FlagTable } from './flags.js';
import { checkHtmlFlag, HTML_FLAG, TABLES_HELP, writeTablesFlag } from './html-flag.js';

/** Version of the JSON of `oracle`; a new one when a field changes its meaning or goes away. */
const ORACLE_VERSION = 1;
const PER_SECOND: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3_600 };
const MOST_RATE = 1e9;

const FLAGS: FlagTable = {
  rate: { kind: 'text' },
  'use-ms': { kind: 'number', rule: numberFrom(0.001, 86_400_000) },
  objective: { kind: 'text' },
  connections: { kind: 'number', rule: integerFrom(1, MOST_CONNECTIONS) },
  json: { kind: 'switch' },
  ...HTML_FLAG,
};

/** `adaptive-pool oracle`. */
export const oracleCommand: Command = {
  name: 'oracle',
  summary: 'say at once how many connections a steady load needs (Erlang C)',
  help: `adaptive-pool oracle: say at once how many connections a steady load needs (Erlang C)

  adaptive-pool oracle --rate 500/s --use-ms 4 --objective 'wait p99 < 10ms'
  adaptive-pool oracle --rate 500/s --use-ms 4 --connections 3

  --rate N[/s|/min|/h]        mean arrivals
  --use-ms X                  mean time a caller holds a connection
  --objective TEXT            find the fewest connections: 'wait p99 < 10ms', 'wait mean < 1ms', also p50 and p95; several with "and"
  --connections N             what to expect with this many
  --json                      instead of text
${TABLES_HELP}
The formulas are those of M/M/c: arrivals independent of each other at a constant rate, exponential use times, every connection open. Bursts, ramps and opening connections make waits longer: adaptive-pool tune simulates those.
`,
  flags: FLAGS,
  run(flags: Flags, io: Io): string {
    const load = loadOf(flags);
    checkHtmlFlag(flags);
    const connections = flags.number('connections');
    const text = flags.text('objective');
    if ((connections === undefined) === (text === undefined)) {
      throw new InputError('--objective or --connections is needed, one of them');
    }
    if (connections !== undefined)
      return write(flags, io, load, null, [erlangAnswer(load, connections)]);
    const objective = named('--objective', () => parseObjective(text ?? ''));
    const answer = named('--objective', () => fewestConnections(load, objective));
    if (answer === null) {
      throw new InputError(`more than ${MOST_CONNECTIONS} connections would be needed`);
    }
    const fewer = answer.connections > 1 ? [erlangAnswer(load, answer.connections - 1)] : [];
    const more = erlangAnswer(load, answer.connections + 1);
    return write(flags, io, load, objective, [answer, ...fewer, more]);
  },
};

function loadOf(flags: Flags): Load {
  const rate = flags.text('rate');
  const useMs = flags.number('use-ms');
  if (rate === undefined || useMs === undefined) {
    throw new InputError('--rate and --use-ms are needed');
  }
  const match = /^(\d+(?:_\d{3})*(?:\.\d+)?)(?:\/(s|min|h))?$/.exec(rate);
  const perSecond = Number(match?.[1]?.replaceAll('_', '')) / (PER_SECOND[match?.[2] ?? 's'] ?? 1);
  if (!(perSecond > 0 && perSecond <= MOST_RATE)) {
    throw new InputError(`--rate must be 500/s, 500/min or 500/h, above 0, got ${quote(rate)}`);
  }
  const load = { ratePerSecond: perSecond, useMs };
  if ((perSecond * useMs) / 1_000 >= MOST_CONNECTIONS) {
    throw new InputError(`more than ${MOST_CONNECTIONS} connections would be needed`);
  }
  return load;
}

/** @param answers The answer first, then its neighbours. */
function write(
  flags: Flags,
  io: Io,
  load: Load,
  objective: Objective | null,
  answers: readonly ErlangAnswer[],
): string {
  writeTablesFlag('oracle', flags, FLAGS, () => ({
    title: titleOf(objective, answers),
    description: sentences([loadText(load)]),
    heading: 'Answer',
    tables: [tableOf(objective, answers)],
  }));
  return flags.has('json')
    ? toJson(load, objective, answers)
    : toText(load, objective, answers, widthOf(io));
}

/** Waits that grow without bound are null in JSON, which has no Infinity. */
function toJson(load: Load, objective: Objective | null, answers: readonly ErlangAnswer[]): string {
  const [answer, ...neighbours] = answers.map((one) =>
    Object.fromEntries(
      Object.entries(one).map(([name, value]) => [name, jsonNumber(value as number)]),
    ),
  );
  const output = {
    version: ORACLE_VERSION,
    ratePerSecond: rounded(load.ratePerSecond),
    useMs: load.useMs,
    offeredLoad: rounded((load.ratePerSecond * load.useMs) / 1_000),
    objective: objective?.map((goal) => formatGoal(goal)) ?? null,
    answer,
    neighbours,
  };
  return `${JSON.stringify(output, null, 2)}\n`;
}

function jsonNumber(value: number): number | null {
  return value === Number.POSITIVE_INFINITY ? null : rounded(value);
}

function toText(
  load: Load,
  objective: Objective | null,
  answers: readonly ErlangAnswer[],
  width: number,
): string {
  const [head, ...columns] = COLUMNS;
  const lines = [
    `${titleOf(objective, answers)}: ${loadText(load)}`,
    '',
    ...alignedRows([[head.toLowerCase(), ...columns], ...rowsOf(objective, answers)], width),
    '',
    `M/M/c: ${ASSUMPTIONS}`,
  ];
  return fold(`${lines.join('\n')}\n`, width);
}

const COLUMNS = [
  'Connections',
  'in use %',
  'wait at all %',
  'wait mean',
  'p50',
  'p95',
  'p99 ms',
] as const;

const ASSUMPTIONS =
  'steady independent callers, exponential use times, every connection open; bursts wait longer (see tune)';

function tableOf(objective: Objective | null, answers: readonly ErlangAnswer[]): HtmlTable {
  const mark = objective === null ? '' : ' The answer is marked with <.';
  return {
    heading: 'M/M/c',
    text: `${sentences([ASSUMPTIONS])}${mark}`,
    columns: COLUMNS,
    rows: rowsOf(objective, answers),
  };
}

function titleOf(objective: Objective | null, [answer]: readonly ErlangAnswer[]): string {
  const goals = objective?.map((goal) => formatGoal(goal)).join(' and ');
  const wanted = goals === undefined ? '' : ` for ${goals}`;
  return `${answer?.connections} ${answer?.connections === 1 ? 'connection' : 'connections'}${wanted}`;
}

function loadText({ ratePerSecond, useMs }: Load): string {
  const offered = (ratePerSecond * useMs) / 1_000;
  return `${short(ratePerSecond)} callers per second, ${short(useMs)} ms each, keep ${short(offered)} busy on average`;
}

/** One row per number of connections, in their order. */
function rowsOf(objective: Objective | null, answers: readonly ErlangAnswer[]): string[][] {
  const [answer] = answers;
  return answers
    .toSorted((a, b) => a.connections - b.connections)
    .map((one) => [
      `${one.connections}${objective !== null && one === answer ? ' <' : ''}`,
      (100 * one.utilisation).toFixed(1),
      (100 * one.waitProbability).toFixed(2),
      ...[one.waitMeanMs, one.waitP50Ms, one.waitP95Ms, one.waitP99Ms].map((wait) =>
        wait === Number.POSITIVE_INFINITY ? 'grows' : short(wait),
      ),
    ]);
}
