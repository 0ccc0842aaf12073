import type { Decision } from '../control/decision.js';
import { show } from '../control/fields.js';
import { EPISODES, LIMITS, REASONS } from '../telemetry/decision-message.js';
import { VERDICTS } from '../telemetry/verdict-message.js';

type Fields = Readonly<Record<string, unknown>>;

const REASON_WORDS = new Set<unknown>(Object.keys(REASONS));
const LIMIT_WORDS = new Set<unknown>(Object.keys(LIMITS));
const EPISODE_WORDS = new Set<unknown>(Object.keys(EPISODES));
const VERDICT_WORDS = new Set<unknown>(Object.keys(VERDICTS));

/**
 * Makes sure that a policy's answer can be carried out, told and recorded: a policy of a user's may answer anything. Its
 * state is its own business.
 *
 * @throws TypeError that names the field, its value and what it must be
 */
export function checkDecision<State>(decision: Decision<State>): void {
  const problem = findProblem(decision);
  if (problem !== null) throw new TypeError(`the policy's decision${problem}`);
}

/** Spelled out: it runs at every decision, and a table of rules costs five times as much. */
function findProblem(decision: unknown): string | null {
  if (!isObject(decision)) return wrong('', 'an object', decision);
  const { target, permits, reason, note, limitedBy, candidates, wakeInMs } = decision;
  if (!Number.isFinite(target)) return wrong('.target', 'a finite number', target);
  if (permits !== null && !isFrom(1, permits)) {
    return wrong('.permits', 'a number from 1 to Infinity or null', permits);
  }
  if (!REASON_WORDS.has(reason)) return wrong('.reason', oneOf(REASON_WORDS), reason);
  if (note !== undefined && typeof note !== 'string') return wrong('.note', 'a string', note);
  if (!Array.isArray(limitedBy)) return wrong('.limitedBy', 'a list', limitedBy);
  const at = limitedBy.findIndex((limit) => !LIMIT_WORDS.has(limit));
  if (at >= 0) return wrong(`.limitedBy[${at}]`, oneOf(LIMIT_WORDS), limitedBy[at]);
  if (!isObject(candidates)) return wrong('.candidates', 'an object', candidates);
  for (const name in candidates) {
    const size = candidates[name];
    if (!Number.isFinite(size)) return wrong(`.candidates.${name}`, 'a finite number', size);
  }
  if (wakeInMs !== null && !isFrom(0, wakeInMs)) {
    return wrong('.wakeInMs', 'a number from 0 to Infinity or null', wakeInMs);
  }
  return findRareProblem(decision);
}

function findRareProblem({ verdict, episode }: Fields): string | null {
  if (episode !== undefined && !EPISODE_WORDS.has(episode)) {
    return wrong('.episode', oneOf(EPISODE_WORDS), episode);
  }
  if (verdict === undefined) return null;
  if (!isObject(verdict)) return wrong('.verdict', 'an object', verdict);
  const { kind } = verdict;
  if (!VERDICT_WORDS.has(kind)) return wrong('.verdict.kind', oneOf(VERDICT_WORDS), kind);
  for (const name of ['of', 'elasticity']) {
    const value = verdict[name];
    if (value !== null && !Number.isFinite(value)) {
      return wrong(`.verdict.${name}`, 'a finite number or null', value);
    }
  }
  for (const name of ['permits', 'throughputPerSecond']) {
    const value = verdict[name];
    if (value !== null && !(Array.isArray(value) && value.every(Number.isFinite))) {
      return wrong(`.verdict.${name}`, 'a list of finite numbers or null', value);
    }
  }
  return null;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isFrom(least: number, value: unknown): boolean {
  return typeof value === 'number' && value >= least;
}

function oneOf(words: ReadonlySet<unknown>): string {
  return `one of ${[...words].join(', ')}`;
}

function wrong(path: string, must: string, value: unknown): string {
  return `${path} must be ${must}, got ${show(value)}`;
}
