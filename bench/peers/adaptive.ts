import { AdaptivePool, type AdaptivePoolOptions, type TunableOptions } from 'adaptive-pool';
import type { Resource } from './connections.js';
import { borrowing, type Face, type Peer, type Setup } from './peer.js';

/** This pool with its defaults: histograms, the policy `adaptive` and the leak sampling on. */
export const peer: Peer = {
  name: 'adaptive-pool',
  package: 'adaptive-pool',
  timeouts: 'both',
  open: (setup) => open(setup, {}),
};

/** The same with the place of every acquire kept, as one hunts a leak. */
export const sampled: Peer = {
  name: 'adaptive-pool, leakSampling 1',
  timeouts: 'both',
  open: (setup) => open(setup, { leakSampling: 1 }),
};

async function open(setup: Setup, options: TunableOptions): Promise<Face> {
  const pool = new AdaptivePool<Resource>({ ...optionsOf(setup), ...options });
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
