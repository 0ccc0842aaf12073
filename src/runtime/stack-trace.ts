/**
 * Where in the program something was called. Taking one costs a few microseconds; the text, which costs several times
 * that, is made when it is asked for. Until then the trace holds on to the `this` of every call in it.
 */
export class StackTrace {
  readonly #captured: { readonly stack?: unknown } = {};
  readonly #skipped: number;

  /** Leaves out the innermost `skipped` calls, of which the caller of this constructor is the first. */
  constructor(skipped: number) {
    this.#skipped = skipped;
    Error.captureStackTrace(this.#captured, StackTrace);
  }

  /** One line per call, the innermost first; undefined where the program makes something else of stacks. */
  get text(): string | undefined {
    try {
      const { stack } = this.#captured;
      if (typeof stack !== 'string') return undefined;
      const calls = stack.split('\n').filter((line) => line.startsWith('    at '));
      return calls.slice(this.#skipped).join('\n') || undefined;
    } catch {
      // `Error.prepareStackTrace` is the program's.
      return undefined;
    }
  }
}
