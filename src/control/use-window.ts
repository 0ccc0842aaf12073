import { instant, measured } from './numbers.js';
import type { Signals } from './signals.js';

/** Fewest uses whose mean says anything. */
const FEWEST_USES = 10;
/** Mean use times below this are the client's own business, in milliseconds. */
const SHORTEST_USE_MS = 0.1;

/** What is known of the window that is not over yet. */
export interface UseWindow {
  /** Start in monotonic milliseconds, or null before the first decision. */
  readonly since: number | null;
  readonly uses: number;
  readonly peakInUse: number;
  readonly hasFailed: boolean;
}

/** No window has begun. */
export const NO_WINDOW: UseWindow = { since: null, uses: 0, peakInUse: 0, hasFailed: false };

/** What a window showed. */
export interface UseSample {
  /** Mean use time in milliseconds. */
  readonly useMs: number;
  readonly peakInUse: number;
  /** Whether the backend refused or did not answer a connection. */
  readonly hasFailed: boolean;
}

/**
 * Adds one interval; a window that is over and has at least ten uses becomes a sample, any other goes on (`WindowedLimit`
 * of Netflix' concurrency-limits).
 *
 * Timeouts and rejections of callers are no failures of the backend: with a cap on leases they are what the cap itself
 * causes, and a lower cap would make more of them. Creates that time out or that the server refuses are.
 */
export function observeWindow(
  previous: UseWindow,
  signals: Signals,
  windowMs: number,
): { readonly window: UseWindow; readonly sample: UseSample | null } {
  const now = instant(signals.now);
  // The clock is monotonic; a window from another clock says nothing.
  const isKnown = previous.since !== null && previous.since <= now;
  const { since, uses, peakInUse, hasFailed } = isKnown ? previous : { ...NO_WINDOW, since: now };
  const { timeout, serverLimit } = signals.createFailures;
  const window: UseWindow = {
    since,
    uses: measured(uses + measured(signals.completions)),
    peakInUse: Math.max(peakInUse, measured(signals.peakInUse), measured(signals.inUse)),
    hasFailed: hasFailed || timeout > 0 || serverLimit > 0,
  };
  const useMs = measured(signals.use.meanMs ?? 0);
  const isOver = now - (since ?? now) >= windowMs && window.uses >= FEWEST_USES;
  if (!isOver || useMs < SHORTEST_USE_MS) return { window, sample: null };
  return {
    window: { ...NO_WINDOW, since: now },
    sample: { useMs, peakInUse: window.peakInUse, hasFailed: window.hasFailed },
  };
}
