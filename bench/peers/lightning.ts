import { createPool } from 'lightning-pool';
import type { Resource } from './connections.js';
import { borrowing, type Peer } from './peer.js';

export const peer: Peer = {
  name: 'lightning-pool',
  package: 'lightning-pool',
  timeouts: 'both',
  open({ min, max, acquireTimeoutMs, idleMs, connections }) {
    const { create, destroy } = connections;
    const pool = createPool<Resource>(
      { create, destroy },
      {
        min,
        max,
        acquireTimeoutMillis: acquireTimeoutMs ?? 0,
        maxQueue: 100_000,
        ...(idleMs === null ? {} : { idleTimeoutMillis: idleMs }),
      },
    );
    pool.start();
    return borrowing(
      () => pool.acquire(),
      (resource) => pool.release(resource),
    );
  },
};
