/** A promise and the functions that settle it (`Promise.withResolvers` is not in Node 20). */
export class Deferred<V> {
  readonly promise: Promise<V>;
  /** Set as soon as the promise is made. */
  resolve!: (value: V) => void;
  reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise<V>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** A rejected promise. An abort signal's reason may be anything; callers get exactly that. */
export function rejected(reason: unknown): Promise<never> {
  const { promise, reject } = new Deferred<never>();
  reject(reason);
  return promise;
}
