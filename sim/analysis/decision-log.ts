import type { Reason, ScaleDecision } from '../../src/control/decision.js';

/** What a report shows of one decision: a change of the target, or a verdict. */
export interface DecisionNote {
  /** Milliseconds since the start of the run. */
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
  readonly reason: Reason;
  /** The line that a person would read in the log, without the name of the pool: reports are of one, called like its scenario. */
  readonly message: string;
}

/** Decisions that lie too close together to be told apart in a picture. */
export interface DecisionGroup {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  /** How many of them raised the target. */
  readonly grows: number;
  /** How many lowered it; the others left it and have a verdict. */
  readonly shrinks: number;
  /** Target before the first. */
  readonly from: number;
  /** Target after the last. */
  readonly to: number;
  /** The one that moved the target furthest; the earliest of several. */
  readonly largest: DecisionNote;
}

/** Decisions kept one by one: more than anybody reads. */
const MOST_NOTES = 200;

/** The decisions of a run: all of them in groups, the largest of them one by one. Its size does not grow with the run. */
export class DecisionLog {
  /** How many there were. */
  count = 0;
  #notes: DecisionNote[] = [];

  /** The decisions that moved the target furthest, in order of time: all of them up to two hundred. */
  get largest(): readonly DecisionNote[] {
    return this.#largest();
  }

  /** Adds the next decision. */
  add(decision: ScaleDecision): DecisionGroup {
    const { at: atMs, from, to, reason, pool } = decision;
    const message = decision.message.slice(pool.length + 1);
    const note = { atMs, from, to, reason, message };
    this.count += 1;
    this.#notes.push(note);
    if (this.#notes.length > 2 * MOST_NOTES) this.#notes = this.#largest();
    const grows = to > from ? 1 : 0;
    const shrinks = to < from ? 1 : 0;
    return { firstMs: atMs, lastMs: atMs, count: 1, grows, shrinks, from, to, largest: note };
  }

  #largest(): DecisionNote[] {
    if (this.#notes.length <= MOST_NOTES) return this.#notes;
    // Sorting is stable and the notes are in order of time: of two equal ones the earlier stays.
    return this.#notes
      .toSorted((one, other) => moved(other) - moved(one))
      .slice(0, MOST_NOTES)
      .toSorted((one, other) => one.atMs - other.atMs);
  }
}

/** Two groups as one; null stands for none. */
export function joinGroups(
  earlier: DecisionGroup | null,
  later: DecisionGroup | null,
): DecisionGroup | null {
  if (earlier === null || later === null) return earlier ?? later;
  return {
    firstMs: earlier.firstMs,
    lastMs: later.lastMs,
    count: earlier.count + later.count,
    grows: earlier.grows + later.grows,
    shrinks: earlier.shrinks + later.shrinks,
    from: earlier.from,
    to: later.to,
    largest: moved(later.largest) > moved(earlier.largest) ? later.largest : earlier.largest,
  };
}

function moved({ from, to }: DecisionNote): number {
  return Math.abs(to - from);
}
