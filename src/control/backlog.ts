import { measured, wholeConnections } from './numbers.js';

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
 * Looks one create time C ahead: `qC = max(0, q + λ·C − (n + c/2)·C/S)`.
 *
 * Returns serve `n·C/S` callers by then, and the c connections in flight will on average be there for half the time.
 * When nobody remains, a new connection would come too late to help anyone. Otherwise `need = S·(λ + qC/Td)` connections
 * (Little's law) serve the arrivals and drain the rest within `Td = max(wait objective, k·C)`.
 */
export function lookAhead(queue: Queue): Backlog {
  const { arrivalsPerMs, useMs, createMs } = queue;
  if (queue.pending <= 0) return NONE;
  const served = Math.min(1, measured(queue.creatingForMs) / createMs) / 2;
  const servers = measured(queue.usable) + measured(queue.creating) * served;
  const coming = arrivalsPerMs * createMs;
  const remaining = measured(measured(queue.pending) + coming - (servers * createMs) / useMs);
  if (remaining === 0) return NONE;
  const k = queue.drainCreateTimes;
  const drainMs = Math.max(
    queue.waitObjectiveMs,
    (k * createMs) / 5,
    Math.min(k * createMs, 4 * queue.waitObjectiveMs),
    SHORTEST_DRAIN_MS,
  );
  return { remaining, need: wholeConnections(useMs * (arrivalsPerMs + remaining / drainMs)) };
}
