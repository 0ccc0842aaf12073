/** Options of a client whose values nobody may see. */
const SECRET_OPTIONS = ['username', 'password', 'sentinelUsername', 'sentinelPassword'] as const;
const SECRET_TLS_OPTIONS = ['key', 'passphrase', 'pfx'] as const;

/** A text that the server itself uses for users, and that is no secret. */
const DEFAULT_USER = 'default';

/**
 * The texts that an error of a client that has or had these options must not show. User names are among them: where the
 * colon of a URL was forgotten, that is where the password is. Never throws.
 */
export function secretsOf(...all: readonly (object | undefined)[]): readonly string[] {
  const found = all.flatMap((options) => [
    ...textsIn(options, SECRET_OPTIONS),
    ...['tls', 'sentinelTLS'].flatMap((name) =>
      textsIn(valueOf(options, name), SECRET_TLS_OPTIONS),
    ),
  ]);
  const texts = found.flatMap((text) => [text, ...encoded(text)]);
  // The longest first: one may be a part of another.
  return [...new Set(texts)]
    .filter((text) => text !== '' && text !== DEFAULT_USER)
    .toSorted((one, other) => other.length - one.length);
}

/** As it stands in a URL; nothing for half of a surrogate pair, which cannot stand in one. */
function encoded(text: string): string[] {
  try {
    return [encodeURIComponent(text)];
  } catch {
    return [];
  }
}

function textsIn(holder: unknown, names: readonly string[]): string[] {
  return names.flatMap((name) => textsOf(valueOf(holder, name)));
}

/** Keys come as text, as bytes, as objects with a password of their own, and as lists of these. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value, value.trim()];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return ['pem', 'buf', 'passphrase'].flatMap((name) => {
    const inner = valueOf(value, name);
    return inner === undefined ? [] : textsOf(inner);
  });
}

function valueOf(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null || !(name in holder)) return undefined;
  return (holder as Readonly<Record<string, unknown>>)[name];
}
