import { formatMs } from '../control/words.js';
import type { LeakEndEvent, LeakEvent } from '../events.js';
import type { LogListeners } from './log-listeners.js';

/** Logs leases that do not come back, one `warn` each, and `info` when one does. */
export function logLeaks(listeners: LogListeners): void {
  const { logger } = listeners;
  listeners.on('leak', (event) =>
    logger.warn({ event: 'pool.leak', ...event }, leakMessage(event)),
  );
  listeners.on('leak-end', (event) =>
    logger.info({ event: 'pool.leak-end', ...event }, endMessage(event)),
  );
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
