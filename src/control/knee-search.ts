import type { VerdictKind } from './decision.js';
import { clamp } from './numbers.js';
import {
  addSamples,
  elasticity,
  NO_SAMPLE,
  usesAtOnce,
  type Elasticity,
  type Sample,
} from './throughput.js';
import { NEARLY_A_TICK, type Tick } from './whole-ticks.js';

/** Elasticity from which more uses at once are worth having while callers wait. */
export const WORTHWHILE = 0.25;
/** Once the knee is near, less throughput than this lost per step tells the two sides apart. */
const LOSS = 0.1;
const GAIN = 0.15;
/** Elasticity below which the search goes down in wide steps. */
const STEEP = -0.2;
/** So much more throughput with fewer uses is believed when it is seen twice: the backend may just have recovered. */
const INCREDIBLE = -1.5;
/** Error of an elasticity that is small enough to judge by. */
const EXACT = 0.15;
/** Errors between an elasticity and a threshold that make it certain before that. */
const CERTAIN = 2;
const LEAST_TICKS = 3;
/** Longest measurement. A wide step that is harmful shows that soon, so one that does not may take its time. */
const MOST_TICKS = 10;
const MOST_WIDENED_TICKS = 30;
/** Longest time to settle, in ticks, and to wait until enough uses have ended. */
const LONGEST_SETTLING = 5;
const LONGEST_EBB = 20;
const STEP_DOWN = 0.75;
const WIDE_STEP_DOWN = 0.5;
const FIRST_STEP_UP = 0.25;

/** Measuring with fewer or more permits than before; plain JSON. */
export interface Search {
  readonly kind: 'search';
  readonly direction: 'down' | 'up';
  /** Permits in force. */
  readonly permits: number;
  /** Where the search began. */
  readonly start: Sample;
  /** The best so far, and its permits. */
  readonly best: Sample;
  readonly bestPermits: number;
  /** Whether that is another than the first. */
  readonly hasMoved: boolean;
  /** Next step up, a share of the permits. */
  readonly stepUp: number;
  /** What was measured in this step. */
  readonly seen: Sample;
  readonly ticks: number;
  /** Time until measuring begins; uses that began under other permits end meanwhile. */
  readonly settleMs: number;
  readonly ebbTicks: number;
  /** Whether this is the first step, a step after a wide one that went too far, or another. */
  readonly step: 'first' | 'widened' | 'further' | 'back';
  /** Whether the test before this one was in doubt. */
  readonly isRepeated: boolean;
}

/** What a search has come to. */
export interface Finding {
  /** `cured` when nobody waits any more; null when the measurements are worth nothing. */
  readonly kind: VerdictKind | null;
  /** The permits that are worth having; null for no cap. */
  readonly permits: number | null;
  /** The two measurements, the earlier one first. */
  readonly samples: readonly [Sample, Sample] | null;
}

type Outcome = Search | Finding;

/** Begins with fewer permits than are used now. `reference` was measured without a cap. */
export function searchDown(
  reference: Sample,
  isRepeated: boolean,
  useMs: number,
  tickMs: number,
): Search | null {
  const permits = Math.floor(STEP_DOWN * usesAtOnce(reference));
  if (permits < 1) return null;
  return {
    kind: 'search',
    direction: 'down',
    permits,
    start: reference,
    best: reference,
    bestPermits: Math.round(usesAtOnce(reference)),
    hasMoved: false,
    stepUp: FIRST_STEP_UP,
    step: 'first',
    isRepeated,
    ...unmeasured(useMs, tickMs),
  };
}

/** Where a re-examination begins. */
export interface Known {
  /** Measured with the permits in force. */
  readonly reference: Sample;
  readonly permits: number;
  /** Most connections there can be. */
  readonly max: number;
}

/** Begins with more or fewer permits than are in force; null when there are none to try. */
export function searchFrom(
  direction: 'down' | 'up',
  { reference, permits, max }: Known,
  useMs: number,
  tickMs: number,
): Search | null {
  const tried =
    direction === 'up' ? raised(permits, FIRST_STEP_UP, max) : Math.floor(STEP_DOWN * permits);
  if (tried < 1 || tried === permits) return null;
  return {
    kind: 'search',
    direction,
    permits: tried,
    start: reference,
    best: reference,
    bestPermits: permits,
    hasMoved: false,
    stepUp: FIRST_STEP_UP,
    step: 'further',
    isRepeated: false,
    ...unmeasured(useMs, tickMs),
  };
}

