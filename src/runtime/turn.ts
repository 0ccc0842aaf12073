import type { Clock } from './clock.js';

/** Callers of one turn of the event loop arrive together: the time their code takes must not look like a rate. */
export class Turn {
  readonly #clock: Clock;
  #beganAt: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The instant of the first `note` of this turn; `now` before that. */
  instant(now: number): number {
    return this.#beganAt ?? now;
  }

  note(now: number): void {
    if (this.#beganAt !== null) return;
    this.#beganAt = now;
    this.#clock.defer(() => {
      this.#beganAt = null;
    });
  }
}
