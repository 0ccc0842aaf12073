import type { CreateFailureKind, RejectReason } from './ports.js';

interface Levels {
  readonly inUse: number;
  readonly idle: number;
  readonly size: number;
}

/** Totals since construction; they only grow. */
export class Ledger {
  arrivals = 0;
  /** Requests that got a slot. */
  granted = 0;
  released = 0;
  timeouts = 0;
  rejected = 0;
  aborted = 0;
  /** Creates started, finished and failed. */
  opened = 0;
  created = 0;
  createFailures = 0;
  readonly failuresByKind: Record<CreateFailureKind, number> = {
    transient: 0,
    permanent: 0,
    'server-limit': 0,
    timeout: 0,
  };
  /** Slots that are gone: failed creates and closed connections. */
  gone = 0;
  /** Integrals over time, in connection- and waiter-milliseconds. */
  inUseMs = 0;
  pendingMs = 0;
  sizeMs = 0;

  /** Most slots ever. */
  peakSize = 0;
  /** Extremes since `resetExtremes`. */
  peakInUse = 0;
  peakDemand = 0;
  lowestIdle = 0;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  /** Brings the integrals up to `now`; called before any count changes. */
  integrate(now: number, { inUse, size }: Levels, pending: number): void {
    const elapsed = now - this.#at;
    if (elapsed <= 0) return;
    this.#at = now;
    this.inUseMs += elapsed * inUse;
    this.pendingMs += elapsed * pending;
    this.sizeMs += elapsed * size;
  }

  noteRejection(why: RejectReason): void {
    if (why === 'timeout') this.timeouts += 1;
    else if (why === 'aborted') this.aborted += 1;
    else this.rejected += 1;
  }

  /** What was rejected was no caller. */
  forgetRejection(why: RejectReason): void {
    if (why === 'timeout') this.timeouts -= 1;
    else if (why === 'aborted') this.aborted -= 1;
    else this.rejected -= 1;
  }

  noteCreateFailure(kind: CreateFailureKind): void {
    this.createFailures += 1;
    this.failuresByKind[kind] += 1;
    this.gone += 1;
  }

  /** Widens the extremes to the present levels; called after every change. */
  noteLevels({ inUse, idle, size }: Levels, pending: number): void {
    if (size > this.peakSize) this.peakSize = size;
    if (inUse > this.peakInUse) this.peakInUse = inUse;
    if (inUse + pending > this.peakDemand) this.peakDemand = inUse + pending;
    if (idle < this.lowestIdle) this.lowestIdle = idle;
  }

  resetExtremes({ inUse, idle }: Levels, pending: number): void {
    this.peakInUse = inUse;
    this.peakDemand = inUse + pending;
    this.lowestIdle = idle;
  }
}
