/**
 * What the connections have in common behind them, as far as it makes them slower. All busy connections are equally fast;
 * with n of them, each works at the speed that {@link speedOf} says.
 */
export type BackendModel =
  /** Connections know nothing of each other. */
  | { readonly kind: 'independent' }
  /** `servers` processors shared equally: n busy connections get min(1, servers / n) each. */
  | { readonly kind: 'shared'; readonly servers: number }
  /**
   * The universal scalability law (Gunther 2007): n busy connections get 1 / (1 + contention·(n − 1) +
   * coherency·n·(n − 1)) each.
   */
  | { readonly kind: 'usl'; readonly contention: number; readonly coherency: number }
  /**
   * Full speed up to `connections` busy ones; beyond that the backend as a whole does only `share` of what it did there,
   * 0..1, and they share it equally: thrashing.
   */
  | { readonly kind: 'knee'; readonly connections: number; readonly share: number };

/** Connections that do not slow each other down. */
export const INDEPENDENT: BackendModel = { kind: 'independent' };

/**
 * How fast each of `busy` connections works: 1 is the speed at which a use takes its own time.
 *
 * @param busy An integer, 1 or more.
 */
export function speedOf(model: BackendModel, busy: number): number {
  switch (model.kind) {
    case 'shared':
      return Math.min(1, model.servers / busy);
    case 'usl':
      return 1 / (1 + model.contention * (busy - 1) + model.coherency * busy * (busy - 1));
    case 'knee':
      return busy <= model.connections ? 1 : (model.share * model.connections) / busy;
    default:
      return 1;
  }
}
