import { freePort, HOST, startServerProcess } from './server-process.js';
import type { ServerProcess } from './server-process.js';

/** How to start a real Redis. */
export interface RedisServerOptions {
  /**
   * Arguments for the server, as in `['--maxclients', '40', '--requirepass', 'secret']`.
   * @default []
   */
  readonly args?: readonly string[] | undefined;
  /**
   * Port to listen on, to come back where a stopped server was.
   * @default a free one
   */
  readonly port?: number | undefined;
}

/** A real redis-server without persistence, in a directory of its own. */
export interface RedisServer extends ServerProcess {
  readonly host: string;
  readonly port: number;
  /** `redis://` URL of this server, without credentials. */
  readonly url: string;
}

const START_ATTEMPTS = 3;

/**
 * Starts `redis-server`, found on the PATH, on 127.0.0.1 and waits until it says that it is ready (`--logfile`
 * and a lower `--loglevel` would silence that).
 *
 * @throws Error with one line that says how to install it when it is missing
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    // Another process can take the port between the look and the start.
    const port = options.port ?? (await freePort());
    try {
      return await startOn(port, options.args ?? []);
    } catch (error) {
      const isMissing = error instanceof Error && error.message.includes('not installed');
      if (isMissing || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function startOn(port: number, args: readonly string[]): Promise<RedisServer> {
  const base = ['--bind', HOST, '--port', String(port), '--save', '', '--appendonly', 'no'];
  const server = await startServerProcess({
    args: (directory) => ['--dir', directory, ...base, ...args],
    // The log and not a PING: on a port taken by another server, that one would answer.
    readyText: 'Ready to accept connections',
    port,
  });
  return { host: HOST, port, url: `redis://${HOST}:${port}`, ...server };
}
