import { createClientPool } from '@redis/client';
import { startRespServer } from 'adaptive-pool/testing';
import { executing, type Peer } from './peer.js';

/** It takes no client of anybody else's, so these are sockets to a small server in this process. */
export const peer: Peer = {
  name: "node-redis' pool",
  package: '@redis/client',
  timeouts: 'both',
  async open({ min, max, acquireTimeoutMs, idleMs, connections }) {
    const server = await startRespServer({ acceptDelayMs: connections.createMs });
    const pool = createClientPool(
      { url: server.url },
      {
        minimum: Math.max(1, min),
        maximum: max,
        acquireTimeout: acquireTimeoutMs ?? 0,
        ...(idleMs === null ? {} : { cleanupDelay: idleMs }),
      },
    );
    pool.on('error', () => {});
    await pool.connect();
    // What it opens by itself is not seen from here: the server counts.
    Object.defineProperties(connections, {
      opened: { get: () => server.opened },
      open: { get: () => server.open },
    });
    return executing((work) => pool.execute(work));
  },
};
