import {
  compare,
  isLoadIndependent,
  loadScenario,
  type ChoiceName,
  type Comparison,
  type PolicyChoice,
} from 'adaptive-pool/sim';

import { CAPS, overloadEndMs, watch, type Watched } from './policies-backend.js';
import {
  first,
  judgeCap,
  judgeDomination,
  judgeFalseCaps,
  judgeFewLate,
  judgeHealthy,
  judgeRecovery,
  type ConstantCap,
  type Judgement,
} from './policies-judgement.js';
import type { SuiteEntry } from './policies-suite.js';

/** Runs in which nobody may take room for saturation. */
const FALSE_ALARM_RUNS = 20;

/** How to try policies. */
export interface TrialOptions {
  /** The first one is judged. */
  readonly policies: readonly ChoiceName[];
  readonly seed: number;
  readonly replications: number;
  readonly workers: number | undefined;
  /** Hears how much is done, 0..1. */
  readonly onProgress: (part: number) => void;
}

/** What came of one scenario. */
export interface Trial {
  readonly entry: SuiteEntry;
  readonly description: string;
  readonly comparison: Comparison;
  /** Constant numbers of connections on a server that is overloaded; empty elsewhere. */
  readonly caps: readonly ConstantCap[];
  readonly watched: Watched | null;
  readonly judgements: readonly Judgement[];
}

/** Puts all policies into one scenario and judges the first. */
export async function tryPolicies(entry: SuiteEntry, options: TrialOptions): Promise<Trial> {
  const scenario = loadScenario(entry.name);
  const { policies, seed, replications, workers, onProgress } = options;
  const sizes = entry.kind === 'saturated' ? CAPS : [];
  const choices: PolicyChoice[] = [
    ...policies,
    // So many connections and so many permits are the same thing when the number never changes.
    ...sizes.map((size) => ({ name: 'fixed', size }) as const),
  ];
  // A comparison needs two.
  if (choices.length < 2) choices.push('fixed');
  const all = await compare(scenario, choices, { seed, replications, workers, onProgress });
  const comparison = { ...all, policies: all.policies.slice(0, policies.length) };
  const subject = first(comparison.policies);
  const caps = sizes.map((connections, index) => ({
    connections,
    violationRate: all.policies[policies.length + index]?.figures.violationRate.mean ?? 1,
  }));
  const [choice] = policies as [ChoiceName];
  const base = { entry, description: scenario.description, comparison, caps };
  if (entry.kind === 'saturated') {
    const watched = watch(scenario, choice, { seed, replications }, overloadEndMs(scenario));
    const judgements = [judgeCap(subject, caps), judgeRecovery(watched.recoveriesMs)];
    return { ...base, watched, judgements };
  }
  const domination = judgeDomination(comparison.policies);
  if (entry.kind === 'healthy') {
    return { ...base, watched: null, judgements: [judgeHealthy(comparison), domination] };
  }
  const runs = Math.max(replications, FALSE_ALARM_RUNS);
  const watched = watch(scenario, choice, { seed, replications: runs }, null);
  const late = isLoadIndependent(scenario)
    ? judgeHealthy(comparison)
    : judgeFewLate(subject.policy, subject.figures.violationRate.mean);
  return { ...base, watched, judgements: [late, judgeFalseCaps(watched.lastingCaps), domination] };
}
