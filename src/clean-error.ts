/** Stands where a secret was. */
const HIDDEN = '***';

/** `user:password@` of a URL, up to the last `@` before the path: a password may contain one that nobody encoded. */
const IN_URL = /\b([a-z][a-z\d+.-]*:\/\/)[^\s/?#'"]*@/gi;

/** `password=…` and its like, in the query of a URL or in a connection string. */
const IN_PAIR =
  /\b((?:[a-z]+[_-]?)?(?:password|passwd|pwd|passphrase|secret|token|api_?key)\s*=\s*)("[^"]*"|'[^']*'|[^\s;,&'"]+)/gi;

/** Errors inside errors are followed this deep. */
const MOST_DEPTH = 8;

/** The text without credentials of URLs and connection strings, and without `secrets`, which are known by their value. */
export function hideSecrets(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, HIDDEN);
  return clean.replaceAll(IN_URL, `$1${HIDDEN}@`).replaceAll(IN_PAIR, `$1${HIDDEN}`);
}

/** What an error says, without credentials; never empty. */
export function textOf(error: unknown, secrets: readonly string[] = []): string {
  return hideSecrets(wordsOf(error), secrets);
}

/**
 * A copy of an error that may be shown: same class, message, stack, cause and parts with secrets hidden. Of other
 * properties only texts, numbers, booleans, and lists of them stay: what else an error drags along (options, sockets,
 * commands) may hold anything. Gives a message to errors that come without one.
 */
export function cleanError(error: unknown, secrets: readonly string[] = []): Error {
  return new Cleaner(secrets).error(error, 0);
}

class Cleaner {
  readonly #secrets: readonly string[];
  /** Causes may lead in a circle. */
  readonly #done = new Map<Error, Error>();

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  error(given: unknown, depth: number): Error {
    if (!(given instanceof Error)) return new Error(textOf(given, this.#secrets));
    const known = this.#done.get(given);
    if (known !== undefined) return known;
    const clean = new Error(this.#text(messageOf(given)));
    this.#done.set(given, clean);
    Object.setPrototypeOf(clean, Object.getPrototypeOf(given) as object);
    // A property of the user's may be an accessor that throws; none is worth more than the report of the failure.
    for (const key of Object.getOwnPropertyNames(given)) {
      if (key === 'message') continue;
      const property = Object.getOwnPropertyDescriptor(given, key);
      const value = key === 'stack' ? stackOf(given) : (property?.value as unknown);
      const shown = depth < MOST_DEPTH ? this.#value(value, depth + 1) : undefined;
      if (shown === undefined) Reflect.deleteProperty(clean, key);
      else {
        const { enumerable = false } = property ?? {};
        Object.defineProperty(clean, key, {
          value: shown,
          enumerable,
          writable: true,
          configurable: true,
        });
      }
    }
    return clean;
  }

  #value(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number' || typeof value === 'boolean') return value;
    if (value instanceof Error) return this.error(value, depth);
    if (!Array.isArray(value)) return undefined;
    const shown = value.map((one: unknown) =>
      Array.isArray(one) ? undefined : this.#value(one, depth),
    );
    return shown.filter((one) => one !== undefined);
  }

  #text(text: string): string {
    return hideSecrets(text, this.#secrets);
  }
}

/** What connecting to a name with several addresses rejects with has parts and no message of its own. */
function messageOf(error: Error): string {
  const isBare = error.message === '' && error instanceof AggregateError;
  return isBare ? error.errors.map(wordsOf).join('; ') : error.message;
}

function wordsOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return String(error);
    // ioredis and node:net give connection refusals no message in some cases, only a code.
    const { code } = error as Error & { readonly code?: unknown };
    return messageOf(error) || (typeof code === 'string' ? code : error.name);
  } catch {
    return 'an error that is no text';
  }
}

function stackOf(error: Error): string | undefined {
  return typeof error.stack === 'string' ? error.stack : undefined;
}
