/** A promise and the functions that settle it (`Promise.withResolvers` is not in Node 20). */
export interface Deferred<V> {
  readonly promise: Promise<V>;
  readonly resolve: (value: V) => void;
  readonly reject: (reason: unknown) => void;
}

export function newDeferred<V>(): Deferred<V> {
  const deferred: { -readonly [K in keyof Deferred<V>]?: Deferred<V>[K] } = {};
  deferred.promise = new Promise<V>((resolve, reject) => {
    deferred.resolve = resolve;
    deferred.reject = reject;
  });
  return deferred as Deferred<V>;
}
