import { cleanError, hideSecrets } from '../clean-error.js';
import { InvalidOptionsError } from '../errors.js';
import type { ErrorClass } from '../runtime/resource-factory.js';

const PERMANENT =
  /^(?:WRONGPASS|NOAUTH|NOPERM|DENIED)\b|^ERR (?:No such master|invalid password|DB index is out of range|invalid DB index)/i;
const SERVER_LIMIT = /max number of clients/i;
const UNREACHABLE_SENTINELS = /^All sentinels are unreachable.* Last error: /;
/** So ioredis says it when all of them answered, and none with an address. */
const NOBODY_NAMED = /^All sentinels are unreachable and retry is disabled\.$/;

/** What errors were sorted as before their texts were cleaned. */
const classes = new WeakMap<Error, ErrorClass>();

/** Commands that set a connection up; a refusal of any other says nothing about the connection. */
const SETUP_COMMANDS: ReadonlySet<string> = new Set(['auth', 'hello', 'select']);

/**
 * Sorts an error of a client, or one that a user's callback threw.
 *
 * `permanent`: wrong or missing credentials, a database or a Sentinel's master that does not exist, protected mode, options
 * that cannot work.
 * `server-limit`: the server has as many clients as it admits. `transient`: everything else, a name that does not
 * resolve and a server that still loads included.
 */
export function classifyRedisError(error: unknown): ErrorClass {
  if (error instanceof InvalidOptionsError) return 'permanent';
  if (!(error instanceof Error)) return 'transient';
  const known = classes.get(error);
  if (known !== undefined) return known;
  const message = error.message.replace(UNREACHABLE_SENTINELS, '');
  if (SERVER_LIMIT.test(message)) return 'server-limit';
  if (!PERMANENT.test(message)) return 'transient';
  const command = commandOf(error)?.toLowerCase();
  // NOPERM for somebody's FLUSHALL must not cost a good connection; one without authentication is never good.
  const isAboutConnection = command === undefined || SETUP_COMMANDS.has(command);
  return isAboutConnection || message.startsWith('NOAUTH') ? 'permanent' : 'transient';
}

/** The user may not run this command: the round trip itself is proven. */
export function isNotPermitted(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOPERM');
}

/** The server has answered, if not as hoped: the connection itself is in order. */
export function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/**
 * A copy without credentials; of the command that failed the name stays. Keeps the class of the error, which a password
 * that is a word of the message would change.
 *
 * @param secrets texts to hide, wherever they are
 */
export function cleanRedisError(error: unknown, secrets: readonly string[]): Error {
  const clean = cleanError(error, secrets);
  classes.set(clean, classifyRedisError(error));
  if (NOBODY_NAMED.test(clean.message)) {
    clean.message = 'the sentinels know no server in this role that is up';
  }
  const name = error instanceof Error ? commandOf(error) : undefined;
  if (name !== undefined) Object.assign(clean, { command: { name: hideSecrets(name, secrets) } });
  return clean;
}

/** The name of the command that ioredis attaches to the error of a reply. */
function commandOf(error: Error): string | undefined {
  if (!('command' in error)) return undefined;
  const { command } = error;
  if (typeof command !== 'object' || command === null || !('name' in command)) return undefined;
  return typeof command.name === 'string' ? command.name : undefined;
}
