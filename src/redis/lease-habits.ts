import type { CreateContext } from '../runtime/resource-factory.js';

/** Leases that are looked at before anything is said. */
const ENOUGH = 1_000;
/** Part of them from which on it is said. */
const NEARLY_ALL = 0.95;

/** Notices when exclusive leases are used for what one shared connection does better, and says so once. */
export class LeaseHabits {
  advise: CreateContext['onAdvice'];
  #leases = 0;
  #oneOfMany = 0;
  #isDone = false;

  /** @param isOneOfMany all that the lease was for is one command that others might have run beside */
  note(isOneOfMany: boolean): void {
    if (this.#isDone) return;
    this.#leases += 1;
    if (isOneOfMany) this.#oneOfMany += 1;
    if (this.#leases < ENOUGH) return;
    if (this.#oneOfMany >= NEARLY_ALL * this.#leases) this.#say();
    // Later habits count as much as early ones.
    this.#leases = 0;
    this.#oneOfMany = 0;
  }

  #say(): void {
    this.#isDone = true;
    const figures = { leases: this.#leases, oneCommand: this.#oneOfMany };
    const message = `${this.#oneOfMany} of the last ${this.#leases} leases sent one plain command each and left nothing behind: redisCommands(pool) sends such commands on few connections, many at a time, and keeps exclusive leases for what needs them`;
    this.advise?.({ message, figures });
  }
}
