import { clamp, measured, wholeConnections } from './numbers.js';
import type { Hint, Signals } from './signals.js';
import { staffing } from './staffing.js';

/** What is opened beyond an announced load: announcements are round numbers. */
const HEADROOM = 1.15;
/** Assumed create time before any connection was opened, in milliseconds. */
const UNKNOWN_CREATE_MS = 50;
/** Connections are ready this much before the announced moment, in milliseconds: timers and servers are late at times. */
const MARGIN_MS = 20;
/** A preparation that takes longer than this is not believed: its moment is another clock's. */
const LONGEST_LEAD_MS = 600_000;

/** What the announced loads ask for now. */
export interface HintedFloor {
  /** Connections to keep at least; 0 when nothing was announced for now. */
  readonly size: number;
  /** When the next announced load must be prepared, in milliseconds from now, or null. */
  readonly wakeInMs: number | null;
  /** Moment of the latest load that is being prepared, in monotonic milliseconds, or null. */
  readonly preparing: number | null;
}

/** Nothing was announced. */
const NOTHING_HINTED: HintedFloor = { size: 0, wakeInMs: null, preparing: null };

/**
 * Connections that the announced loads need at this moment. Each says how much comes in total, so of overlapping ones the
 * largest counts. A concurrency of k asks for `⌈1.15·k⌉`; a rate for `⌈1.15·(R + √R)⌉` with `R = rate·S`, once a use time S
 * is known. Opening begins as many create times before the moment as it takes rounds to open what is missing. What has
 * begun goes on, although less and less is missing: `before` is the moment that was being prepared at the last decision.
 */
export function hintedFloor(
  signals: Signals,
  useMs: number | null,
  before: number | null,
): HintedFloor {
  if (signals.hints.length === 0) return NOTHING_HINTED;
  const { now, max } = signals;
  let size = 0;
  let wakeInMs: number | null = null;
  let preparing: number | null = null;
  const begun = before !== null && before - now <= LONGEST_LEAD_MS ? before : now;
  for (const hint of signals.hints) {
    if (hint.until <= now) continue;
    const need = Math.min(max, needOf(hint, useMs));
    const inMs = hint.from <= begun ? 0 : hint.from - leadMs(signals, need) - now;
    if (inMs <= 0) {
      size = Math.max(size, need);
      if (hint.from > now) preparing = Math.max(hint.from, preparing ?? hint.from);
    }
    // Half a millisecond more, so that a wake-up which is a little early is not followed by another.
    else if (need > size) wakeInMs = Math.min(wakeInMs ?? Number.POSITIVE_INFINITY, inMs + 0.5);
  }
  return { size, wakeInMs, preparing };
}

function needOf({ concurrency, ratePerSecond }: Hint, useMs: number | null): number {
  if (concurrency !== null) return wholeConnections(HEADROOM * measured(concurrency));
  if (useMs === null) return 0;
  return wholeConnections(HEADROOM * staffing(measured(ratePerSecond ?? 0) / 1_000, useMs));
}

/** How long before the moment opening must begin. */
function leadMs({ size, gate, create }: Signals, need: number): number {
  const missing = Math.max(0, need - size);
  const rounds = Math.ceil(missing / clamp(gate.limit, 1, 1_000));
  const createMs = create.p95Ms === null ? UNKNOWN_CREATE_MS : measured(create.p95Ms);
  return MARGIN_MS + rounds * createMs;
}
