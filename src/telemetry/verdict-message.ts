import type { ScaleDecision, Verdict, VerdictKind } from '../control/decision.js';
import { formatMs } from '../control/words.js';

/** What a verdict can be described with. */
export type JudgedDecision = Pick<ScaleDecision, 'permits' | 'signals'> & {
  readonly verdict: Verdict;
};

/** Throughputs that differ by less than this share are called the same. */
const SAME = 0.03;

/**
 * The verdict in words, with what was measured: `verdict on #812: the backend is the bottleneck, 6 uses at once bring as
 * much as 8 (4000→3990/s, elasticity 0.01)`.
 */
export function describeVerdict(decision: JudgedDecision): string {
  const { verdict } = decision;
  const head = verdict.of === null ? 'verdict' : `verdict on #${verdict.of}`;
  return `${head}: ${VERDICTS[verdict.kind](decision)}${measurements(decision)}`;
}

/** Each kind of verdict in words. */
export const VERDICTS: Readonly<Record<VerdictKind, (decision: JudgedDecision) => string>> = {
  cured: () => 'hardly anybody waits any more',
  exogenous: (decision) =>
    `uses take longer by themselves, so growing helps${comparison(decision)}`,
  knee: (decision) => `the backend is the bottleneck${comparison(decision)}`,
};

/** What more or fewer uses at once brought, and what becomes of the cap. */
function comparison({ verdict, permits }: JudgedDecision): string {
  const [first, second] = verdict.permits ?? [];
  const [before, after] = verdict.throughputPerSecond ?? [];
  if (first === undefined || second === undefined) return '';
  if (before === undefined || after === undefined) return '';
  const change = after / before - 1;
  const amount = change > SAME ? 'more than' : change >= -SAME ? 'as much as' : 'less than';
  if (verdict.kind === 'exogenous') return `, ${second} uses at once bring ${amount} ${first}`;
  // The cap is at the measurement that it is closer to.
  const isMoved =
    permits !== null && Math.abs(Math.log(second / permits)) < Math.abs(Math.log(first / permits));
  if (!isMoved) return `, ${second} uses at once bring no gain over ${first}: the cap stays`;
  if (second > first) return `, but ${second} uses at once bring more than ${first}: the cap rises`;
  const enough = amount === 'less than' ? 'nearly as much as' : amount;
  return `, ${second} uses at once bring ${enough} ${first}`;
}

function measurements({ verdict, signals: { wait } }: JudgedDecision): string {
  const { kind, throughputPerSecond, elasticity } = verdict;
  if (kind === 'cured' && wait.p50Ms !== null && wait.p99Ms !== null) {
    return ` (wait p50 ${formatMs(wait.p50Ms)}, p99 ${formatMs(wait.p99Ms)} lately)`;
  }
  if (throughputPerSecond === null) return '';
  const rates = throughputPerSecond.map(Math.round).join('→');
  return ` (${rates}/s${elasticity === null ? '' : `, elasticity ${elasticity.toFixed(2)}`})`;
}
