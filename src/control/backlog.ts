import { measured, wholeConnections } from './numbers.js';

/** A backlog is drained within this many wait objectives. */
const MOST_OBJECTIVES = 4;
/** But never this much faster than in `drainCreateTimes`. */
const MOST_HASTE = 5;
/** Shortest time in which a backlog is drained, in milliseconds; keeps the quotient finite. */
const SHORTEST_DRAIN_MS = 1;

/** What the look-ahead needs to know. Rates are per millisecond. */
export interface Queue {
  readonly pending: number;
  /** Momentary arrival rate, without batches. */
  readonly arrivalsPerMs: number;
  /** Connections that are open: idle, in use and being checked. */
  readonly usable: number;
  readonly creating: number;
  readonly useMs: number;
  readonly createMs: number;
  /** Age of the oldest create in flight, in milliseconds. */
  readonly creatingForMs: number;
  readonly waitObjectiveMs: number;
  /** k: create times in which a backlog is drained. */
  readonly drainCreateTimes: number;
}

/** What will be left of the queue, and how many connections serve that in time. */
export interface Backlog {
  /** Callers who still wait when a connection begun now is ready. */
  readonly remaining: number;
  /** Connections for the arrivals and the remaining callers together; 0 when nobody remains. */
  readonly need: number;
}

const NONE: Backlog = { remaining: 0, need: 0 };

/**
 * Looks one create time C ahead: `qC = max(0, q + λ·C − (n + c·a/2C)·C/S)`.
 *
 * Returns serve `n·C/S` callers by then, and the c connections in flight, the oldest of which began a time a ago, will on
 * average be there for a/2. When nobody remains, a new connection would come too late to help anyone. Otherwise
 * `need = S·(λ + qC/Td)` connections (Little's law) serve the arrivals and drain the rest within Td, see {@link drainTimeMs}.
 */
export function lookAhead(queue: Queue): Backlog {
  const { arrivalsPerMs, useMs, createMs } = queue;
  if (queue.pending <= 0) return NONE;
  const part = Math.min(1, measured(queue.creatingForMs) / createMs) / 2;
  const servers = measured(queue.usable) + measured(queue.creating) * part;
  const coming = arrivalsPerMs * createMs;
  const remaining = measured(measured(queue.pending) + coming - (servers * createMs) / useMs);
  if (remaining === 0) return NONE;
  const drainMs = drainTimeMs(queue);
  return { remaining, need: wholeConnections(useMs * (arrivalsPerMs + remaining / drainMs)) };
}

/**
 * Time in which a backlog is drained: `max(W, min(k·C, 4·W), k·C/5)` with the wait objective W.
 *
 * Draining in one create time takes about twice the connections that the load needs for good, so where creates are quick
 * a shorter time would mostly cost. Where they are slow everybody is late meanwhile, so it is no longer than four
 * objectives, unless that would take more than five times as many again.
 */
function drainTimeMs({ waitObjectiveMs, createMs, drainCreateTimes }: Queue): number {
  const longest = drainCreateTimes * createMs;
  return Math.max(
    SHORTEST_DRAIN_MS,
    waitObjectiveMs,
    Math.min(longest, MOST_OBJECTIVES * waitObjectiveMs),
    longest / MOST_HASTE,
  );
}
