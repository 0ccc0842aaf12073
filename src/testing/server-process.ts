import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The program `redis-server`, running as a process of its own. */
export interface ServerProcess extends AsyncDisposable {
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

interface ServerProcessOptions {
  /** @param directory the server's own, empty at first and removed at the end */
  readonly args: (directory: string) => readonly string[] | Promise<readonly string[]>;
  /** What its log says when it serves. */
  readonly readyText: string;
  /** For the error when it does not start. */
  readonly port: number;
}

/** Where every server of a test listens. */
export const HOST = '127.0.0.1';

/**
 * Starts `redis-server` in a new directory and waits until its log says that it is ready.
 *
 * @throws Error with one line that says how to install it when it is missing, or with what it said when it ended
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'adaptive-pool-redis-'));
  const child = spawn('redis-server', await options.args(directory), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4_000);
      if (log.includes(options.readyText)) resolve();
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
    throw new Error(`redis-server did not start on port ${options.port}:\n${log}`, {
      cause: error,
    });
  }
  const stop = (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    // A frozen process would keep SIGTERM for later.
    child.kill('SIGCONT');
    child.kill(signal);
    return exited;
  };
  return {
    pid: child.pid ?? 0,
    stop,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    [Symbol.asyncDispose]: () => stop('SIGKILL'),
  };
}

/** A port on which nobody listens now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
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
