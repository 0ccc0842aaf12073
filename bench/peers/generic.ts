import genericPool from 'generic-pool';
import type { Resource } from './connections.js';
import { borrowing, type Peer } from './peer.js';

export const peer: Peer = {
  name: 'generic-pool',
  package: 'generic-pool',
  timeouts: 'both',
  async open({ min, max, acquireTimeoutMs, idleMs, connections }) {
    const { create, destroy } = connections;
    const pool = genericPool.createPool<Resource>(
      { create, destroy },
      {
        min,
        max,
        ...(acquireTimeoutMs === null ? {} : { acquireTimeoutMillis: acquireTimeoutMs }),
        ...(idleMs === null
          ? {}
          : { softIdleTimeoutMillis: idleMs, evictionRunIntervalMillis: idleMs / 2 }),
      },
    );
    await pool.ready();
    return borrowing(
      () => pool.acquire(),
      (resource) => pool.release(resource),
      async (work) => pool.use(async () => work()),
    );
  },
};
