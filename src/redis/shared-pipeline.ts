import type { CommandNeedsLeaseError } from '../errors.js';
import { invoke, METHODS, type Commander, type Method } from './shared-command.js';

/** Runs something with a connection that others may use at the same time. */
export type Run = <R>(work: (client: Commander) => Promise<R> | R) => Promise<R>;

type Callback = (error: unknown, replies?: unknown) => void;

/**
 * A pipeline that has no connection yet: it takes note of commands, and sends them at once to one when it is executed.
 * Has every method in {@link METHODS}.
 */
export class SharedPipeline {
  readonly #kind: 'pipeline' | 'multi';
  readonly #run: Run;
  readonly #calls: { readonly name: string; readonly args: readonly unknown[] }[] = [];
  /** Transactions begun inside a pipeline whose `exec` is still to come. */
  #open = 0;
  #refusal: CommandNeedsLeaseError | null = null;
  #replies: Promise<unknown> | undefined;

  constructor(kind: 'pipeline' | 'multi', run: Run, own: readonly Method[], batch: unknown) {
    this.#kind = kind;
    this.#run = run;
    for (const { name, refuse } of own) {
      Object.defineProperty(this, name, {
        value: (...args: unknown[]) => this.note(name, args, refuse),
      });
    }
    if (!Array.isArray(batch)) return;
    for (const [name, ...args] of batch as [string, ...unknown[]][]) {
      invoke(this as unknown as Commander, name, args);
    }
  }

  /** Commands so far. */
  get length(): number {
    return this.#calls.length;
  }

  /** Begins a transaction inside this pipeline. */
  multi(): this {
    this.#open += 1;
    this.#calls.push({ name: 'multi', args: [] });
    return this;
  }

  /** Ends the innermost transaction; without one, sends everything. */
  exec(callback?: Callback): this | Promise<unknown> {
    if (this.#open > 0) {
      this.#open -= 1;
      this.#calls.push({ name: 'exec', args: [] });
      return this;
    }
    this.#replies ??= this.#refusal === null ? this.#send() : Promise.reject(this.#refusal);
    return withCallback(this.#replies, callback);
  }

  note(name: string, args: readonly unknown[], refuse: Method['refuse']): this {
    this.#refusal ??= refuse(args);
    this.#calls.push({ name, args });
    return this;
  }

  #send(): Promise<unknown> {
    return this.#run((client) => {
      const batch = invoke(client, this.#kind, []) as Commander;
      for (const { name, args } of this.#calls) invoke(batch, name, args);
      return invoke(batch, 'exec', []);
    });
  }
}

for (const { name, refuse } of METHODS) {
  if (name in SharedPipeline.prototype) continue;
  Object.defineProperty(SharedPipeline.prototype, name, {
    value(this: SharedPipeline, ...args: unknown[]): SharedPipeline {
      return this.note(name, args, refuse);
    },
  });
}

/** The same promise; a callback hears of its end, too, and then no rejection is unhandled. */
export function withCallback<R>(result: Promise<R>, callback: unknown): Promise<R> {
  if (typeof callback !== 'function') return result;
  // On a turn of its own: what a callback throws is the process's affair and no rejection of ours.
  result.then(
    (value) => process.nextTick(callback as Callback, null, value),
    (error: unknown) => process.nextTick(callback as Callback, error),
  );
  return result;
}
