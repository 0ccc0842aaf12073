import type { Clock } from './clock.js';
import type { Deferred } from './deferred.js';

/** So many go on in one turn. */
const PART = 128;

/**
 * Lets those who waited for something go on in their order, a part in each turn of the event loop: the first have their
 * replies while the others are still sending, and other work gets its turn.
 */
export class InParts<V> {
  readonly #clock: Clock;
  readonly #held: { readonly waiter: Deferred<V>; readonly value: V }[] = [];
  /** How many may still go on before the next turn, which is asked for when it comes to 0. */
  #left = PART;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody is held until the next turn; who comes now would overtake him. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Resolves what `waiter` waits for, now or in one of the next turns. */
  resolve(waiter: Deferred<V>, value: V): void {
    if (this.#left === 0) this.#held.push({ waiter, value });
    else {
      this.#take(1);
      waiter.resolve(value);
    }
  }

  #take(count: number): void {
    this.#left -= count;
    if (this.#left === 0) this.#clock.defer(this.#nextTurn);
  }

  readonly #nextTurn = (): void => {
    this.#left = PART;
    const part = this.#held.splice(0, PART);
    this.#take(part.length);
    for (const { waiter, value } of part) waiter.resolve(value);
  };
}
