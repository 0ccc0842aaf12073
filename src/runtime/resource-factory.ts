/** Why a connection is closed. */
export type DestroyReason =
  /** The target fell below the size. */
  | 'surplus'
  /** It reached `maxLifetimeMs`. */
  | 'lifetime'
  /** It was lent `maxUses` times. */
  | 'max-uses'
  /** It failed a check or a reset, or its socket was found closed on borrow. */
  | 'invalid'
  /** It reported its own death. */
  | 'died'
  /** Its lease was destroyed, or it was unusable when it came back. */
  | 'broken'
  /** `invalidateAll()` retired every connection of its generation. */
  | 'invalidated'
  /** Its create finished after the create deadline. */
  | 'late'
  /** The pool closes. */
  | 'closed';

/**
 * How a failed create should be treated: `transient` is retried with back-off, `permanent` (a wrong password) makes
 * `ready()` fail at once, `server-limit` says that the server refuses more connections.
 */
export type ErrorClass = 'transient' | 'permanent' | 'server-limit';

/** What a factory has noticed about the way its connections are used, and what would serve better. */
export interface Advice {
  /** One or two sentences. */
  readonly message: string;
  /** The numbers behind it. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Given to `create`. */
export interface CreateContext {
  /** Aborted when the create is no longer wanted or its deadline passed. */
  readonly signal: AbortSignal;
  /** Name of the pool, for connections that can carry one; missing where no pool calls. */
  readonly pool?: string | undefined;
  /** Tells the pool's owner something that he may want to know, by the event `advice` and the log. */
  readonly onAdvice?: ((advice: Advice) => void) | undefined;
  /**
   * Call when another server has taken the place of the one that the connections lead to: the pool replaces them all, as
   * by `invalidateAll()`, and tries at once to open new ones.
   */
  readonly onMoved?: (() => void) | undefined;
  /** Call when the connection dies by itself, further calls do nothing; the pool replaces it without waiting for a caller. */
  readonly onDeath: (cause?: unknown) => void;
}

/** Given to `validate` and `reset`. */
export interface CheckContext {
  /** Aborted when the check's deadline passed or the connection is no longer wanted. */
  readonly signal: AbortSignal;
}

/** Given to `destroy`. */
export interface DestroyContext {
  /** Aborted when `destroyTimeoutMs` passed: close the hard way now. */
  readonly signal: AbortSignal;
  readonly reason: DestroyReason;
}

/**
 * How to make, check and close one kind of connection. Only `create` and `destroy` are required; the pool runs each
 * with a deadline of its own.
 */
export interface ResourceFactory<T> {
  /** Opens a connection that is ready for use. */
  create(context: CreateContext): Promise<T> | T;
  /** Free and synchronous; asked on every borrow and release. False closes the connection. */
  isUsable?(resource: T): boolean;
  /** A round trip that proves the connection; asked on borrow after `validateAfterIdleMs` of idleness. */
  validate?(resource: T, context: CheckContext): Promise<boolean> | boolean;
  /**
   * Synchronous; asked on release. True runs `reset` before the next lease; the pool refuses a factory that has no `reset`.
   * @default every release is followed by `reset`, where there is one
   */
  needsReset?(resource: T): boolean;
  /** Brings a used connection back to its first state; a rejection closes it. */
  reset?(resource: T, context: CheckContext): Promise<void> | void;
  /** Closes a connection. A rejection is reported and the connection forgotten. */
  destroy(resource: T, context: DestroyContext): Promise<void> | void;
  /**
   * Whether an error of `pool.run` is an answer of the server, which shows that the connection is in order. After any
   * other nobody else comes onto the connection, and it is judged once it is quiet.
   * @default no error is
   */
  isAnswer?(error: unknown): boolean;
  /**
   * Sorts an error of `create`, or one that a `use` callback threw: there `permanent` closes the connection.
   * @default every error is `transient`
   */
  classify?(error: unknown): ErrorClass;
}
