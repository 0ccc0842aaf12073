import type { ComparedPolicy, Comparison } from 'adaptive-pool/sim';

/** Part of requests that may be late where the load leaves a choice. */
const MOST_VIOLATIONS = 0.01;
/** Late requests beyond those that nobody who reacts can avoid. */
const MOST_OVER_REACTIVE = 1.3;
/** Cost over that of someone who knows the future and lets nobody wait. */
const MOST_COST_RATIO = 1.5;
/** Late requests over those of the best constant number of connections in hindsight, on a server that is overloaded. */
const MOST_OVER_BEST_CAP = 1.2;
/** Time after the end of an overload in which waits must be within the objective again. */
const MOST_RECOVERY_MS = 10_000;

/** What became of one rule. */
export interface Judgement {
  readonly rule: 'violations and cost' | 'non-domination' | 'recovery' | 'best cap' | 'false cap';
  readonly isPassed: boolean;
  /** The numbers, for a person. */
  readonly text: string;
}

/**
 * Late requests and cost of the first policy against the bounds. The cost counts where a policy without foresight can keep
 * it and the objective: where one of those that are compared does.
 */
export function judgeHealthy({ policies, bounds }: Comparison): Judgement {
  const { policy, figures, costRatio } = first(policies);
  const late = figures.violationRate.mean;
  if (bounds === null || costRatio === null) return judgeFewLate(policy, late);
  const limit = Math.max(MOST_VIOLATIONS, MOST_OVER_REACTIVE * bounds.reactive.violationRate);
  const cheapest = Math.min(...policies.map((one) => costIfInTime(one)));
  const isCostJudged = cheapest <= MOST_COST_RATIO;
  const text = `${policy}: ${percent(late)} late, at most ${percent(limit)}; J/OPT ${costRatio.toFixed(2)}`;
  return {
    rule: 'violations and cost',
    isPassed: late <= limit && (!isCostJudged || costRatio <= MOST_COST_RATIO),
    text: isCostJudged
      ? `${text}, at most ${MOST_COST_RATIO}`
      : `${text}, not judged: no policy is below ${MOST_COST_RATIO} with so few late`,
  };
}

/** The cost ratio of a policy that serves nearly everyone in time, Infinity of any other. */
function costIfInTime({ figures, costRatio }: ComparedPolicy): number {
  const isInTime = figures.violationRate.mean <= MOST_VIOLATIONS;
  return isInTime && costRatio !== null ? costRatio : Number.POSITIVE_INFINITY;
}

/** Late requests of a policy where one per cent is the limit. */
export function judgeFewLate(policy: string, late: number): Judgement {
  return {
    rule: 'violations and cost',
    isPassed: late <= MOST_VIOLATIONS,
    text: `${policy}: ${percent(late)} late, at most ${percent(MOST_VIOLATIONS)}`,
  };
}

/** The policies that have fewer late requests and a lower cost than the first one, both beyond doubt. */
export function dominators(policies: readonly ComparedPolicy[]): readonly ComparedPolicy[] {
  return policies.filter(({ differences }) => {
    if (differences === null) return false;
    const { violationRate, cost } = differences;
    return [violationRate, cost].every(({ mean, isShown }) => isShown && mean < 0);
  });
}

/** Nobody is better than the first policy in both late requests and cost. */
export function judgeDomination(policies: readonly ComparedPolicy[]): Judgement {
  const better = dominators(policies);
  const names = better.map(
    ({ policy, figures }) => `${policy} (${percent(figures.violationRate.mean)} late)`,
  );
  return {
    rule: 'non-domination',
    isPassed: better.length === 0,
    text:
      better.length === 0
        ? 'nobody is better in both late requests and cost'
        : `better in both late requests and cost: ${names.join(', ')}`,
  };
}

/**
 * Every run is well again soon after the overload.
 *
 * @param recoveriesMs Time from the end of the overload until waits are within the objective, null for never.
 */
export function judgeRecovery(recoveriesMs: readonly (number | null)[]): Judgement {
  const lost = recoveriesMs.filter((one) => one === null).length;
  const longest = Math.max(0, ...recoveriesMs.map((one) => one ?? 0));
  const runs = `${recoveriesMs.length} runs`;
  return {
    rule: 'recovery',
    isPassed: lost === 0 && longest <= MOST_RECOVERY_MS,
    text:
      lost > 0
        ? `${lost} of ${runs} never recover`
        : `recovers within ${longest / 1_000} s in ${runs}, at most ${MOST_RECOVERY_MS / 1_000} s`,
  };
}

/** Late requests with a constant number of connections, and so of permits. */
export interface ConstantCap {
  readonly connections: number;
  readonly violationRate: number;
}

/** Late requests of the first policy against the best of the constants. */
export function judgeCap(subject: ComparedPolicy, caps: readonly ConstantCap[]): Judgement {
  const best = bestCap(caps);
  const late = subject.figures.violationRate.mean;
  const limit = MOST_OVER_BEST_CAP * best.violationRate;
  return {
    rule: 'best cap',
    isPassed: late <= limit,
    text: `${subject.policy}: ${percent(late)} late, at most ${percent(limit)}; ${best.connections} connections in hindsight ${percent(best.violationRate)}`,
  };
}

/** The constant with the fewest late requests, the smallest of several. */
export function bestCap(caps: readonly ConstantCap[]): ConstantCap {
  return caps.reduce((best, one) => (one.violationRate < best.violationRate ? one : best));
}

/** @param falseCaps For each run how many times a cap lasted although the server had room. */
export function judgeFalseCaps(falseCaps: readonly number[]): Judgement {
  const wrong = falseCaps.filter((count) => count > 0).length;
  return {
    rule: 'false cap',
    isPassed: wrong === 0,
    text: `lasting caps in ${wrong} of ${falseCaps.length} runs`,
  };
}

/** A part as per cent. */
export function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`;
}

/** The policy that is judged. */
export function first(policies: readonly ComparedPolicy[]): ComparedPolicy {
  const [subject] = policies;
  if (subject === undefined) throw new Error('bug: a comparison without policies');
  return subject;
}
