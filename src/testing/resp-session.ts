import type { Socket } from 'node:net';
import type { Watcher } from './resp-keyspace.js';
import { RespParser } from './resp-parser.js';
import { failure } from './resp-reply.js';
import type { RespProtocol } from './resp-reply.js';

/** Commands kept by MULTI until EXEC. */
interface Transaction {
  readonly commands: string[][];
  /** A command could not be queued, so EXEC must refuse. */
  isBroken: boolean;
}

/** What a session asks of its server. */
export interface SessionHost {
  /** Delay of a reply at this moment, in milliseconds; `Infinity` for none at all. */
  latencyMs(): number;
  /** Runs a command. `undefined`: the reply comes later through `resume`, or never. */
  execute(session: RespSession, args: string[]): string | undefined;
  /** The connection is gone. */
  closed(session: RespSession): void;
}

/** One connection of the server, and what the commands before have made of it. */
export class RespSession implements Watcher {
  readonly id: number;
  /** `host:port` of the client. */
  readonly address: string;
  readonly channels: Set<string> = new Set();
  protocol: RespProtocol = 2;
  isAuthenticated = false;
  isDirty = false;
  db = 0;
  name = '';
  lastCommand = '';
  transaction: Transaction | undefined;
  /** Ends a blocking command without a reply; set while one blocks. */
  abandonBlock: (() => void) | undefined;

  readonly #socket: Socket;
  readonly #host: SessionHost;
  readonly #parser: RespParser;
  readonly #inbox: string[][] = [];
  readonly #outbox: { readonly dueAt: number; readonly data: string }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isDraining = false;
  #isEnding = false;

  constructor(id: number, socket: Socket, host: SessionHost) {
    this.id = id;
    this.#socket = socket;
    this.#host = host;
    this.address = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    this.#parser = new RespParser((args) => this.#inbox.push(args));
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    // A reset by the peer ends this connection and nothing else; 'close' follows.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#onClose());
  }

  /** Begins to read and to answer. */
  serve(): void {
    this.#socket.on('data', (chunk: string) => this.#receive(chunk));
  }

  /** Reads and forgets: the peer sees an open connection that never answers. */
  ignore(): void {
    this.#socket.resume();
  }

  /** Sends a reply or a message, after the latency and behind what waits already. */
  send(data: string): void {
    const latencyMs = this.#host.latencyMs();
    if (latencyMs <= 0 && this.#outbox.length === 0) {
      this.#socket.write(data, 'latin1');
      return;
    }
    if (latencyMs === Number.POSITIVE_INFINITY) return;
    this.#outbox.push({ dueAt: performance.now() + latencyMs, data });
    this.#arm();
  }

  /** Answers the command that blocked, and goes on with those that came behind it. */
  resume(reply: string): void {
    this.abandonBlock = undefined;
    this.send(reply);
    this.#drain();
  }

  /** Closes the connection once everything is sent, the reply to the present command included. */
  end(): void {
    this.#isEnding = true;
    if (!this.#isDraining) this.#endWhenSent();
  }

  /** Closes the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: string): void {
    if (this.#isEnding) return;
    let fault: unknown;
    try {
      this.#parser.push(chunk);
    } catch (error) {
      fault = error;
    }
    this.#drain();
    if (fault !== undefined) {
      this.send(failure(`ERR Protocol error: ${fault instanceof Error ? fault.message : ''}`));
      this.end();
    }
  }

  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    let replies = '';
    while (this.#inbox.length > 0 && this.abandonBlock === undefined && !this.#isEnding) {
      const args = this.#inbox.shift() ?? [];
      replies += this.#host.execute(this, args) ?? '';
    }
    this.#isDraining = false;
    if (replies !== '') this.send(replies);
    if (this.#isEnding) this.#endWhenSent();
  }

  #endWhenSent(): void {
    if (this.#outbox.length === 0) this.#socket.end();
  }

  #arm(): void {
    const next = this.#outbox[0];
    if (next === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, next.dueAt - performance.now()));
  }

  #flush(): void {
    this.#timer = undefined;
    let data = '';
    // Timers fire up to 1 ms early.
    const now = performance.now() + 1;
    while (this.#outbox[0] !== undefined && this.#outbox[0].dueAt <= now) {
      data += this.#outbox.shift()?.data ?? '';
    }
    if (data !== '') this.#socket.write(data, 'latin1');
    if (this.#isEnding) this.#endWhenSent();
    this.#arm();
  }

  #onClose(): void {
    clearTimeout(this.#timer);
    this.#outbox.length = 0;
    this.#inbox.length = 0;
    this.#isEnding = true;
    this.abandonBlock?.();
    this.abandonBlock = undefined;
    this.#host.closed(this);
  }
}
