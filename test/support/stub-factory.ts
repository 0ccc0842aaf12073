import type { Clock } from '../../src/runtime/clock.js';
import type {
  CheckContext,
  CreateContext,
  DestroyContext,
  DestroyReason,
  ErrorClass,
  ResourceFactory,
} from '../../src/runtime/resource-factory.js';

/** How one call of the factory behaves: at once, by throwing, by rejecting, after so many milliseconds, or never. */
export type Behaviour = 'ok' | 'throws' | 'rejects' | 'never' | { readonly slowMs: number };

/** A connection to nowhere. */
export interface Stub {
  readonly id: number;
  isUsable: boolean;
  needsReset: boolean;
  state: 'open' | 'closed';
  /** The connection ends by itself. */
  die(cause?: unknown): void;
}

/** Which calls behave how; may be changed at any time. */
export interface Behaviours {
  create: Behaviour;
  validate: Behaviour;
  reset: Behaviour;
  destroy: Behaviour;
  /** What a validation that ends well answers. */
  isValid: boolean;
  classify: (error: unknown) => ErrorClass;
}

/** A factory of stubs that counts what it makes and closes, and misbehaves as told. */
export class StubFactory implements ResourceFactory<Stub> {
  readonly behaviours: Behaviours;
  readonly #clock: Clock;
  readonly stubs: Stub[] = [];
  readonly destroyed: { readonly id: number; readonly reason: DestroyReason }[] = [];
  readonly signals: { readonly call: string; readonly signal: AbortSignal }[] = [];
  /** Calls of `create`, and how many of them answered with a stub. */
  creates = 0;
  isAnswer: (error: unknown) => boolean = () => false;
  checks = 0;
  resets = 0;
  /** Runs inside each `create` call. */
  whenCreating: () => void = () => {};

  constructor(clock: Clock, behaviours: Partial<Behaviours> = {}) {
    this.#clock = clock;
    this.behaviours = {
      create: { slowMs: 10 },
      validate: 'ok',
      reset: 'ok',
      destroy: 'ok',
      isValid: true,
      classify: () => 'transient',
      ...behaviours,
    };
  }

  get opened(): number {
    return this.stubs.length;
  }

  /** Stubs that are open still. */
  get live(): number {
    return this.stubs.filter((stub) => stub.state === 'open').length;
  }

  get reasons(): DestroyReason[] {
    return this.destroyed.map(({ reason }) => reason);
  }

  /** The stub with this number, counted from 1. */
  stub(id: number): Stub {
    const stub = this.stubs[id - 1];
    if (stub === undefined) throw new Error(`stub ${id} was never opened`);
    return stub;
  }

  create(context: CreateContext): Promise<Stub> | Stub {
    this.creates += 1;
    this.signals.push({ call: 'create', signal: context.signal });
    this.whenCreating();
    return this.#behave('create', () => this.#open(context));
  }

  isUsable(stub: Stub): boolean {
    return stub.isUsable;
  }

  validate(_stub: Stub, { signal }: CheckContext): Promise<boolean> | boolean {
    this.checks += 1;
    this.signals.push({ call: 'validate', signal });
    return this.#behave('validate', () => this.behaviours.isValid);
  }

  needsReset(stub: Stub): boolean {
    return stub.needsReset;
  }

  reset(stub: Stub, { signal }: CheckContext): Promise<void> | void {
    this.resets += 1;
    this.signals.push({ call: 'reset', signal });
    return this.#behave('reset', () => {
      stub.needsReset = false;
    });
  }

  destroy(stub: Stub, { reason, signal }: DestroyContext): Promise<void> | void {
    if (this.destroyed.some(({ id }) => id === stub.id)) throw new Error('destroyed twice');
    this.destroyed.push({ id: stub.id, reason });
    this.signals.push({ call: 'destroy', signal });
    // However the call ends, a real socket would be closed by then.
    stub.state = 'closed';
    return this.#behave('destroy', () => {});
  }

  classify(error: unknown): ErrorClass {
    return this.behaviours.classify(error);
  }

  #open(context: CreateContext): Stub {
    const stub: Stub = {
      id: this.stubs.length + 1,
      isUsable: true,
      needsReset: false,
      state: 'open',
      die(cause) {
        stub.isUsable = false;
        context.onDeath(cause);
      },
    };
    this.stubs.push(stub);
    return stub;
  }

  #behave<R>(call: 'create' | 'validate' | 'reset' | 'destroy', answer: () => R): Promise<R> | R {
    const behaviour = this.behaviours[call];
    if (behaviour === 'throws') throw new Error(`${call} threw`);
    if (behaviour === 'rejects') return Promise.reject(new Error(`${call} rejected`));
    if (behaviour === 'ok') return answer();
    return new Promise((resolve) => {
      if (behaviour === 'never') return;
      this.#clock.schedule(behaviour.slowMs, () => resolve(answer()));
    });
  }
}
