import { EventEmitter } from 'eventemitter3';

type Listener = (...payload: unknown[]) => unknown;

/**
 * An emitter whose listeners cannot disturb each other, nor whoever emits: what one throws, or an async one rejects with,
 * goes to `listenerFailed`.
 */
export abstract class GuardedEmitter<
  Events extends EventEmitter.ValidEventTypes,
> extends EventEmitter<Events> {
  readonly #guarded = new WeakMap<Listener, Listener>();

  protected abstract listenerFailed(error: unknown): void;

  override on<E extends EventEmitter.EventNames<Events>>(
    event: E,
    listener: EventEmitter.EventListener<Events, E>,
    context?: unknown,
  ): this {
    return super.on(event, this.#guard(listener), context);
  }

  override addListener<E extends EventEmitter.EventNames<Events>>(
    event: E,
    listener: EventEmitter.EventListener<Events, E>,
    context?: unknown,
  ): this {
    return this.on(event, listener, context);
  }

  override once<E extends EventEmitter.EventNames<Events>>(
    event: E,
    listener: EventEmitter.EventListener<Events, E>,
    context?: unknown,
  ): this {
    return super.once(event, this.#guard(listener), context);
  }

  override off<E extends EventEmitter.EventNames<Events>>(
    event: E,
    listener?: EventEmitter.EventListener<Events, E>,
    context?: unknown,
    once?: boolean,
  ): this {
    // The emitter takes out a `once` listener by the guard that it knows; callers know the listener.
    const known = listener && (this.#guarded.get(listener as Listener) ?? listener);
    return super.removeListener(event, known as typeof listener, context, once);
  }

  override removeListener<E extends EventEmitter.EventNames<Events>>(
    event: E,
    listener?: EventEmitter.EventListener<Events, E>,
    context?: unknown,
    once?: boolean,
  ): this {
    return this.off(event, listener, context, once);
  }

  #guard<L>(given: L): L {
    const listener = given as Listener;
    let guarded = this.#guarded.get(listener);
    if (guarded === undefined) {
      const failed = (error: unknown): void => this.listenerFailed(error);
      guarded = function (this: unknown, ...payload) {
        try {
          const result = listener.apply(this, payload);
          // Of an async listener the failure comes later; nobody else would catch it.
          if (result instanceof Promise) result.catch(failed);
        } catch (error) {
          failed(error);
        }
      };
      this.#guarded.set(listener, guarded);
    }
    return guarded as L;
  }
}
