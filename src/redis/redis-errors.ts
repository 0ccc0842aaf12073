import { InvalidOptionsError } from '../errors.js';
import type { ErrorClass } from '../runtime/resource-factory.js';

const PERMANENT =
  /^(?:WRONGPASS|NOAUTH|NOPERM|DENIED)\b|^ERR (?:invalid password|DB index is out of range|invalid DB index)/i;
const SERVER_LIMIT = /max number of clients/i;
const UNREACHABLE_SENTINELS = /^All sentinels are unreachable.* Last error: /;

/** Commands that set a connection up; a refusal of any other says nothing about the connection. */
const SETUP_COMMANDS: ReadonlySet<string> = new Set(['auth', 'hello', 'select']);

/**
 * Sorts an error of a client, or one that a user's callback threw.
 *
 * `permanent`: wrong or missing credentials, a database that does not exist, protected mode, options that cannot work.
 * `server-limit`: the server has as many clients as it admits. `transient`: everything else, a name that does not
 * resolve and a server that still loads included.
 */
export function classifyRedisError(error: unknown): ErrorClass {
  if (error instanceof InvalidOptionsError) return 'permanent';
  if (!(error instanceof Error)) return 'transient';
  const message = error.message.replace(UNREACHABLE_SENTINELS, '');
  if (SERVER_LIMIT.test(message)) return 'server-limit';
  if (!PERMANENT.test(message)) return 'transient';
  const command = commandOf(error)?.toLowerCase();
  // NOPERM for somebody's FLUSHALL must not cost a good connection; one without authentication is never good.
  const isAboutConnection = command === undefined || SETUP_COMMANDS.has(command);
  return isAboutConnection || message.startsWith('NOAUTH') ? 'permanent' : 'transient';
}

/** The command answered with an error although it ran: the round trip itself is proven. */
export function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOPERM');
}

/**
 * Takes credentials out of an error, in place so that its class and identity stay: the arguments of the command that
 * failed, and every occurrence of a secret in texts (old servers repeat the arguments of commands that they do not
 * know). Gives a message to errors that come without one.
 *
 * @returns the same error, or a new one for what is no error
 */
export function cleanError(error: unknown, secrets: readonly string[]): Error {
  if (!(error instanceof Error)) return new Error(hideSecrets(String(error), secrets));
  const name = commandOf(error);
  if (name !== undefined) Object.assign(error, { command: { name } });
  if (error instanceof AggregateError) {
    for (const part of error.errors) cleanError(part, secrets);
    // What connecting to a name with several addresses rejects with has parts and no message of its own.
    if (error.message === '') error.message = error.errors.map(messageOf).join('; ');
  }
  const message = hideSecrets(error.message, secrets);
  if (message !== error.message) {
    error.message = message;
    if (error.stack !== undefined) error.stack = hideSecrets(error.stack, secrets);
  }
  if (error.cause instanceof Error) cleanError(error.cause, secrets);
  return error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hideSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, '***');
  return clean;
}

/** The name of the command that ioredis attaches to the error of a reply. */
function commandOf(error: Error): string | undefined {
  if (!('command' in error)) return undefined;
  const { command } = error;
  if (typeof command !== 'object' || command === null || !('name' in command)) return undefined;
  return typeof command.name === 'string' ? command.name : undefined;
}
