import type { Keyspace } from './resp-keyspace.js';
import type { RespSession } from './resp-session.js';

/** What commands may touch. */
export interface CommandHost {
  readonly keyspace: Keyspace;
  /** The password in latin1 of its UTF-8 bytes, as the parser delivers arguments. */
  readonly password: string | undefined;
  readonly sessions: ReadonlySet<RespSession>;
}

/** Runs one command; `undefined` when the reply comes later. Arguments exclude the name. */
export type Run = (
  session: RespSession,
  args: readonly string[],
  host: CommandHost,
) => string | undefined;

/** A command of the server. */
export interface Command {
  readonly run: Run;
  /** Fewest and most arguments after the name. */
  readonly min: number;
  readonly max: number;
  /** Allowed before authentication. */
  readonly isOpen?: boolean;
  /** Runs at once between MULTI and EXEC instead of being queued. */
  readonly isImmediate?: boolean;
  /** Allowed to a RESP2 connection with subscriptions. */
  readonly isForSubscribers?: boolean;
}
