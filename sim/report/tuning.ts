import { DEFAULTS } from '../../src/autoscaler/defaults.js';
import { printable } from '../input-error.js';
import type { Candidate } from '../tune/candidate.js';
import { withheldReason, worstRatio, type Evaluation, type Outcome } from '../tune/evaluation.js';
import { formatGoal, formatLevel, isPercentile, type Objective } from '../tune/objective.js';
import type { TunedSetup, Tuning } from '../tune/tune.js';
import { fold } from './fold.js';
import { rounded } from './json.js';
import { alignedRows, short } from './table.js';

/** Version of the JSON of `tune`; a new one when a field changes its meaning or goes away. */
const TUNING_VERSION = 1;

/** Options that a scenario may set and tuning leaves as they are. */
const SCENARIO_OPTIONS = ['maxPending', 'createTimeoutMs', 'createConcurrency', 'tickMs'] as const;

/** What tuning found, as a person reads it: options to paste first, then how sure they are. */
export function tuningText(tuning: Tuning, width: number): string {
  const { scenario, objective, answer, closest } = tuning;
  const goals = objective.map((goal) => formatGoal(goal)).join(' and ');
  const title = `${printable(scenario.name)}: ${goals}, with at most ${scenario.max} connections`;
  const start = startText(tuning);
  if (answer === null) {
    const lines = [
      title,
      `nothing found that meets the objective; closest: ${setupText(closest.candidate)}, ${levelsText(closest)}`,
      start,
      adviceText(tuning),
    ];
    return fold(`${lines.join('\n')}\n`, width);
  }
  const lines = [
    title,
    '',
    'new AdaptivePool({',
    '  factory,',
    ...optionEntries(tuning, answer.candidate).map(([name, value]) => `  ${name}: ${value},`),
    '});',
    '',
    ...alignedRows(resultRows(tuning, answer), width),
    '',
    ...certaintyLines(answer),
    start,
  ];
  return fold(`${lines.join('\n')}\n`, width);
}

/** Where the search began. */
export function startText({ erlang, runs }: Tuning): string {
  return `Erlang C says ${erlang.mean} for the mean rate, ${erlang.peak} for the busiest second; ${runs} simulations`;
}

/** How much room the answer leaves, one statement each. */
export function certaintyLines(answer: TunedSetup): string[] {
  return [
    `closest to its limit: ${answer.binding.metric}, ${short(100 * answer.binding.margin)} % below it at the upper end of the 95 % interval`,
    answer.isMaxReached
      ? `the pool reached max ${answer.candidate.max}`
      : `the pool never needed more than ${answer.confirmed.peakSize} of max ${answer.candidate.max}`,
    ...answer.sensitivity.flatMap(({ change, isMet }) =>
      isMet ? [] : [`does not meet the objective any more with ${change}`],
    ),
    ...answer.sensitivity.flatMap(({ change, evaluation }) => {
      const withheld = withheldReason(evaluation);
      return withheld === null ? [] : [`no percentiles with ${change}: ${withheld}`];
    }),
  ];
}

/** What `optionsOf` says, each value as the source text of an option. */
export function optionEntries(
  tuning: Tuning,
  candidate: Candidate,
): [name: string, value: string][] {
  const { policy, ...numbers } = optionsOf(tuning, candidate);
  return [
    ...Object.entries(numbers).map(([name, value]): [string, string] => [name, String(value)]),
    ['policy', policyText(policy)],
  ];
}

/** The options of a pool that were simulated: those found, and those of the scenario that no pool has by itself. */
function optionsOf({ waitObjectiveMs, scenario }: Tuning, { min, max, policy }: Candidate) {
  const { acquireTimeoutMs } = scenario;
  const set = SCENARIO_OPTIONS.flatMap((name) => {
    const value = scenario[name];
    return value === undefined || value === DEFAULTS[name] ? [] : [[name, value]];
  });
  return { min, max, waitObjectiveMs, acquireTimeoutMs, ...Object.fromEntries(set), policy };
}

/** A policy as the options of a pool have it. */
export function policyText(policy: Candidate['policy']): string {
  const entries = Object.entries(policy).filter(([, value]) => value !== undefined);
  if (entries.length === 1) return `'${policy.name}'`;
  const fields = entries.map(([name, value]) =>
    typeof value === 'string' ? `${name}: '${value}'` : `${name}: ${JSON.stringify(value)}`,
  );
  return `{ ${fields.join(', ')} }`;
}

function setupText({ min, max, policy }: Candidate): string {
  return `min ${min}, max ${max}, policy ${policyText(policy)}`;
}

