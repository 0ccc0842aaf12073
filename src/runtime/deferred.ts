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

/** A rejected promise. An abort signal's reason may be anything; callers get exactly that. */
export function rejected(reason: unknown): Promise<never> {
  const { promise, reject } = newDeferred<never>();
  reject(reason);
  return promise;
}
