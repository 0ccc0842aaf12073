import { Pool } from 'tarn';
import type { Resource } from './connections.js';
import { borrowing, type Peer } from './peer.js';

const NEVER_MS = 2 ** 31 - 1;

export const peer: Peer = {
  name: 'tarn',
  package: 'tarn',
  timeouts: 'always',
  open({ min, max, acquireTimeoutMs, idleMs, connections }) {
    const { create, destroy } = connections;
    const pool = new Pool<Resource>({
      create,
      destroy,
      min,
      max,
      acquireTimeoutMillis: acquireTimeoutMs ?? NEVER_MS,
      ...(idleMs === null ? {} : { idleTimeoutMillis: idleMs }),
    });
    const waiting: { abort(): void }[] = [];
    return {
      ...borrowing(
        () => pool.acquire().promise,
        (resource) => pool.release(resource),
      ),
      waitAbortably(signal, settled) {
        if (waiting.length === 0) {
          signal.addEventListener('abort', () => {
            for (const one of waiting) one.abort();
          });
        }
        const one = pool.acquire();
        waiting.push(one);
        one.promise.then((resource) => {
          pool.release(resource);
          settled();
        }, settled);
      },
    };
  },
};
