import { Pool } from 'sequelize-pool';
import type { Resource } from './connections.js';
import { borrowing, type Peer } from './peer.js';

const NEVER_MS = 2 ** 31 - 1;

export const peer: Peer = {
  name: 'sequelize-pool',
  package: 'sequelize-pool',
  timeouts: 'always',
  open({ min, max, acquireTimeoutMs, idleMs, connections }) {
    const pool = new Pool<Resource>({
      create: connections.create,
      destroy: connections.destroy,
      validate: () => true,
      min,
      max,
      acquireTimeoutMillis: acquireTimeoutMs ?? NEVER_MS,
      ...(idleMs === null ? {} : { idleTimeoutMillis: idleMs }),
    });
    return borrowing(
      () => pool.acquire(),
      (resource) => pool.release(resource),
    );
  },
};
