import type { EngineProbe } from './engine/ports.js';

/** An observer of a user's that cannot harm the pool: what it throws goes to `failed`. */
export class GuardedObserver implements EngineProbe {
  readonly #observer: EngineProbe;
  readonly #failed: (error: unknown) => void;

  constructor(observer: EngineProbe, failed: (error: unknown) => void) {
    this.#observer = observer;
    this.#failed = failed;
  }

  arrived(now: number): void {
    try {
      this.#observer.arrived(now);
    } catch (error) {
      this.#failed(error);
    }
  }

  granted(waitMs: number): void {
    try {
      this.#observer.granted(waitMs);
    } catch (error) {
      this.#failed(error);
    }
  }

  released(useMs: number, arrivedAt: number, waitMs: number): void {
    try {
      this.#observer.released(useMs, arrivedAt, waitMs);
    } catch (error) {
      this.#failed(error);
    }
  }

  created(createMs: number): void {
    try {
      this.#observer.created(createMs);
    } catch (error) {
      this.#failed(error);
    }
  }
}
