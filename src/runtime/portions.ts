import type { Clock } from './clock.js';

/**
 * Hands on what is due to many, a portion in each turn of the event loop and in their order: those of the first portion
 * are served while the last are still told.
 */
export class Portions<V> {
  readonly #clock: Clock;
  readonly #atOnce: number;
  readonly #handOn: (value: V) => void;
  #left: V[] = [];
  #next = 0;
  /** How many were handed on in this turn. */
  #inTurn = 0;

  constructor(clock: Clock, atOnce: number, handOn: (value: V) => void) {
    this.#clock = clock;
    this.#atOnce = atOnce;
    this.#handOn = handOn;
  }

  /** Nobody has to come after others. */
  get isEmpty(): boolean {
    return this.#next === this.#left.length;
  }

  /** Hands it on now or in one of the next turns. */
  add(value: V): void {
    if (this.#inTurn === 0) this.#clock.defer(this.#turn);
    if (this.#inTurn >= this.#atOnce || !this.isEmpty) this.#left.push(value);
    else {
      this.#inTurn += 1;
      this.#handOn(value);
    }
  }

  readonly #turn = (): void => {
    this.#inTurn = 0;
    if (this.isEmpty) return;
    this.#clock.defer(this.#turn);
    const end = Math.min(this.#next + this.#atOnce, this.#left.length);
    while (this.#next < end) {
      const value = this.#left[this.#next] as V;
      this.#next += 1;
      this.#inTurn += 1;
      this.#handOn(value);
    }
    if (!this.isEmpty) return;
    this.#left = [];
    this.#next = 0;
  };
}
