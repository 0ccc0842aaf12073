import { cleanError, hideSecrets } from '../clean-error.js';
import { InvalidOptionsError } from '../errors.js';
import type { ErrorClass } from '../runtime/resource-factory.js';

const PERMANENT =
  /^(?:WRONGPASS|NOAUTH|NOPERM|DENIED)\b|^ERR (?:No such master|invalid password|DB index is out of range|invalid DB index)/i;
/** Codes of OpenSSL and Node for a certificate that is not believed. Another attempt meets the same certificate. */
const UNBELIEVED =
  /^(?:ERR_TLS_CERT_|CERT_|CRL_|ERROR_IN_C|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_|HOSTNAME_MISMATCH$)/;
/** The server is a replica, and was a master when the connection was opened, or somebody writes to a replica. */
const DEMOTED = /^(?:READONLY\b|UNBLOCKED force unblock)/;
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
 * `permanent`: wrong or missing credentials, a certificate that is not believed, a database or a Sentinel's master that
 * does not exist, protected mode, options that cannot work; and READONLY, for this connection will never do what it is for.
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
  if (UNBELIEVED.test(codeOf(error))) return 'permanent';
  if (isDemotion(error)) return 'permanent';
  if (!PERMANENT.test(message)) return 'transient';
  const command = commandOf(error)?.toLowerCase();
  // NOPERM for somebody's FLUSHALL must not cost a good connection; one without authentication is never good.
  const isAboutConnection = command === undefined || SETUP_COMMANDS.has(command);
  return isAboutConnection || message.startsWith('NOAUTH') ? 'permanent' : 'transient';
}

/** An answer of a server that takes no writes (any more), also to a command of a transaction. */
export function isDemotion(error: unknown): boolean {
  if (!isReply(error)) return false;
  const { message, previousErrors } = error as Error & { previousErrors?: unknown };
  return (
    DEMOTED.test(message) || (Array.isArray(previousErrors) && previousErrors.some(isDemotion))
  );
}

/** The server has answered, and the connection may go on. */
export function isAnswer(error: unknown): boolean {
  return isReply(error) && classifyRedisError(error) !== 'permanent';
}

function isReply(error: unknown): boolean {
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

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The name of the command that ioredis attaches to the error of a reply. */
function commandOf(error: Error): string | undefined {
  if (!('command' in error)) return undefined;
  const { command } = error;
  if (typeof command !== 'object' || command === null || !('name' in command)) return undefined;
  return typeof command.name === 'string' ? command.name : undefined;
}
