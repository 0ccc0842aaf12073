/** So many commands are worth a write of their own: the server begins while the others are still being made. */
const MOST_AT_ONCE = 128;

/** The part of a socket that writes. */
export interface Corkable {
  cork?(): void;
  uncork?(): void;
}

/**
 * Commands that are sent to a socket in one turn leave together, at its end: a write to a socket costs more than all else
 * that a command costs this process. Their order stays, and none waits for anything but code that runs at that moment.
 */
export class JointWrites {
  readonly #stream: Corkable;
  #commands = 0;

  constructor(stream: Corkable) {
    this.#stream = stream;
  }

  /** A command is about to be written. */
  begin(): void {
    if (this.#commands === 0) {
      this.#stream.cork?.();
      process.nextTick(this.#flush);
    } else if (this.#commands % MOST_AT_ONCE === 0) {
      this.#stream.uncork?.();
      this.#stream.cork?.();
    }
    this.#commands += 1;
  }

  readonly #flush = (): void => {
    this.#commands = 0;
    this.#stream.uncork?.();
  };
}
