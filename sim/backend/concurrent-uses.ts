import { EventHeap } from '../kernel/event-heap.js';
import { speedOf } from './backend.js';
import type { BackendModel } from './backend.js';

/**
 * Uses that are all equally fast, at a speed that changes with their number and with faults.
 *
 * A clock of done work runs at that speed. A use that begins when it shows V and needs w is over when it shows V + w, so
 * a change of speed moves no event: only the first end in real time has to be worked out again.
 */
export class ConcurrentUses<R> {
  readonly #model: BackendModel;
  readonly #isActive: (use: R) => boolean;
  readonly #ends = new EventHeap<R>();
  #busy = 0;
  /** Work done per use since the start, as of `#at`. */
  #done = 0;
  #at = 0;
  #factor = 1;

  /** @param isActive False for a use that was broken off: it no longer slows the others down. */
  constructor(model: BackendModel, isActive: (use: R) => boolean) {
    this.#model = model;
    this.#isActive = isActive;
  }

  /** When the first use ends if nothing changes, in milliseconds; Infinity without uses or while they hang. */
  get nextTime(): number {
    if (this.#ends.size === 0) return Number.POSITIVE_INFINITY;
    const left = Math.max(0, this.#ends.nextTime - this.#done);
    return left === 0 ? this.#at : this.#at + left / this.#speed();
  }

  begin(use: R, workMs: number, now: number): void {
    this.#advance(now);
    this.#busy += 1;
    this.#ends.push(this.#done + workMs, 0, use);
  }

  /** Takes out the use that ends now. */
  finish(now: number): R {
    this.#advance(now);
    // Rounding must not leave a rest that takes no time.
    this.#done = Math.max(this.#done, this.#ends.nextTime);
    const use = this.#ends.pop();
    this.#busy -= 1;
    this.#skipBroken();
    return use;
  }

  /** A use was broken off. */
  breakOff(now: number): void {
    this.#advance(now);
    this.#busy -= 1;
    this.#skipBroken();
  }

  /** From now on every use takes `factor` times as long; Infinity = they hang. */
  slowDown(factor: number, now: number): void {
    this.#advance(now);
    this.#factor = factor;
  }

  #speed(): number {
    return this.#busy === 0 ? 0 : speedOf(this.#model, this.#busy) / this.#factor;
  }

  #advance(now: number): void {
    this.#done += (now - this.#at) * this.#speed();
    this.#at = now;
  }

  /** Uses that were broken off leave the heap when they come first; the first end is always one of an active use. */
  #skipBroken(): void {
    while (this.#ends.size > 0 && !this.#isActive(this.#ends.first)) this.#ends.pop();
  }
}
