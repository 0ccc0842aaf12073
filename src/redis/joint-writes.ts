import type { RedisInternals } from './redis-like.js';

/** So many commands are worth a write of their own: the server begins while the others are still being made. */
const MOST_AT_ONCE = 128;

/**
 * Commands that are sent to a client in one turn leave together, at its end: a write to a socket costs more than all else
 * that a command costs this process. Their order stays, and none waits for anything but code that runs at that moment.
 */
export class JointWrites {
  readonly #client: RedisInternals;
  #stream: RedisInternals['stream'];
  #commands = 0;

  constructor(client: RedisInternals) {
    this.#client = client;
  }

  /** A command is about to be written. */
  begin(): void {
    if (this.#commands === 0) {
      this.#stream = this.#client.stream;
      this.#stream?.cork?.();
      process.nextTick(this.#flush);
    } else if (this.#commands % MOST_AT_ONCE === 0) {
      this.#stream?.uncork?.();
      this.#stream?.cork?.();
    }
    this.#commands += 1;
  }

  readonly #flush = (): void => {
    this.#commands = 0;
    this.#stream?.uncork?.();
  };
}
