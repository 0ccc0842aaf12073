/** Whether a value is a promise or looks like one. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}

/**
 * The answer of a call that must answer at once. A promise is none, whatever becomes of it.
 *
 * @throws TypeError when it is a promise
 */
export function atOnce<A>(call: string, answer: A): A {
  if (!isPromise(answer)) return answer;
  // What it rejects with tells nothing new, and would end the process.
  answer.then(undefined, () => {});
  throw new TypeError(`${call} must answer at once, it returned a promise`);
}