/** Adds one tick: the search goes on or has found something. */
export function advanceSearch(
  search: Search,
  tick: Tick,
  useMs: number,
  tickMs: number,
  max: number,
): Outcome {
  if (!tick.isQueued) return { kind: 'cured', permits: null, samples: null };
  if (tick.inUse > search.permits && search.ebbTicks < LONGEST_EBB) {
    return { ...search, ebbTicks: search.ebbTicks + 1 };
  }
  if (search.settleMs > 0) return { ...search, settleMs: search.settleMs - tick.sample.ms };
  const measuring: Search = {
    ...search,
    seen: addSamples(search.seen, tick.sample),
    ticks: search.ticks + 1,
  };
  const found = elasticity(measuring.best, measuring.seen);
  const next = (permits: number, changes: Partial<Search>): Search => ({
    ...measuring,
    permits,
    step: 'further',
    ...changes,
    ...unmeasured(useMs, tickMs),
  });
  return search.direction === 'down'
    ? judgeDown(measuring, found, next)
    : judgeUp(measuring, found, next, max);
}

type Next = (permits: number, changes: Partial<Search>) => Search;

function judgeDown(search: Search, found: Elasticity | null, next: Next): Outcome {
  const { permits, best, bestPermits, seen, step } = search;
  const isFirst = step === 'first' || step === 'widened';
  const threshold = isFirst ? WORTHWHILE : LOSS;
  const mostTicks = step === 'widened' ? MOST_WIDENED_TICKS : MOST_TICKS;
  const verdict = compare(found, threshold, search.ticks, mostTicks);
  if (verdict === 'open') return search;
  if (isFirst && !search.isRepeated && found !== null && found.value < INCREDIBLE) {
    return { kind: null, permits: null, samples: null };
  }
  if (verdict === 'unclear') {
    const wide = Math.floor(WIDE_STEP_DOWN * bestPermits);
    if (step === 'first' && wide >= 1 && wide < permits) return next(wide, { step: 'widened' });
    return isFirst ? free('exogenous', best, seen) : knee(search);
  }
  if (verdict === 'above') {
    if (isFirst) return free('exogenous', best, seen);
    const between = Math.floor(STEP_DOWN * bestPermits);
    // A wide step went too far: the knee may lie within it.
    return step === 'further' && between > permits ? next(between, { step: 'back' }) : knee(search);
  }
  const better = { best: seen, bestPermits: permits, hasMoved: true };
  if (step === 'back') return knee({ ...search, ...better });
  const isSteep = found !== null && found.value < STEEP;
  const fewer = Math.floor((isSteep ? WIDE_STEP_DOWN : STEP_DOWN) * permits);
  return fewer >= 1 ? next(fewer, better) : knee({ ...search, ...better });
}

function judgeUp(search: Search, found: Elasticity | null, next: Next, max: number): Outcome {
  const { permits, seen, stepUp } = search;
  const verdict = compare(found, GAIN, search.ticks, MOST_TICKS);
  if (verdict === 'open') return search;
  if (verdict !== 'above') return knee(search);
  if (permits >= max) return free('exogenous', search.start, seen);
  const step = Math.min(1, 2 * stepUp);
  return next(raised(permits, step, max), {
    best: seen,
    bestPermits: permits,
    hasMoved: true,
    stepUp: step,
  });
}

/** Where an elasticity lies, as soon as that is certain or enough was measured. */
function compare(
  found: Elasticity | null,
  threshold: number,
  ticks: number,
  mostTicks: number,
): 'above' | 'below' | 'unclear' | 'open' {
  if (found !== null) {
    const { value, error } = found;
    const margin = CERTAIN * error;
    if (value - margin >= threshold) return 'above';
    // What is accepted is what later steps are compared with, so it is measured well.
    const isMeasured = ticks >= LEAST_TICKS;
    if (isMeasured && value + margin < threshold) return 'below';
    if (isMeasured && error <= EXACT) return value >= threshold ? 'above' : 'below';
  }
  if (ticks < mostTicks) return 'open';
  // That so much time was not enough to be certain of a high elasticity speaks for a low one.
  return found !== null && found.value + found.error < threshold ? 'below' : 'unclear';
}

function knee({ start, best, bestPermits, hasMoved, seen }: Search): Finding {
  // A search that found nothing better tells the most by what it tried.
  const samples: readonly [Sample, Sample] = hasMoved ? [start, best] : [start, seen];
  return { kind: 'knee', permits: bestPermits, samples };
}

function free(kind: VerdictKind, before: Sample, after: Sample): Finding {
  return { kind, permits: null, samples: [before, after] };
}

function raised(permits: number, share: number, max: number): number {
  const more = permits + Math.max(1, Math.round(share * permits));
  return Math.max(permits, Math.min(more, max));
}

function unmeasured(
  useMs: number,
  tickMs: number,
): Pick<Search, 'seen' | 'ticks' | 'settleMs' | 'ebbTicks'> {
  const settleMs = clamp(useMs, NEARLY_A_TICK * tickMs, LONGEST_SETTLING * tickMs);
  return { seen: NO_SAMPLE, ticks: 0, settleMs, ebbTicks: 0 };
}
