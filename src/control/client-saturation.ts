import { BUSIEST_CONNECTIONS, FIRST_CONNECTIONS } from './cold-start.js';
import { clamp, measured } from './numbers.js';
import { openNow, type Signals } from './signals.js';

/** Share of busy time that is worth a thought although nothing is open, or although it is but a moment. */
const NOTEWORTHY_UTILISATION = 0.5;
/** Share of busy time above which the event loop decides how long a use takes. */
const SATURATED_UTILISATION = 0.9;
/** Time over which it must be that busy to be called saturated, in milliseconds: the time constant of a moving average. */
const WINDOW_MS = 500;
/** The same for the time in which callers wait. */
const WAITING_WINDOW_MS = 100;
/** Uses of less than this on average, delays of the event loop included, do not wait for a backend, in milliseconds. */
const SHORT_USE_MS = 1;
/** Time between two counts of the open connections, in milliseconds: a step of growth must be felt before the next. */
const STEP_MS = 100;
/** Most of the pool that may be added per pause meanwhile, at least one connection. */
const CAUTIOUS_GROWTH = 0.1;
/** Time between two steps of growth meanwhile, in milliseconds. */
const PAUSE_MS = 1_000;

/** What is remembered of a busy event loop. */
export interface ClientState {
  /** Moving average of the share of busy time, 0..1. */
  readonly utilisation: number;
  /** The time since callers began to wait, or null if nobody waits. */
  readonly waiting: BusyWaiting | null;
  /** The connections that growth is measured against. */
  readonly counted: Count | null;
  /** When growth was last allowed all the same, in monotonic milliseconds, or null. */
  readonly grewAt: number | null;
}

/** Time in which callers waited: sums that fade. */
interface BusyWaiting {
  readonly ms: number;
  readonly busyMs: number;
}

/** Open connections, counted once every `STEP_MS`. */
interface Count {
  /** Never fewer than `FIRST_CONNECTIONS`: those may be open whatever the event loop does. */
  readonly open: number;
  /** Monotonic milliseconds. */
  readonly at: number;
}

const UNKNOWN: ClientState = { utilisation: 0, waiting: null, counted: null, grewAt: null };
const JUST_WAITING: BusyWaiting = { ms: 0, busyMs: 0 };

/** Adds one interval; null where the event loop is not measured. */
export function observeClient(previous: ClientState | null, signals: Signals): ClientState | null {
  const { eventLoopUtilisation, pending, now } = signals;
  if (eventLoopUtilisation === null) return null;
  const { utilisation: before, grewAt, waiting, counted } = previous ?? UNKNOWN;
  const busy = clamp(eventLoopUtilisation, 0, 1);
  const ms = measured(signals.intervalMs);
  const utilisation = before + (1 - Math.exp(-ms / WINDOW_MS)) * (busy - before);
  return {
    utilisation,
    grewAt,
    waiting: pending > 0 ? wait(waiting, ms, busy) : null,
    counted: isCurrent(counted, now) ? counted : count(signals),
  };
}

/** The interval in which callers began to wait was mostly before that, and does not count. */
function wait(before: BusyWaiting | null, ms: number, busy: number): BusyWaiting {
  if (before === null) return JUST_WAITING;
  const keep = Math.exp(-ms / WAITING_WINDOW_MS);
  return { ms: before.ms * keep + ms, busyMs: before.busyMs * keep + ms * busy };
}

function isCurrent(counted: Count | null, now: number): counted is Count {
  const ageMs = now - (counted?.at ?? Number.NEGATIVE_INFINITY);
  return ageMs >= 0 && ageMs < STEP_MS;
}

function count(signals: Signals): Count {
  return { open: Math.max(FIRST_CONNECTIONS, openNow(signals)), at: signals.now };
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
 * largest of the share of this moment, of the time in which callers wait, and of the last half second. And what was opened
 * a moment ago did not contribute to it yet: the connections are counted ten times a second.
 */
export function clientCap(signals: Signals, client: ClientState | null): number {
  const { eventLoopUtilisation: now, size, target } = signals;
  if (now === null || client === null) return Number.POSITIVE_INFINITY;
  const { utilisation: ofLate, waiting, counted } = client;
  if (Math.max(now, ofLate) <= SATURATED_UTILISATION) {
    const isKnown = waiting !== null && waiting.ms > 0;
    const whileWaiting = isKnown ? waiting.busyMs / waiting.ms : 0;
    return ceiling(Math.max(now, whileWaiting, ofLate), signals, counted?.open);
  }
  const step = isStepDue(signals.now, client) ? Math.max(1, Math.floor(CAUTIOUS_GROWTH * size)) : 0;
  return Math.max(fewest(signals), target + step);
}

/** Connections that may be open however busy the event loop is: fewer where it is what uses take their time from. */
function fewest({ completions, inUseMs }: Signals): number {
  const isShort = completions > 0 && measured(inUseMs) / completions < SHORT_USE_MS;
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
function ceiling(utilisation: number, signals: Signals, most = Number.POSITIVE_INFINITY): number {
  const open = openNow(signals);
  // Where nothing is open, the loop was busy with something else.
  if (open === 0 && utilisation <= NOTEWORTHY_UTILISATION) return Number.POSITIVE_INFINITY;
  return Math.max(fewest(signals), Math.ceil(Math.min(open, most) / utilisation));
}
