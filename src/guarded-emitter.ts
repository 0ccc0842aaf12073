import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'eventemitter3';
import { isPromise } from './at-once.js';
import { notFunction } from './control/fields.js';

type Listener = (...payload: unknown[]) => unknown;

/**
 * An emitter whose listeners cannot disturb each other, nor whoever emits: what one throws, or an async one rejects with,
 * goes to `listenerFailed`. A listener that is no function is a TypeError.
 */
export abstract class GuardedEmitter<
  Events extends EventEmitter.ValidEventTypes,
> extends EventEmitter<Events> {
  /** By event: one function may listen to several. */
  readonly #guarded = new Map<unknown, WeakMap<Listener, Listener>>();
  /** Who happened to cause an event is not whom it is about: the AsyncLocalStorage of a listener is not his. */
  readonly #context = new AsyncResource('AdaptivePool');

  protected abstract listenerFailed(event: EventEmitter.EventNames<Events>, error: unknown): void;

  override on<E extends EventEmitter.EventNames<Events>>(
    event: E,
    listener: EventEmitter.EventListener<Events, E>,
    context?: unknown,
  ): this {
    return super.on(event, this.#guard(event, listener), context);
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
    return super.once(event, this.#guard(event, listener), context);
  }

  override off<E extends EventEmitter.EventNames<Events>>(
    event: E,
    listener?: EventEmitter.EventListener<Events, E>,
    context?: unknown,
    once?: boolean,
  ): this {
    // The emitter takes out a `once` listener by the guard that it knows; callers know the listener.
    const known = listener && (this.#guarded.get(event)?.get(listener as Listener) ?? listener);
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

  #guard<L>(event: EventEmitter.EventNames<Events>, given: L): L {
    if (typeof given !== 'function') throw notFunction(`listener of '${String(event)}'`, given);
    const listener = given as unknown as Listener;
    let known = this.#guarded.get(event);
    if (known === undefined) this.#guarded.set(event, (known = new WeakMap()));
    let guarded = known.get(listener);
    if (guarded === undefined) {
      const context = this.#context;
      const failed = (error: unknown): void => this.listenerFailed(event, error);
      guarded = function (this: unknown, ...payload) {
        try {
          const result = context.runInAsyncScope(listener, this, ...payload);
          // Of an async listener the failure comes later; nobody else would catch it.
          if (isPromise(result)) result.then(undefined, failed);
        } catch (error) {
          failed(error);
        }
      };
      known.set(listener, guarded);
    }
    return guarded as L;
  }
}
