import { isPromise } from './at-once.js';
import type { EngineProbe } from './engine/ports.js';

/** An observer of a user's that cannot harm the pool: the first thing that it throws, or rejects with, goes to `failed`. */
export class GuardedObserver implements EngineProbe {
  readonly #observer: EngineProbe;
  readonly #fail: (error: unknown) => void;

  constructor(observer: EngineProbe, failed: (error: unknown) => void) {
    this.#observer = observer;
    let hasFailed = false;
    this.#fail = (error) => {
      // Of an async one more calls may be on their way.
      if (!hasFailed) failed(error);
      hasFailed = true;
    };
  }

  arrived(now: number): void {
    try {
      this.#heard(this.#observer.arrived(now));
    } catch (error) {
      this.#fail(error);
    }
  }

  granted(waitMs: number): void {
    try {
      this.#heard(this.#observer.granted(waitMs));
    } catch (error) {
      this.#fail(error);
    }
  }

  released(useMs: number, arrivedAt: number, waitMs: number): void {
    try {
      this.#heard(this.#observer.released(useMs, arrivedAt, waitMs));
    } catch (error) {
      this.#fail(error);
    }
  }

  created(createMs: number): void {
    try {
      this.#heard(this.#observer.created(createMs));
    } catch (error) {
      this.#fail(error);
    }
  }

  #heard(result: unknown): void {
    if (result !== undefined && isPromise(result)) result.then(undefined, this.#fail);
  }
}
