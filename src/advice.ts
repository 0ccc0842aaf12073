import { formatMs, SLOW_CREATE_MS } from './control/words.js';
import type { PoolStats } from './stats.js';

/** What a caller met. */
export type Trouble =
  | { readonly kind: 'timeout'; readonly timeoutMs: number; readonly waitedMs: number }
  | { readonly kind: 'queue-full' | 'overload' | 'closed' | 'create-failed' | 'not-ready' };

/** A timer that comes this much too late, in milliseconds, was kept waiting by the program. */
const LATE_MS = 50;
/** A lease is long if it is out for `ms` milliseconds and `times` as long as most uses take, or for `unknownMs` where that is not known. */
const LONG = { ms: 500, times: 10, unknownMs: 5_000 } as const;

/** One sentence: what the numbers say is worth trying first. */
export function adviceFor(trouble: Trouble, stats: PoolStats, hasCause: boolean): string {
  if (trouble.kind === 'closed') return 'Stop what brings work before closing the pool.';
  if (trouble.kind === 'create-failed') {
    return 'Nothing is open and creates fail: look at the cause, often a wrong password or address.';
  }
  if (trouble.kind === 'timeout') {
    const { timeoutMs, waitedMs } = trouble;
    const lateMs = waitedMs - timeoutMs;
    if (lateMs > LATE_MS) {
      return `The timeout came ${formatMs(lateMs)} late: the event loop was blocked, which no pool size mends.`;
    }
  }
  return adviceOnSize(trouble, stats, hasCause);
}

function adviceOnSize({ kind }: Trouble, stats: PoolStats, hasCause: boolean): string {
  const { size, creating, checking, idle, inUse, max, permits, oldestLeaseMs, target, use } = stats;
  const hangsFor = stats.oldestCreateMs ?? 0;
  const open = size - creating;
  const isFailing = hasCause || stats.gate.failuresInARow > 0;
  if (isFailing && size < max) {
    return open === 0
      ? 'Nothing is open and creates fail: look at the cause.'
      : 'Creates fail, so the pool cannot grow: look at the cause.';
  }
  if (kind === 'not-ready')
    return 'Opening takes longer than that: allow more time (readyTimeoutMs).';
  if (inUse > 0 && oldestLeaseMs !== null && isLong(oldestLeaseMs, stats)) {
    const usual = use.p99Ms === null ? '' : `, where most are back within ${formatMs(use.p99Ms)}`;
    return `The oldest lease is out for ${formatMs(oldestLeaseMs)}${usual}: the server stands still, or a lease is never given back (leakThresholdMs finds it).`;
  }
  if (inUse >= max) {
    const all = max === 1 ? 'The only connection is' : `All ${max} are`;
    return kind === 'queue-full' || kind === 'overload'
      ? `${all} in use: raise max, shorten what is done with a lease, or let fewer callers come.`
      : `${all} in use: raise max, or shorten what is done with a lease.`;
  }
  if (hangsFor >= SLOW_CREATE_MS)
    return `Connections do not open, the oldest attempt is ${formatMs(hangsFor)} old: look at the server and the network.`;
  if (creating > 0) {
    return open === 0 && stats.created === 0
      ? 'The first connections are still being opened: await ready() first, or allow more time.'
      : 'More connections are being opened: allow more time, or raise min so that they are open before.';
  }
  if (permits !== null && inUse >= permits) {
    return `The policy lends at most ${permits} at once, because the backend serves more no faster: give it fewer callers or more power.`;
  }
  if (checking > 0) return 'Connections are being checked: look for a slow validate or reset.';
  if (kind === 'timeout' && idle > 0) return 'One is free again: allow a little more time.';
  return `The policy holds ${target} of at most ${max}: raise min, or lower waitObjectiveMs.`;
}

function isLong(ms: number, { use }: PoolStats): boolean {
  return ms >= (use.p99Ms === null ? LONG.unknownMs : Math.max(LONG.ms, LONG.times * use.p99Ms));
}
