import { setTimeout as sleep } from 'node:timers/promises';

/** A connection that costs nothing but time to open. */
export interface Resource {
  readonly id: number;
}

/** Opens connections and counts them. */
export class Connections {
  /** How long opening one takes; 0 = it is there at once. */
  readonly createMs: number;
  opened = 0;
  /** Opened or being opened, and not closed. */
  open = 0;
  #mostOpening = 0;
  #opening = 0;
  /** Integral of `open` over time, in connection-milliseconds. */
  #openMs = 0;
  #at = performance.now();

  constructor(createMs: number) {
    this.createMs = createMs;
  }

  /** Most that were being opened at the same time. */
  get mostOpening(): number {
    return this.#mostOpening;
  }

  get openMs(): number {
    this.#integrate();
    return this.#openMs;
  }

  create = async (): Promise<Resource> => {
    this.began();
    const id = this.opened;
    if (this.createMs > 0) await sleep(this.createMs);
    this.ended();
    return { id };
  };

  destroy = (): Promise<void> => {
    this.closed();
    return Promise.resolve();
  };

  /** Opening one began; for those that open a real one. */
  began(): void {
    this.#integrate();
    this.opened += 1;
    this.open += 1;
    this.#opening += 1;
    if (this.#opening > this.#mostOpening) this.#mostOpening = this.#opening;
  }

  ended(): void {
    this.#opening -= 1;
  }

  closed(): void {
    this.#integrate();
    this.open -= 1;
  }

  #integrate(): void {
    const now = performance.now();
    this.#openMs += this.open * (now - this.#at);
    this.#at = now;
  }
}
