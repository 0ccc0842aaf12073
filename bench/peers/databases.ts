import { createRequire } from 'node:module';
import type * as DatabasesPool from '@databases/connection-pool';
import type { Resource } from './connections.js';
import { borrowing, type Peer } from './peer.js';

/** Written for `require`; what `import` makes of its default export depends on who loads it. */
const required = createRequire(import.meta.url)(
  '@databases/connection-pool',
) as (typeof DatabasesPool)['default'];
export const createDatabasesPool: typeof required.default = required.default;

export const peer: Peer = {
  name: '@databases/connection-pool',
  package: '@databases/connection-pool',
  timeouts: 'both',
  open({ max, acquireTimeoutMs, idleMs, connections }) {
    const pool = createDatabasesPool<Resource>({
      openConnection: connections.create,
      closeConnection: connections.destroy,
      maxSize: max,
      ...(acquireTimeoutMs === null ? {} : { queueTimeoutMilliseconds: acquireTimeoutMs }),
      ...(idleMs === null ? {} : { idleTimeoutMilliseconds: idleMs }),
      onTimeoutClosingConnection: () => {},
      onErrorClosingConnection: () => {},
    });
    return borrowing(
      () => pool.getConnection(),
      (lease) => lease.release(),
    );
  },
};
