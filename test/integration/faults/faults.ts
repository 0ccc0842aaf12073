import type { NetworkFault } from '../../support/fault-proxy.js';
import { PASSWORD, type FaultWorld } from '../../support/fault-world.js';

/** One thing that goes wrong, and how it ends. */
export interface Fault {
  readonly name: string;
  begin(world: FaultWorld): Promise<unknown>;
  end(world: FaultWorld): Promise<unknown>;
  /** Connections can be opened while it lasts, so that no back-off sets in. */
  readonly isOpenable?: boolean;
}

function network(name: string, fault: NetworkFault, isOpenable = false): Fault {
  return {
    name,
    isOpenable,
    begin: ({ proxy }) => proxy.set(fault),
    end: ({ proxy }) => proxy.set({ kind: 'pass' }),
  };
}

/** What networks do. Times are shorter than the cells' `createTimeoutMs` and longer than their `acquireTimeoutMs`. */
export const NETWORK_FAULTS: readonly Fault[] = [
  network('a server that refuses connections', { kind: 'refuse' }),
  network('connections that are reset', { kind: 'reset' }),
  network('a network that swallows everything', { kind: 'black-hole' }),
  network('a server that accepts and closes', { kind: 'close' }),
  network('a slow handshake', { kind: 'slow-handshake', ms: 250 }, true),
  network('replies that are cut in the middle', { kind: 'cut-mid-reply' }),
  network('connections of which the other side is gone', { kind: 'half-open' }, true),
  network('a narrow line', { kind: 'bandwidth', bytesPerSecond: 20_000 }, true),
  network('a long line', { kind: 'latency', ms: 20 }, true),
];

/** What servers do. */
export const SERVER_FAULTS: readonly Fault[] = [
  {
    name: 'a server that is killed and started again',
    begin: (world) => world.kill(),
    end: (world) => world.restart(),
  },
  {
    name: 'a server that is frozen',
    begin: async ({ server }) => server.pause(),
    end: async ({ server }) => server.resume(),
  },
  {
    name: 'a server with as many clients as it takes',
    begin: async (world) => {
      await world.config('maxclients', '1');
      await world.killClients();
    },
    end: (world) => world.config('maxclients', '10000'),
  },
  {
    name: 'a password that is wrong',
    begin: async (world) => {
      await world.config('requirepass', 'of-others');
      await world.killClients();
    },
    end: (world) => world.config('requirepass', PASSWORD),
  },
  {
    name: 'a server that loads its data',
    isOpenable: true,
    begin: (world) => world.load(),
    end: (world) => world.finishLoading(),
  },
];
