import { EventEmitter } from 'node:events';
import PgPool from 'pg-pool';
import type { Connections } from './connections.js';
import { borrowing, type Peer } from './peer.js';

export const peer: Peer = {
  name: 'pg-pool',
  package: 'pg-pool',
  timeouts: 'both',
  open({ min, max, acquireTimeoutMs, idleMs, connections }) {
    const pool = new PgPool({
      Client: clientOf(connections),
      port: 0,
      min,
      max,
      connectionTimeoutMillis: acquireTimeoutMs ?? 0,
      ...(idleMs === null ? {} : { idleTimeoutMillis: idleMs }),
    });
    return borrowing(
      () => pool.connect(),
      (client) => client.release(),
    );
  },
};

/** As much of the client of `pg` as pg-pool looks at, around a connection that is none. */
function clientOf(connections: Connections): new (options: object) => EventEmitter {
  return class FakeClient extends EventEmitter {
    readonly _queryable = true;
    readonly _ending = false;
    #isConnected = false;

    constructor(_options: object) {
      super();
    }

    isConnected(): boolean {
      return this.#isConnected;
    }

    connect(done: (error?: Error) => void): void {
      void connections.create().then(() => {
        this.#isConnected = true;
        done();
      });
    }

    end(done?: () => void): void {
      void connections.destroy().then(done);
    }
  };
}
