import { connect } from 'node:net';
import type { RedisInternals } from './redis-like.js';

/** A server that refuses says so as soon as it has accepted; one that is silent for so long has nothing to say. */
const PATIENCE_MS = 250;

/**
 * What a server says unasked to a new connection; null if that is nothing.
 *
 * One that is full or protected says why and closes. Who writes to it first, as every client does, mostly learns only
 * that his write failed; who just listens hears the reason.
 */
export function firstWords(
  options: RedisInternals['options'],
  signal: AbortSignal,
): Promise<string | null> {
  const { host, port, path } = options ?? {};
  return new Promise((resolve) => {
    let said: string | null = null;
    const socket = connect(
      typeof path === 'string'
        ? { path }
        : { host: typeof host === 'string' ? host : 'localhost', port: Number(port ?? 6_379) },
    );
    const end = (): void => void socket.destroy();
    signal.addEventListener('abort', end, { once: true });
    socket.setTimeout(PATIENCE_MS, end);
    socket.once('data', (chunk) => {
      said = chunk.toString('latin1');
      end();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      signal.removeEventListener('abort', end);
      resolve(said);
    });
  });
}
