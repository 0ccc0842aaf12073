import { formatMs } from '../control/words.js';
import type { LeakEndEvent, LeakEvent, PoolEvents } from '../events.js';
import type { Logger } from './logger.js';

/** What the log of leaks needs of a pool: its typed emitter. */
export interface LeakSource {
  on<K extends 'leak' | 'leak-end'>(event: K, listener: (...args: PoolEvents[K]) => void): unknown;
  off<K extends 'leak' | 'leak-end'>(event: K, listener: (...args: PoolEvents[K]) => void): unknown;
}

/** Logs leases that do not come back, one `warn` each, and `info` when one does; until the returned function is called. */
export function logLeaks(source: LeakSource, logger: Logger): () => void {
  const leaked = (event: LeakEvent): void => {
    logger.warn({ event: 'pool.leak', ...event }, leakMessage(event));
  };
  const ended = (event: LeakEndEvent): void => {
    logger.info({ event: 'pool.leak-end', ...event }, endMessage(event));
  };
  source.on('leak', leaked);
  source.on('leak-end', ended);
  return () => {
    source.off('leak', leaked);
    source.off('leak-end', ended);
  };
}

function leakMessage(event: LeakEvent): string {
  const { pool, id, heldForMs, kind, isReclaimed, stack, sharedWork } = event;
  if (sharedWork !== undefined) {
    const work = sharedWork === 1 ? 'work has' : `${sharedWork} pieces of work have`;
    return `${pool}: ${work} not settled for ${formatMs(heldForMs)} on connection ${id}, which others share`;
  }
  const what =
    kind === 'dropped'
      ? 'was dropped without a release, its connection is closed'
      : `is out for ${formatMs(heldForMs)}${isReclaimed ? ', it is taken back' : ''}`;
  const where =
    stack === undefined ? ' (not sampled, see leakSampling)' : `; it was acquired here:\n${stack}`;
  return `${pool}: the lease of connection ${id} ${what}${where}`;
}

function endMessage({ pool, id, heldForMs, how }: LeakEndEvent): string {
  if (how === 'settled') {
    return `${pool}: the shared work on connection ${id} has settled after ${formatMs(heldForMs)}`;
  }
  const what = how === 'dropped' ? 'was dropped without a release' : 'came back';
  return `${pool}: the lease of connection ${id} ${what} after ${formatMs(heldForMs)}`;
}
