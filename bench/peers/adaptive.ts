import { AdaptivePool, type AdaptivePoolOptions } from 'adaptive-pool';
import type { Resource } from './connections.js';
import { borrowing, type Face, type Peer, type Setup } from './peer.js';

/** This pool with its defaults: histograms, the policy `adaptive` and the leak sampling on. */
export const peer: Peer = {
  name: 'adaptive-pool',
  package: 'adaptive-pool',
  timeouts: 'both',
  open,
};

async function open(setup: Setup): Promise<Face> {
  const pool = new AdaptivePool<Resource>(optionsOf(setup));
  await pool.ready();
  return {
    ...borrowing(
      () => pool.acquire(),
      (lease) => lease.release(),
      (work) => pool.use(work),
    ),
    waitAbortably(signal, settled) {
      pool.acquire({ signal }).then((lease) => {
        lease.release();
        settled();
      }, settled);
    },
  };
}

function optionsOf({
  min,
  max,
  acquireTimeoutMs,
  connections,
}: Setup): AdaptivePoolOptions<Resource> {
  return {
    factory: { create: connections.create, destroy: connections.destroy },
    min,
    max,
    acquireTimeoutMs: acquireTimeoutMs ?? Number.POSITIVE_INFINITY,
    // As many as the scenarios let wait; the peers count to infinity.
    maxPending: 100_000,
  };
}
