import { isPromise } from '../at-once.js';
import type { PoolEvents } from '../events.js';
import type { LevelLogger, Logger } from './logger.js';

/** What the scaling log needs of a pool: its typed emitter. */
export interface ScalingSource {
  on<K extends LoggedEvent>(event: K, listener: (...args: PoolEvents[K]) => void): unknown;
  off<K extends LoggedEvent>(event: K, listener: (...args: PoolEvents[K]) => void): unknown;
}

/** Events that the scaling log listens to. */
type LoggedEvent =
  | 'scale'
  | 'decision'
  | 'shadow'
  | 'create-error'
  | 'destroy'
  | 'error'
  | 'leak'
  | 'leak-end'
  | 'advice';

/**
 * The listeners of a log, and the logger that they write to. An async logger fails after its call: each listener gives
 * back what is still to come, so that the pool hears of it as of a throw.
 */
export class LogListeners {
  readonly logger: LevelLogger;
  readonly #source: ScalingSource;
  readonly #stops: (() => void)[] = [];
  #late: PromiseLike<unknown>[] = [];

  constructor(source: ScalingSource, logger: LevelLogger) {
    this.#source = source;
    const writing =
      (level: keyof Logger) =>
      (fields: object, message: string): void => {
        const result: unknown = logger[level](fields, message);
        if (isPromise(result)) this.#late.push(result);
      };
    this.logger = {
      debug: writing('debug'),
      info: writing('info'),
      warn: writing('warn'),
      error: writing('error'),
      isLevelEnabled: (level) => logger.isLevelEnabled?.(level) !== false,
    };
  }

  on<K extends LoggedEvent>(event: K, listener: (...args: PoolEvents[K]) => void): void {
    const heard = (...args: PoolEvents[K]): unknown => {
      listener(...args);
      return this.#takeLate();
    };
    this.#source.on(event, heard);
    this.#stops.push(() => this.#source.off(event, heard));
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #takeLate(): unknown {
    if (this.#late.length === 0) return undefined;
    const late = this.#late;
    this.#late = [];
    return Promise.all(late);
  }
}
