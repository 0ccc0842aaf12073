import { connect } from 'node:net';
import { startRespServer } from '../../src/testing/index.js';
import { startRedisServer } from '../../src/testing/redis-server.js';

/** Settings that both kinds of server know. */
export interface BackendOptions {
  readonly password?: string;
  readonly maxclients?: number;
}

/** What tests need of a server, whichever kind it is. */
export interface Backend extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Cuts every connection. */
  killAll(): Promise<void> | void;
  /** Accepts and keeps connections from now on, and never answers. */
  freeze(): void;
}

async function startInProcess(options: BackendOptions = {}): Promise<Backend> {
  const server = await startRespServer(options);
  return {
    host: server.host,
    port: server.port,
    killAll: () => void server.kill(),
    freeze: () => server.configure({ stallHandshake: true, latencyMs: Number.POSITIVE_INFINITY }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

async function startReal(options: BackendOptions = {}): Promise<Backend> {
  const { password, maxclients } = options;
  const server = await startRedisServer({
    args: [
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...(maxclients === undefined ? [] : ['--maxclients', String(maxclients)]),
    ],
  });
  return {
    host: server.host,
    port: server.port,
    killAll: () => command(server.port, 'CLIENT', 'KILL', 'TYPE', 'normal'),
    freeze: () => server.pause(),
    [Symbol.asyncDispose]: () => server.stop('SIGKILL'),
  };
}

function command(port: number, ...args: string[]): Promise<void> {
  const text = `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(text));
    socket.once('data', () => socket.destroy());
    socket.once('close', () => resolve());
    socket.once('error', reject);
  });
}

/** For `describe.each`: what holds on the server in this process must hold on a real one. */
export const backends: readonly {
  readonly backend: string;
  readonly start: (options?: BackendOptions) => Promise<Backend>;
}[] = [
  { backend: 'the in-process server', start: startInProcess },
  { backend: 'a real Redis', start: startReal },
];
