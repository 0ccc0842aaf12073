import { connect } from 'node:net';
import type { RedisInternals } from './redis-like.js';

/** A server that refuses says so as soon as it has accepted; one that is silent for so long has nothing to say. */
const PATIENCE_MS = 250;
/** A server in trouble is asked once in this time, whoever wants to know. */
const SHORTEST_PAUSE_MS = 1_000;
/** Addresses that are remembered. */
const MOST_KNOWN = 100;

interface Asked {
  readonly at: number;
  readonly words: Promise<string | null>;
}

const asked = new Map<string, Asked>();

/**
 * What a server says unasked to a new connection; null if that is nothing.
 *
 * One that is full or protected says why and closes. Who writes to it first, as every client does, mostly learns only
 * that his write failed; who just listens hears the reason.
 */
export function firstWords(options: RedisInternals['options']): Promise<string | null> {
  const { host, port, path } = options ?? {};
  const address =
    typeof path === 'string'
      ? { path }
      : { host: typeof host === 'string' ? host : 'localhost', port: Number(port ?? 6_379) };
  const key = JSON.stringify(address);
  const now = performance.now();
  const before = asked.get(key);
  if (before !== undefined && now - before.at < SHORTEST_PAUSE_MS) return before.words;
  if (asked.size >= MOST_KNOWN) asked.clear();
  const words = listen(address);
  asked.set(key, { at: now, words });
  return words;
}

function listen(
  address: { path: string } | { host: string; port: number },
): Promise<string | null> {
  return new Promise((resolve) => {
    let said: string | null = null;
    const socket = connect(address);
    const end = (): void => void socket.destroy();
    socket.setTimeout(PATIENCE_MS, end);
    socket.once('data', (chunk) => {
      said = chunk.toString('latin1');
      end();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(said));
  });
}
