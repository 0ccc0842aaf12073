import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
export interface RedisServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /**
   * Ends the server and removes its directory. Idempotent.
   *
   * @param signal `SIGKILL` for a crash
   * @default 'SIGTERM'
   */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Freezes the server: connections stay open and nothing is answered. */
  pause(): void;
  /** Ends a {@link pause}. */
  resume(): void;
}

const HOST = '127.0.0.1';
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

const running = new Set<ChildProcess>();

/** A test process that dies, or is ended because a test hangs, must not leave its servers behind. */
function dieWithThisProcess(child: ChildProcess): void {
  if (!process.listeners('exit').includes(killRunning)) {
    process.on('exit', killRunning);
    process.once('SIGTERM', () => {
      killRunning();
      // Without this listener the process would have ended; with one of the user's it is his to decide.
      if (process.listenerCount('SIGTERM') === 0) process.exit(143);
    });
  }
  running.add(child);
}

function killRunning(): void {
  for (const child of running) child.kill('SIGKILL');
}

async function startOn(port: number, args: readonly string[]): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'adaptive-pool-redis-'));
  const base = ['--bind', HOST, '--port', String(port), '--dir', directory];
  const child = spawn('redis-server', [...base, '--save', '', '--appendonly', 'no', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  // The log and not a PING: on a port taken by another server, that one would answer.
  const ready = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4_000);
      if (log.includes('Ready to accept connections')) resolve();
    });
  });
  dieWithThisProcess(child);
  const exited = exitOf(child, async () => {
    running.delete(child);
    await rm(directory, { recursive: true, force: true });
  });
  try {
    await Promise.race([ready, exited.then(() => Promise.reject(new Error('it exited')))]);
  } catch (error) {
    child.kill('SIGKILL');
    await exited.catch(() => undefined);
    if (isMissingFile(error)) {
      throw new Error('redis-server is not installed: sudo apt-get install -y redis-server', {
        cause: error,
      });
    }
    throw new Error(`redis-server did not start on port ${port}:\n${log}`, { cause: error });
  }
  const stop = (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    // A frozen process would keep SIGTERM for later.
    child.kill('SIGCONT');
    child.kill(signal);
    return exited;
  };
  return {
    host: HOST,
    port,
    pid: child.pid ?? 0,
    stop,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    [Symbol.asyncDispose]: () => stop('SIGKILL'),
  };
}

async function exitOf(child: ChildProcess, clean: () => Promise<void>): Promise<void> {
  try {
    // Rejects on 'error', which comes alone when the program is missing.
    await once(child, 'exit');
  } finally {
    await clean();
  }
}

function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
