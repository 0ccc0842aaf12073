import { parseArgs } from 'node:util';
import { BASELINE_NAMES, POLICY_NAMES, type ChoiceName } from 'adaptive-pool/sim';

import { RIVALS, SUBJECT, suiteOf, type SuiteEntry } from './policies-suite.js';

/** What the benches of policies were asked for. */
export interface BenchFlags {
  readonly entries: readonly SuiteEntry[];
  /** The first one is judged. */
  readonly policies: readonly ChoiceName[];
  readonly replications: number;
  readonly seed: number;
  /** Most threads; undefined = the cores. */
  readonly workers: number | undefined;
  /** Where the figures go. */
  readonly json: string;
}

/**
 * Reads `--scenario A,B --policy A,B --replications N --seed N --workers N --json FILE`.
 *
 * @param defaults What holds where a flag is missing.
 * @throws Error for a flag, a scenario or a policy that does not exist, or a number that is none.
 */
export function benchFlags(
  argv: readonly string[],
  defaults: Pick<BenchFlags, 'replications' | 'json'>,
): BenchFlags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      scenario: { type: 'string' },
      policy: { type: 'string' },
      replications: { type: 'string' },
      seed: { type: 'string' },
      workers: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const { scenario, policy, replications, seed, workers, json } = values;
  return {
    entries: suiteOf(listOf(scenario)),
    policies: policy === undefined ? [SUBJECT, ...RIVALS] : listOf(policy).map(choiceOf),
    replications: replications === undefined ? defaults.replications : wholeNumber(replications, 2),
    seed: seed === undefined ? 1 : wholeNumber(seed, 0),
    workers: workers === undefined ? undefined : wholeNumber(workers, 1),
    json: json ?? defaults.json,
  };
}

function listOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',');
}

function choiceOf(name: string): ChoiceName {
  const known: readonly ChoiceName[] = [...POLICY_NAMES, ...BASELINE_NAMES];
  const choice = known.find((one) => one === name || one === `baseline:${name}`);
  if (choice === undefined) throw new Error(`${name} is not a policy: ${known.join(', ')}`);
  return choice;
}

function wholeNumber(text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new Error(`${text} is not a whole number from ${least}`);
  }
  return value;
}
