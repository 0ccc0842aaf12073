import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { execute } from './resp-commands.js';
import { Keyspace } from './resp-keyspace.js';
import { failure } from './resp-reply.js';
import { RespSession } from './resp-session.js';

/** How the server behaves. Every field can be changed while it runs. */
export interface RespServerOptions {
  /**
   * Time between accepting a connection and reading from it, in milliseconds. TCP connects at once; the handshake
   * takes this much longer. Concerns connections accepted from now on.
   * @default 0
   */
  readonly acceptDelayMs?: number | undefined;
  /**
   * Accept connections and never answer them, not even later. Concerns connections accepted from now on.
   * @default false
   */
  readonly stallHandshake?: boolean | undefined;
  /**
   * Delay of every reply, in milliseconds, as a distant server would have: commands still overlap. `Infinity` drops
   * the replies.
   * @default 0
   */
  readonly latencyMs?: number | undefined;
  /**
   * Most connections open at once; one more is refused as Redis does, with an error and a close. At least 0.
   * @default Infinity
   */
  readonly maxclients?: number | undefined;
  /**
   * Password of the user `default`. A change leaves authenticated connections alone.
   * @default undefined, which asks for none
   */
  readonly password?: string | undefined;
}

/**
 * A small Redis in this process, for tests: strings, lists, transactions, BLPOP, subscriptions to channels, RESP2 and
 * RESP3. Start one with {@link startRespServer}.
 */
export interface RespServer extends AsyncDisposable {
  /** Always `127.0.0.1`. */
  readonly host: string;
  readonly port: number;
  /** `redis://` URL of this server, without the password. */
  readonly url: string;
  /** Connections opened so far, refused ones included. */
  readonly opened: number;
  /** Connections open now, refused ones not included. */
  readonly open: number;
  /** Commands received so far, those of the handshake included. */
  readonly commands: number;
  /** Changes the behaviour from now on; fields that are not given stay as they are. */
  configure(options: RespServerOptions): void;
  /**
   * Cuts the `count` oldest connections without a word, as a crash or a firewall would, and returns how many there were.
   *
   * @param count how many at most; all by default
   */
  kill(count?: number): number;
  /** Cuts every connection and stops listening. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a {@link RespServer} on a free port of 127.0.0.1.
 *
 * @param options behaviour from the start; see {@link RespServer.configure}
 */
export async function startRespServer(options: RespServerOptions = {}): Promise<RespServer> {
  const server = new InProcessServer(options);
  await server.listen();
  return server;
}

class InProcessServer implements RespServer {
  readonly host = '127.0.0.1';
  readonly keyspace: Keyspace = new Keyspace();
  readonly sessions: Set<RespSession> = new Set();
  opened = 0;
  commands = 0;
  #options: RespServerOptions = {};
  #password: string | undefined;
  readonly #server: Server;
  readonly #refused = new Set<Socket>();
  #closing: Promise<void> | undefined;

  constructor(options: RespServerOptions) {
    this.configure(options);
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }

  get open(): number {
    return this.sessions.size;
  }

  get password(): string | undefined {
    return this.#password;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      // A burst of a thousand connections must not be dropped by the kernel.
      this.#server.listen({ host: this.host, port: 0, backlog: 4_096 }, resolve);
    });
  }

  configure(options: RespServerOptions): void {
    this.#options = { ...this.#options, ...options };
    const { password } = this.#options;
    this.#password =
      password === undefined ? undefined : Buffer.from(password, 'utf8').toString('latin1');
  }

  kill(count: number = this.sessions.size): number {
    const victims = [...this.sessions].slice(0, count);
    for (const victim of victims) {
      // At once, so that `open` is right when this returns.
      this.sessions.delete(victim);
      victim.destroy();
    }
    return victims.length;
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.kill();
      for (const socket of this.#refused) socket.destroy();
    });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  latencyMs(): number {
    return this.#options.latencyMs ?? 0;
  }

  execute(session: RespSession, args: string[]): string | undefined {
    this.commands += 1;
    return execute(session, args, this);
  }

  closed(session: RespSession): void {
    this.sessions.delete(session);
    this.keyspace.unwatch(session);
  }

  #accept(socket: Socket): void {
    this.opened += 1;
    const { acceptDelayMs = 0, stallHandshake = false, maxclients } = this.#options;
    if (this.sessions.size >= (maxclients ?? Number.POSITIVE_INFINITY)) {
      this.#refuse(socket);
      return;
    }
    const session = new RespSession(this.opened, socket, this);
    session.isAuthenticated = this.#password === undefined;
    this.sessions.add(session);
    if (stallHandshake) {
      session.ignore();
    } else if (acceptDelayMs > 0) {
      const timer = setTimeout(() => session.serve(), acceptDelayMs);
      socket.once('close', () => clearTimeout(timer));
    } else {
      session.serve();
    }
  }

  #refuse(socket: Socket): void {
    this.#refused.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#refused.delete(socket));
    // Reading what the client says keeps the kernel from resetting the connection before the client has the reason.
    socket.resume();
    socket.end(failure('ERR max number of clients reached'));
  }
}
