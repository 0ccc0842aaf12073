import { balancedPart, exponential, gamma } from '../kernel/distributions.js';
import type { RandomStream } from '../kernel/random.js';
import { highestRate, rateAt } from './workload.js';
import type {
  BatchWorkload,
  CountsWorkload,
  MmppWorkload,
  PoissonProcess,
  Workload,
} from './workload.js';

/** An iterator over the instants at which callers arrive. */
export interface Arrivals {
  /**
   * The next instant, in milliseconds from the start of the workload, never earlier than the one before; Infinity when
   * nobody comes any more.
   */
  next(): number;
}

/**
 * The arrivals of a workload from 0 up to, but not including, `durationMs`; none of a closed one, whose users come when
 * they have been served.
 *
 * @param stream Where the randomness comes from; nobody else may draw from it.
 */
export function arrivalsOf(workload: Workload, durationMs: number, stream: RandomStream): Arrivals {
  switch (workload.kind) {
    case 'closed':
      return { next: () => Number.POSITIVE_INFINITY };
    case 'batch':
      return before(durationMs, batches(workload));
    case 'timestamps':
      return before(durationMs, recorded(workload.atMs));
    case 'counts':
      return before(durationMs, binned(workload, stream));
    case 'deterministic': {
      const { ratePerSecond } = workload;
      let count = 0;
      // Not a running sum: that would drift.
      return before(durationMs, { next: () => ((count += 1) * 1_000) / ratePerSecond });
    }
    case 'h2': {
      const part = balancedPart(workload.cv2);
      const gap = (): number =>
        exponential(stream) / (2 * (stream.uniform() < part ? part : 1 - part));
      return before(durationMs, renewal(workload.ratePerSecond, gap));
    }
    case 'gamma': {
      const shape = 1 / workload.cv2;
      return before(
        durationMs,
        renewal(workload.ratePerSecond, () => gamma(shape, stream)),
      );
    }
    case 'mmpp':
      return before(durationMs, modulated(workload, stream));
    default:
      return poisson(workload, durationMs, stream);
  }
}

function before(durationMs: number, arrivals: Arrivals): Arrivals {
  return {
    next(): number {
      const at = arrivals.next();
      return at < durationMs ? at : Number.POSITIVE_INFINITY;
    },
  };
}

/**
 * Thinning (Lewis and Shedler 1979): candidates come at the highest rate and each is kept with probability
 * rate / highest rate. Drawing the next gap from the rate of the moment would jump over short peaks.
 */
function poisson(process: PoissonProcess, durationMs: number, stream: RandomStream): Arrivals {
  const highest = highestRate(process);
  const meanGapMs = 1_000 / highest;
  const isConstant = process.kind === 'poisson';
  let at = 0;
  return {
    next(): number {
      if (highest <= 0) return Number.POSITIVE_INFINITY;
      for (;;) {
        at += meanGapMs * exponential(stream);
        if (at >= durationMs) return Number.POSITIVE_INFINITY;
        if (isConstant) return at;
        if (stream.uniform() * highest < rateAt(process, at)) return at;
      }
    },
  };
}

/** Independent gaps; `gap` draws them with mean 1. */
function renewal(ratePerSecond: number, gap: () => number): Arrivals {
  let at = 0;
  return { next: () => (at += (1_000 * gap()) / ratePerSecond) };
}

/** Two clocks race in each state: the next arrival and the end of the state. Both forget, so the loser is drawn anew. */
function modulated(workload: MmppWorkload, stream: RandomStream): Arrivals {
  const { ratesPerSecond, meanStayMs } = workload;
  const [first, second] = meanStayMs;
  let state: 0 | 1 = stream.uniform() * (first + second) < first ? 0 : 1;
  let at = 0;
  let endsAt = meanStayMs[state] * exponential(stream);
  return {
    next(): number {
      for (;;) {
        const arrivesAt = at + (1_000 * exponential(stream)) / ratesPerSecond[state];
        if (arrivesAt < endsAt) {
          at = arrivesAt;
          return at;
        }
        at = endsAt;
        state = state === 0 ? 1 : 0;
        endsAt = at + meanStayMs[state] * exponential(stream);
      }
    },
  };
}

function batches(workload: BatchWorkload): Arrivals {
  let batch = 0;
  let left = workload.size;
  return {
    next(): number {
      if (left === 0) {
        batch += 1;
        left = workload.size;
      }
      left -= 1;
      return batch === 0 ? workload.startMs : workload.startMs + batch * workload.periodMs;
    },
  };
}

function recorded(atMs: ArrayLike<number>): Arrivals {
  let index = 0;
  return {
    next(): number {
      if (index >= atMs.length) return Number.POSITIVE_INFINITY;
      const at = atMs[index] as number;
      index += 1;
      return at;
    },
  };
}

/**
 * n arrivals in a bin are n sorted uniforms. They are drawn in order: the smallest of m uniforms on what is left of the
 * bin is 1 − V^(1/m) of the way. No sorting and no memory, however large the count.
 */
function binned(workload: CountsWorkload, stream: RandomStream): Arrivals {
  const { counts, binMs } = workload;
  let bin = -1;
  let left = 0;
  let position = 0;
  return {
    next(): number {
      while (left <= 0) {
        bin += 1;
        if (bin >= counts.length) return Number.POSITIVE_INFINITY;
        left = counts[bin] as number;
        position = 0;
      }
      position += (1 - position) * (1 - (1 - stream.uniform()) ** (1 / left));
      left -= 1;
      return (bin + Math.min(position, 1)) * binMs;
    },
  };
}