function levelsText(one: Evaluation): string {
  const levels = one.outcomes.map((outcome) => `${outcome.goal.metric} ${levelText(one, outcome)}`);
  if (one.lost > 0) levels.push(`${short(100 * one.lost)} % of requests got nothing`);
  return levels.join(', ');
}

function levelText(one: Evaluation, { goal, level }: Outcome): string {
  return isWithheld(one, goal.metric) ? '-' : formatLevel(goal.metric, level);
}

/** Whether a level means nothing: a percentile of a run that is too short for its load. */
function isWithheld({ tooShort }: Evaluation, metric: Outcome['goal']['metric']): boolean {
  return tooShort !== null && isPercentile(metric);
}

/** Levels of the goals and what they cost, on fresh random numbers and under changed loads; names of columns first. */
export function resultRows({ objective }: Tuning, answer: TunedSetup): string[][] {
  return [
    resultColumns(objective),
    resultRow('fresh seeds', answer.confirmed),
    ...(answer.other === null ? [] : [resultRow('rest of trace', answer.other)]),
    ...answer.sensitivity.map(({ change, evaluation }) => resultRow(change, evaluation)),
  ];
}

/** Names of the columns of `resultRows`. */
export function resultColumns(objective: Objective): string[] {
  return [
    '',
    ...objective.map(({ metric }) => metric),
    'timed out',
    'rejected',
    'conn-s',
    'creates',
    'peak',
    'met',
  ];
}

/** One row of `resultRows`. */
export function resultRow(name: string, one: Evaluation): string[] {
  return [
    name,
    ...one.outcomes.map((outcome) => levelText(one, outcome)),
    short(one.timeouts),
    short(one.rejected),
    short(one.connectionSeconds),
    short(one.creates),
    String(one.peakSize),
    worstRatio(one) < 1 ? 'yes' : 'NO',
  ];
}

/** What to try when nothing meets the objective. */
export function adviceText({ closest, scenario }: Tuning): string {
  const withheld = withheldReason(closest);
  if (withheld !== null) return `no percentiles: ${withheld}`;
  return closest.peakSize >= scenario.max
    ? `the pool was at max ${scenario.max}: allow more connections with --max, or ask for less`
    : 'more connections would not help: ask for less, or shorten use or create times';
}

/** What tuning found as JSON. Levels of waits are milliseconds, of violations and timeouts parts 0..1. */
export function tuningJson(tuning: Tuning): string {
  const { scenario, objective, answer, closest, erlang } = tuning;
  const output = {
    version: TUNING_VERSION,
    scenario: scenario.name,
    seed: tuning.seed,
    objective: objective.map((goal) => formatGoal(goal)),
    minimised: tuning.minimised,
    createCostSeconds: rounded(tuning.createCostSeconds),
    erlang,
    isMet: answer !== null,
    options: answer === null ? null : jsonOptions(tuning, answer.candidate),
    confirmed: answer === null ? null : evaluationRow(answer.confirmed),
    otherStretch: answer?.other ? evaluationRow(answer.other) : null,
    binding:
      answer === null
        ? null
        : { metric: answer.binding.metric, margin: rounded(answer.binding.margin) },
    isMaxReached: answer?.isMaxReached ?? null,
    sensitivity:
      answer?.sensitivity.map(({ change, isMet, evaluation }) => ({
        change,
        isMet,
        ...evaluationRow(evaluation),
      })) ?? [],
    closest:
      answer === null
        ? { options: jsonOptions(tuning, closest.candidate), ...evaluationRow(closest) }
        : null,
    runs: tuning.runs,
  };
  return `${JSON.stringify(output, null, 2)}\n`;
}

/** JSON knows no Infinity. */
function jsonOptions(tuning: Tuning, candidate: Candidate): object {
  const options = Object.entries(optionsOf(tuning, candidate));
  return Object.fromEntries(
    options.map(([name, value]) => [name, value === Number.POSITIVE_INFINITY ? 'Infinity' : value]),
  );
}

function evaluationRow(one: Evaluation): object {
  const withheld = withheldReason(one);
  return {
    goals: one.outcomes.map(({ goal, level, upper }) => ({
      metric: goal.metric,
      limit: rounded(goal.limit),
      level: isWithheld(one, goal.metric) ? null : rounded(level),
      upper95: isWithheld(one, goal.metric) ? null : rounded(upper),
    })),
    ...(withheld === null ? {} : { percentilesWithheld: withheld }),
    connectionSeconds: rounded(one.connectionSeconds),
    creates: rounded(one.creates),
    timeouts: rounded(one.timeouts),
    rejected: rounded(one.rejected),
    cost: rounded(one.cost),
    peakSize: one.peakSize,
    replications: one.replications,
  };
}
