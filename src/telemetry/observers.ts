import type { EngineProbe, RefusalReason } from '../engine/ports.js';

/** Those who hear what a pool measures besides its sampler. Usually nobody, so its caller asks `isEmpty` first. */
export class Observers implements EngineProbe {
  #members: readonly EngineProbe[] = [];

  get isEmpty(): boolean {
    return this.#members.length === 0;
  }

  /** Lets somebody hear all of it, until the function returned is called. */
  add(observer: EngineProbe): () => void {
    // A new list every time: one may leave while the others are being told.
    this.#members = [...this.#members, observer];
    return () => {
      this.#members = this.#members.filter((one) => one !== observer);
    };
  }

  arrived(now: number): void {
    for (const observer of this.#members) observer.arrived(now);
  }

  granted(waitMs: number): void {
    for (const observer of this.#members) observer.granted(waitMs);
  }

  released(useMs: number, arrivedAt: number, waitMs: number): void {
    for (const observer of this.#members) observer.released(useMs, arrivedAt, waitMs);
  }

  created(createMs: number): void {
    for (const observer of this.#members) observer.created(createMs);
  }

  left(arrivedAt: number): void {
    for (const observer of this.#members) observer.left?.(arrivedAt);
  }

  refused(why: RefusalReason, waitMs: number): void {
    for (const observer of this.#members) observer.refused?.(why, waitMs);
  }
}
