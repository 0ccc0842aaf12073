import { BUSIEST_CONNECTIONS, FIRST_CONNECTIONS } from './cold-start.js';
import { clamp, measured, wholeConnections } from './numbers.js';
import { openNow, type Signals } from './signals.js';

/** Share of busy time that is worth a thought although nothing is open, or although it is but a moment. */
const NOTEWORTHY_UTILISATION = 0.5;
/** Share of busy time above which the event loop decides how long a use takes. */
const SATURATED_UTILISATION = 0.9;
/**
 * Time over which it must be that busy to be called saturated, in milliseconds: the time constant of a moving average. So
 * long ago, callers who waited tell nothing any more.
 */
const WINDOW_MS = 500;
/** The same for the time in which callers wait. */
const WAITING_WINDOW_MS = 100;
/** Uses of less than this, the mean of the last second with the loop's own delays, wait for no backend, in milliseconds. */
const SHORT_USE_MS = 1;
/** Waiting with as many connections as are open now that shows how busy these keep the loop, in milliseconds. */
const FELT_MS = 5;
/** Keeps quotients finite. */
const LEAST_UTILISATION = 0.001;
/** Most of the pool that may be added per pause meanwhile, at least one connection. */
const CAUTIOUS_GROWTH = 0.1;
/** Time between two steps of growth meanwhile, in milliseconds. */
const PAUSE_MS = 1_000;

/** What is remembered of a busy event loop. */
export interface ClientState {
  /** Moving average of the share of busy time, 0..1. */
  readonly utilisation: number;
  /** The time in which callers waited of late, or null if none did. */
  readonly waiting: BusyWaiting | null;
  /** When growth was last allowed all the same, in monotonic milliseconds, or null. */
  readonly grewAt: number | null;
}

/** Time in which callers waited with one number of connections open: sums that fade. */
interface BusyWaiting {
  readonly open: number;
  readonly ms: number;
  readonly busyMs: number;
  /** Most connections by what was known before that number was open; null if nothing was. */
  readonly most: number | null;
  /** When somebody was last seen waiting, in monotonic milliseconds. */
  readonly waitedAt: number;
}

const UNKNOWN: ClientState = { utilisation: 0, waiting: null, grewAt: null };

/** Adds one interval; null where the event loop is not measured. */
export function observeClient(previous: ClientState | null, signals: Signals): ClientState | null {
  const { eventLoopUtilisation } = signals;
  if (eventLoopUtilisation === null) return null;
  const { utilisation: before, grewAt, waiting } = previous ?? UNKNOWN;
  const busy = clamp(eventLoopUtilisation, 0, 1);
  const ms = measured(signals.intervalMs);
  const utilisation = before + (1 - Math.exp(-ms / WINDOW_MS)) * (busy - before);
  return { utilisation, grewAt, waiting: observeWaiting(waiting, signals, ms, busy) };
}

/** The interval in which callers began to wait, or the number of connections changed, was mostly before that. */
function observeWaiting(
  previous: BusyWaiting | null,
  signals: Signals,
  intervalMs: number,
  busy: number,
): BusyWaiting | null {
  const { now, pending, oldestWaitMs } = signals;
  const before = previous !== null && isRecent(previous.waitedAt, now) ? previous : null;
  const isWaiting = pending > 0;
  if (!isWaiting && before === null) return null;
  const open = openNow(signals);
  const waitedAt = isWaiting || before === null ? now : before.waitedAt;
  if (before?.open !== open) {
    const most = (before === null ? null : mostOf(before)) ?? quotient(open, busy);
    return { open, ms: 0, busyMs: 0, most, waitedAt };
  }
  const keep = Math.exp(-intervalMs / WAITING_WINDOW_MS);
  // Before the oldest came there may have been a rest.
  const waitedMs = isWaiting ? Math.min(intervalMs, measured(oldestWaitMs)) : 0;
  const ms = before.ms * keep + waitedMs;
  return { ...before, ms, busyMs: before.busyMs * keep + waitedMs * busy, waitedAt };
}

function isRecent(at: number, now: number): boolean {
  return now >= at && now - at < WINDOW_MS;
}

/** `open / U`, with the share U of the time in which callers waited; what was known before as long as that is short. */
function mostOf({ open, ms, busyMs, most }: BusyWaiting): number | null {
  return ms >= FELT_MS ? quotient(open, busyMs / ms) : most;
}

/** `open / U`, finite; null where nothing is open, whatever the loop was busy with. */
function quotient(open: number, utilisation: number): number | null {
  return open > 0 ? open / Math.max(utilisation, LEAST_UTILISATION) : null;
}

/**
 * Most connections to aim for while the event loop is busy, or Infinity.
 *
 * An event loop that is busy for a share U of the time can carry at most 1/U times the present throughput (utilisation
 * law; P. J. Denning and J. P. Buzen, "The operational analysis of queueing network models", 1978), so more than 1/U
 * times the open connections cannot help before something else changes. When it has no time left at all, waits and use
 * times measure its own delays, and growth is held (the .NET thread pool adds no threads above 95 % CPU for the same
 * reason). Other work may keep a loop that busy for good while the backend has room, so one small step per second is
 * allowed.
 *
 * A moment alone deceives: a loop that has just dealt with all there was rests until the next replies come. So U is the
 * largest of the share of this moment, of the time in which callers wait, and of the last half second. What was opened a
 * moment ago did not contribute to it yet: while callers wait, U is measured anew with each number of open connections, and
 * what was known before holds for 5 ms.
 */
export function clientCap(signals: Signals, client: ClientState | null): number {
  const { eventLoopUtilisation: now, size, target } = signals;
  if (now === null || client === null) return Number.POSITIVE_INFINITY;
  const { utilisation: ofLate, waiting } = client;
  const utilisation = Math.max(now, ofLate);
  if (utilisation <= SATURATED_UTILISATION) {
    const most = waiting === null ? null : mostOf(waiting);
    const momentary = ceiling(utilisation, signals);
    return most === null
      ? momentary
      : Math.min(momentary, Math.max(fewest(signals), wholeConnections(most)));
  }
  const step = isStepDue(signals.now, client) ? Math.max(1, Math.floor(CAUTIOUS_GROWTH * size)) : 0;
  return Math.max(fewest(signals), target + step);
}

/** Connections that may be open however busy the event loop is: fewer where it is what uses take their time from. */
function fewest({ use: { meanMs } }: Signals): number {
  const isShort = meanMs !== null && meanMs < SHORT_USE_MS;
  return isShort ? BUSIEST_CONNECTIONS : FIRST_CONNECTIONS;
}

function isStepDue(now: number, { utilisation, grewAt }: ClientState): boolean {
  // A moment in which much happens at once is over before a step would help.
  if (utilisation <= SATURATED_UTILISATION) return false;
  return grewAt === null || now < grewAt || now - grewAt >= PAUSE_MS;
}

/** The same for this moment alone; null where the event loop is not measured or has plenty of time. */
export function clientCeiling(signals: Signals): number | null {
  const { eventLoopUtilisation: utilisation } = signals;
  const isNoteworthy = utilisation !== null && utilisation > NOTEWORTHY_UTILISATION;
  return isNoteworthy ? ceiling(utilisation, signals) : null;
}

/** `open / U` connections, rounded up: what this process could keep busy with the rest of its time. */
function ceiling(utilisation: number, signals: Signals): number {
  const open = openNow(signals);
  // Where nothing is open, the loop was busy with something else.
  if (open === 0 && utilisation <= NOTEWORTHY_UTILISATION) return Number.POSITIVE_INFINITY;
  return Math.max(fewest(signals), wholeConnections(open / utilisation));
}
