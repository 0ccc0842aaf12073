import { keyOf, type Candidate } from './candidate.js';
import { better, isMet, worstRatio, type Evaluation, type Evaluator } from './evaluation.js';

/** How many of the cheapest candidates of each policy are confirmed. */
const PER_POLICY = 3;
/** Replications of a confirmation: fewest and most on the load searched on, and those on the other stretch of a trace. */
const CONFIRMATION = { same: 5, most: 20, other: 2 } as const;
/** Requests that all replications together should have, so that the interval says more than that they are few. */
const ENOUGH_REQUESTS = 40_000;
/** Replications under a heavier load. */
const HEAVIER = 2;
/** Part of the least cost by which an answer may be dearer for having room. */
const FOR_ROOM = 0.05;
/** How much larger candidates with room may have to be. */
const LARGER = [1.1, 1.2] as const;
/** How often a larger minimum is tried when nothing was confirmed. */
const MOST_RAISES = 8;

/** What a candidate came to on random numbers that the search did not see. */
export interface Confirmation {
  readonly isConfirmed: boolean;
  readonly same: Evaluation;
  /** On another stretch of the trace; null for a workload that is not recorded. */
  readonly other: Evaluation | null;
}

/** Where to confirm. */
export interface ConfirmOn {
  /** The load searched on, with fresh random numbers. */
  readonly fresh: Evaluator;
  /** Another stretch of the trace, if there is one. */
  readonly elsewhere: Evaluator | null;
  /** More of the load searched on. */
  readonly heavier: Evaluator;
  /** Most connections allowed. */
  readonly ceiling: number;
  /** Requests of one replication. */
  readonly requests: number;
}

/**
 * The candidate to answer with: of those that meet the objective on fresh random numbers and on the other stretch, and that
 * cost little more than the cheapest there, the cheapest that meets it under more load as well. If chance had favoured
 * all of them, the best one gets a larger minimum, by a tenth at a time.
 *
 * @param found What the search ran, the best first.
 */
export async function confirm(found: readonly Evaluation[], on: ConfirmOn): Promise<Confirmation> {
  const { ceiling } = on;
  const checked = await check(finalistsOf(found, ceiling), on);
  const confirmed = checked.filter(({ isConfirmed }) => isConfirmed);
  if (confirmed.length > 0) return roomiest(confirmed, on.heavier);
  let best = checked[0] as Confirmation;
  for (let raise = 0; raise < MOST_RAISES && !best.isConfirmed; raise += 1) {
    const { min, max, policy } = best.same.candidate;
    const larger = Math.min(ceiling, min + Math.max(1, Math.ceil(min / 10)));
    if (larger === min && max === ceiling) break;
    const most = policy.name === 'fixed' ? larger : ceiling;
    const [next] = await check([{ min: larger, max: most, policy }], on);
    best = next as Confirmation;
  }
  return best;
}

/** The cheapest of each policy, the same with as many connections as are allowed, and larger ones. */
function finalistsOf(found: readonly Evaluation[], ceiling: number): Candidate[] {
  const taken = new Map<string, number>();
  const finalists: Candidate[] = [];
  for (const { candidate } of found) {
    const { name } = candidate.policy;
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    if (count >= PER_POLICY) continue;
    finalists.push(candidate);
    if (name !== 'fixed') finalists.push({ ...candidate, max: ceiling });
    if (count > 0) continue;
    for (const factor of LARGER) {
      const max = Math.min(ceiling, Math.ceil(factor * candidate.max));
      const min = name === 'fixed' ? max : Math.min(max, Math.ceil(factor * candidate.min));
      finalists.push({ ...candidate, min, max });
    }
  }
  return [...new Map(finalists.map((one) => [keyOf(one), one])).values()];
}

async function check(
  candidates: readonly Candidate[],
  { fresh, elsewhere, requests }: ConfirmOn,
): Promise<Confirmation[]> {
  const order = better(1);
  const wanted = Math.round(ENOUGH_REQUESTS / Math.max(1, requests));
  const replications = Math.min(CONFIRMATION.most, Math.max(CONFIRMATION.same, wanted));
  const same = await fresh.evaluate(candidates, replications);
  const other = await elsewhere?.evaluate(candidates, CONFIRMATION.other);
  return same
    .map((one, index) => {
      const there = other?.[index] ?? null;
      const isConfirmed = isMet(one) && (there === null || worstRatio(there) < 1);
      return { isConfirmed, same: one, other: there };
    })
    .toSorted((a, b) => order(a.same, b.same));
}

async function roomiest(
  confirmed: readonly Confirmation[],
  heavier: Evaluator,
): Promise<Confirmation> {
  const costOf = ({ same, other }: Confirmation): number => same.cost + (other?.cost ?? 0);
  const sorted = confirmed.toSorted((a, b) => costOf(a) - costOf(b));
  const [cheapest] = sorted as [Confirmation];
  const near = sorted.filter((one) => costOf(one) <= (1 + FOR_ROOM) * costOf(cheapest));
  const strained = await heavier.evaluate(
    near.map(({ same }) => same.candidate),
    HEAVIER,
  );
  const withRoom = strained.findIndex((one) => worstRatio(one) < 1);
  return near[withRoom] ?? cheapest;
}
