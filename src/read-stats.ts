import type { Autoscaler } from './autoscaler/autoscaler.js';
import type { Slot } from './engine/slot.js';
import type { SharingStats, PoolStats } from './stats.js';
import { CARRIER } from './request-context.js';

/** Reads all statistics at one instant. */
export function readStats<T, C>(
  fromHost: Pick<PoolStats, 'name' | 'min' | 'max' | 'createsGivenUp'>,
  autoscaler: Autoscaler<T, C>,
  sharing: SharingStats,
  now: number,
): PoolStats {
  autoscaler.age(now);
  const { engine, telemetry } = autoscaler;
  const { slots, totals } = engine;
  return Object.freeze({
    ...fromHost,
    size: slots.size,
    creating: slots.creating,
    checking: slots.checking,
    idle: slots.idle,
    inUse: slots.inUse,
    closing: slots.closing,
    pending: engine.pending,
    oldestLeaseMs: oldestLeaseMs(slots.all(), now),
    oldestCreateMs: slots.oldestCreateAt === null ? null : now - slots.oldestCreateAt,
    target: engine.target,
    permits: engine.permits,
    shared: Object.freeze({
      connections: sharing.connections,
      inFlight: sharing.inFlight,
      pending: sharing.pending,
      served: sharing.served,
    }),
    acquired: totals.granted,
    released: totals.released,
    timeouts: totals.timeouts,
    rejected: totals.rejected,
    aborted: totals.aborted,
    created: totals.created,
    createFailures: totals.createFailures,
    destroyed: totals.gone - totals.createFailures - fromHost.createsGivenUp,
    wait: telemetry.wait,
    use: telemetry.use,
    create: telemetry.create,
    gate: Object.freeze(engine.gate.read(now)),
  });
}

function oldestLeaseMs(slots: Iterable<Slot<unknown>>, now: number): number | null {
  let oldest: number | null = null;
  for (const { lentAt, state, holder } of slots) {
    if (state === 'in-use' && holder?.context !== CARRIER)
      oldest = Math.max(oldest ?? 0, now - lentAt);
  }
  return oldest;
}
