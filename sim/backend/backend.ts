import { sampler } from '../kernel/distributions.js';
import type { Distribution } from '../kernel/distributions.js';
import type { RandomStream } from '../kernel/random.js';

/**
 * What stands behind the connections: how long opening one takes, and how long a lease holds one. Models in which
 * connections slow each other down or fail belong here, behind this interface.
 */
export interface Backend {
  /** How long the create that starts now takes, in milliseconds. */
  createMs(now: number): number;
  /**
   * How long a lease that starts now holds its connection, in milliseconds.
   *
   * @param workMs The work that the request brought, drawn when it arrived.
   */
  useMs(workMs: number, now: number): number;
}

/** Connections that know nothing of each other: a lease takes as long as its work, whatever else is going on. */
export class IndependentBackend implements Backend {
  readonly #drawCreateMs: () => number;

  /** @param stream Where create times come from; nobody else may draw from it. */
  constructor(createTime: Distribution, stream: RandomStream) {
    this.#drawCreateMs = sampler(createTime, stream);
  }

  createMs(): number {
    return this.#drawCreateMs();
  }

  useMs(workMs: number): number {
    return workMs;
  }
}
