import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { FaultLink, FREE_TRANSIT, type Transit } from './fault-link.js';

/** What is wrong between a client and its server. `reopened` says what becomes of the connections that are open. */
export type NetworkFault =
  /** Nothing: bytes pass. */
  | { readonly kind: 'pass' }
  /** Nothing listens; open connections end. */
  | { readonly kind: 'refuse' }
  /** New connections are reset as soon as they are there, open ones at once. */
  | { readonly kind: 'reset' }
  /**
   * New connections are accepted and never answered, not even later. Open ones stand still, and move again when the
   * fault is over.
   */
  | { readonly kind: 'black-hole' }
  /** New connections are accepted and closed; open ones end. */
  | { readonly kind: 'close' }
  /** Open connections end; new ones hear nothing for `ms` and work then. */
  | { readonly kind: 'slow-handshake'; readonly ms: number }
  /** Every connection ends in the middle of the next reply. */
  | { readonly kind: 'cut-mid-reply' }
  /** The server's side of open connections is gone, and the clients never hear of it. New ones work. */
  | { readonly kind: 'half-open' }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  /** Added in each direction. */
  | { readonly kind: 'latency'; readonly ms: number };

const HOST = '127.0.0.1';
/** Below the ports that the kernel gives to outgoing connections, so that nobody takes it while nothing listens. */
const PORTS = { first: 20_000, count: 12_000 } as const;
const ATTEMPTS = 50;

/** A TCP proxy on 127.0.0.1 in front of a server, which does whatever networks do wrong. */
export class FaultProxy implements AsyncDisposable {
  readonly host: string = HOST;
  /** When each connection was opened, by `performance.now()`. While it refuses there is nothing to count. */
  readonly connects: number[] = [];
  /** Port of the server behind. */
  target: number;
  #port = 0;
  #server: Server | null = null;
  #fault: NetworkFault = { kind: 'pass' };
  readonly #links = new Set<FaultLink>();
  readonly #sockets = new Set<Socket>();

  private constructor(target: number) {
    this.target = target;
  }

  /** @param target port of the server on 127.0.0.1 */
  static async before(target: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await proxy.#listen(PORTS.first + Math.floor(PORTS.count * Math.random()));
        return proxy;
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  get port(): number {
    return this.#port;
  }

  /** Connections of clients that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Sets what is wrong from now on. */
  async set(fault: NetworkFault): Promise<void> {
    this.#fault = fault;
    for (const link of this.#links) {
      if (fault.kind === 'reset') link.reset();
      else if (fault.kind === 'refuse' || fault.kind === 'close') link.cut();
      else if (fault.kind === 'slow-handshake') link.cut();
      else if (fault.kind === 'cut-mid-reply') link.cutAtNextReply();
      else if (fault.kind === 'half-open') link.fallSilent();
      else link.transit = transitOf(fault);
    }
    if (fault.kind === 'refuse') await this.#stopListening();
    else if (this.#server === null) await this.#listen(this.#port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#stopListening();
  }

  async #listen(port: number): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    server.listen({ host: HOST, port, backlog: 4_096 });
    await once(server, 'listening');
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async #stopListening(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    // Its callback would wait for the connections that are left; to listen no more takes no time.
    server?.close();
    await Promise.resolve();
  }

  #accept(socket: Socket): void {
    const fault = this.#fault;
    this.connects.push(performance.now());
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    if (fault.kind === 'reset') socket.resetAndDestroy();
    else if (fault.kind === 'close') socket.destroy();
    else if (fault.kind === 'black-hole') socket.resume();
    else this.#link(socket, fault);
  }

  #link(socket: Socket, fault: NetworkFault): void {
    const firstReplyInMs = fault.kind === 'slow-handshake' ? fault.ms : 0;
    // Not with the client's side: the server may hear of its end only when a fault is over.
    const gone = (): void => void this.#links.delete(link);
    const link = new FaultLink(socket, this.target, transitOf(fault), firstReplyInMs, gone);
    if (fault.kind === 'cut-mid-reply') link.cutAtNextReply();
    this.#links.add(link);
  }
}

function transitOf(fault: NetworkFault): Transit {
  if (fault.kind === 'black-hole') return { ...FREE_TRANSIT, isHeld: true };
  if (fault.kind === 'latency') return { ...FREE_TRANSIT, latencyMs: fault.ms };
  if (fault.kind === 'bandwidth') return { ...FREE_TRANSIT, bytesPerSecond: fault.bytesPerSecond };
  return FREE_TRANSIT;
}
