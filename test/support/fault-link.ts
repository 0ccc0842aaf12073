import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** How bytes travel; changes concern bytes that arrive from then on, except that `isHeld` keeps everything back. */
export interface Transit {
  /** Nothing moves; what came in the meantime moves when this ends, as TCP sends again after an outage. */
  readonly isHeld: boolean;
  /** Added to every chunk in each direction, in milliseconds. */
  readonly latencyMs: number;
  /** Of each direction. */
  readonly bytesPerSecond: number;
}

export const FREE_TRANSIT: Transit = {
  isHeld: false,
  latencyMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
};

/** One connection through the proxy: a socket of the client's, one to the server, and what moves between them. */
export class FaultLink {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #up: Lane;
  readonly #down: Lane;
  #isSilent = false;
  #endsAtNextReply = false;

  /**
   * @param firstReplyInMs how long the server's first bytes are kept back
   * @param gone called when the server's side has ended
   */
  constructor(
    client: Socket,
    port: number,
    transit: Transit,
    firstReplyInMs: number,
    gone: () => void,
  ) {
    this.#client = client;
    this.#server = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#up = new Lane(this.#server, transit, 0);
    this.#down = new Lane(client, transit, firstReplyInMs);
    client.on('data', (chunk) => {
      if (!this.#isSilent) this.#up.push(chunk);
    });
    this.#server.on('data', (chunk) => this.#reply(chunk));
    client.on('close', () => this.#up.end(() => this.#server.destroy()));
    this.#server.on('close', () => {
      gone();
      if (!this.#isSilent) this.#down.end(() => client.destroy());
    });
    this.#server.on('error', () => undefined);
  }

  set transit(transit: Transit) {
    this.#up.transit = transit;
    this.#down.transit = transit;
  }

  /** Both sides learn of the end at once. */
  cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.destroy();
  }

  /** The client receives half of what the server says next, and then the end. */
  cutAtNextReply(): void {
    this.#endsAtNextReply = true;
  }

  /** The server's side is gone, and the client never hears of it. */
  fallSilent(): void {
    this.#isSilent = true;
    this.#server.destroy();
  }

  #reply(chunk: Buffer): void {
    if (this.#isSilent) return;
    if (!this.#endsAtNextReply) {
      this.#down.push(chunk);
      return;
    }
    this.#down.push(chunk.subarray(0, chunk.length >> 1));
    this.#down.end(() => this.cut());
  }
}

/** One direction of a link: chunks in order, each at its time. */
class Lane {
  readonly #to: Socket;
  readonly #chunks: { readonly bytes: Buffer; readonly dueAt: number }[] = [];
  #transit: Transit;
  #freeAt: number;
  #timer: NodeJS.Timeout | undefined;
  #ended: (() => void) | undefined;

  constructor(to: Socket, transit: Transit, firstInMs: number) {
    this.#to = to;
    this.#transit = transit;
    this.#freeAt = performance.now() + firstInMs;
    to.on('close', () => clearTimeout(this.#timer));
  }

  set transit(transit: Transit) {
    this.#transit = transit;
    this.#pump();
  }

  push(bytes: Buffer): void {
    const { latencyMs, bytesPerSecond } = this.#transit;
    const startAt = Math.max(this.#freeAt, performance.now() + latencyMs);
    this.#freeAt = startAt + (1_000 * bytes.length) / bytesPerSecond;
    this.#chunks.push({ bytes, dueAt: this.#freeAt });
    this.#pump();
  }

  /** Calls `ended` when everything has been delivered. */
  end(ended: () => void): void {
    this.#ended = ended;
    this.#pump();
  }

  #pump(): void {
    clearTimeout(this.#timer);
    if (this.#transit.isHeld) return;
    for (let [head] = this.#chunks; head !== undefined; [head] = this.#chunks) {
      const inMs = head.dueAt - performance.now();
      if (inMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), Math.ceil(inMs));
        return;
      }
      this.#chunks.shift();
      if (this.#to.writable) this.#to.write(head.bytes);
    }
    // After the bytes, which `destroy` would throw away.
    if (this.#ended !== undefined) setImmediate(this.#ended);
  }
}
