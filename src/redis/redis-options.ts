import type { RedisOptions } from 'ioredis';
import { InvalidOptionsError } from '../errors.js';

/** A user name or password, or where to get the present one. */
export type Credential = string | (() => string | Promise<string>);

/** Options of ioredis that the pool decides; only the value that it sets may be given. */
interface PoolOwnedOptions {
  /** The pool replaces dead connections; one that came back by itself would be counted twice. */
  readonly retryStrategy?: null | undefined;
  /** A leased connection is ready; a command on a dead one fails at once instead of waiting for ever. */
  readonly enableOfflineQueue?: false | undefined;
  /** Nothing reconnects. */
  readonly autoResubscribe?: false | undefined;
  /** Nothing reconnects. */
  readonly autoResendUnfulfilledCommands?: false | undefined;
  /** The pool listens to the sentinels itself, once for all connections. */
  readonly failoverDetector?: false | undefined;
  /** A monitoring client runs no commands. */
  readonly monitor?: false | undefined;
  /**
   * A function is asked at each connect, for credentials that rotate; one that throws fails that connect, which is tried
   * again.
   */
  readonly username?: Credential | undefined;
  /** Likewise. */
  readonly password?: Credential | undefined;
  /** The types of replies say `legacy`; for `resp3` give a function that makes the client, which keeps its types. */
  readonly replyMapping?: 'legacy' | undefined;
}

/**
 * Options of `new Redis()`, without those that a pool decides itself: connections never reconnect, never queue and
 * never resend. `lazyConnect` and `maxRetriesPerRequest` are accepted and mean nothing here.
 *
 * Defaults that differ from those of ioredis: `connectionName` is the name of the pool, `enableReadyCheck` is on for
 * Sentinel only (which needs it to check the role; elsewhere it costs one more round trip and tells only whether the
 * server still loads its data), `disableClientInfo` is true without a `clientInfoTag` (the name of the pool tells an operator
 * more, and what the client is costs two commands at each connect), `keepAlive` is 30_000 in version 5 too,
 * `sentinelRetryStrategy` gives up at once (the pool tries again) and `sentinelCommandTimeout` is 1_000, so that a silent
 * sentinel does not use up the time of every create.
 */
export interface RedisConnectionOptions
  extends Omit<RedisOptions, keyof PoolOwnedOptions>, PoolOwnedOptions {}

interface Rule {
  readonly field: string;
  readonly isAllowed: (value: unknown) => boolean;
  /** Allowed values and why. */
  readonly text: string;
}

function isOff(value: unknown): boolean {
  return value === false;
}

function isIntegerIn(min: number, max: number): (value: unknown) => boolean {
  return (value) => {
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    return Number.isInteger(number) && Number(number) >= min && Number(number) <= max;
  };
}

const poolOwned: readonly Rule[] = [
  {
    field: 'retryStrategy',
    isAllowed: (value) => typeof value !== 'function',
    text: 'must be null: the pool replaces dead connections, and one that came back by itself would be counted twice',
  },
  {
    field: 'enableOfflineQueue',
    isAllowed: isOff,
    text: 'must be false: a leased connection is ready, and a command on a dead one must fail instead of waiting',
  },
  {
    field: 'autoResubscribe',
    isAllowed: isOff,
    text: 'must be false: a pooled connection never reconnects',
  },
  {
    field: 'autoResendUnfulfilledCommands',
    isAllowed: isOff,
    text: 'must be false: a pooled connection never reconnects',
  },
  {
    field: 'failoverDetector',
    isAllowed: isOff,
    text: 'must be false: the pool listens to the sentinels itself, once for all connections',
  },
  {
    field: 'monitor',
    isAllowed: isOff,
    text: 'must be false: a monitoring client runs no commands',
  },
  {
    field: 'replyMapping',
    isAllowed: (value) => value === 'legacy',
    text: "must be 'legacy': for 'resp3' give a function that makes the client, which keeps its types",
  },
];

const ranges: readonly Rule[] = [
  {
    field: 'role',
    isAllowed: (value) => value === 'master' || value === 'slave',
    text: "must be 'master' or 'slave' (a replica)",
  },
  { field: 'db', isAllowed: isIntegerIn(0, 2 ** 31 - 1), text: 'must be an integer of at least 0' },
  { field: 'port', isAllowed: isIntegerIn(1, 65_535), text: 'must be an integer in 1..65535' },
  {
    field: 'connectionName',
    isAllowed: (value) => typeof value === 'string' && !/[^!-~]/.test(value),
    text: 'must be printable ASCII without spaces: Redis refuses any other',
  },
];

/** Their values are never shown. */
const credentials = ['username', 'password', 'sentinelUsername', 'sentinelPassword'] as const;

/** `new Redis(url, options)` with what a pooled connection needs. Never holds an object of the user's. */
export interface ResolvedConnection {
  readonly url: string | undefined;
  readonly options: Omit<RedisOptions, 'username' | 'password'>;
  /** Asked at each connect. */
  readonly credentials: () => Promise<Pick<RedisOptions, 'username' | 'password'>>;
}

/**
 * Checks and completes the arguments of `redisFactory`.
 *
 * @throws {@link InvalidOptionsError} with every problem; it never repeats credentials
 */
export function resolveConnection(
  url: string | undefined,
  options: RedisConnectionOptions,
): ResolvedConnection {
  const problems = [
    ...(url === undefined ? [] : problemsOfUrl(url)),
    ...problemsOf(options),
    ...problemsOfSentinels(options),
  ];
  if (problems.length > 0) throw new InvalidOptionsError('Redis connection', problems);
  const { username, password, ...rest } = options;
  const { sentinels } = rest;
  const isSentinel = sentinels !== undefined && sentinels !== null;
  return {
    url,
    options: {
      ...rest,
      enableReadyCheck: options.enableReadyCheck ?? isSentinel,
      disableClientInfo: options.disableClientInfo ?? !hasTag(url, options),
      keepAlive: options.keepAlive ?? 30_000,
      ...(isSentinel && {
        sentinelRetryStrategy: options.sentinelRetryStrategy ?? (() => null),
        sentinelCommandTimeout: options.sentinelCommandTimeout ?? 1_000,
      }),
      lazyConnect: true,
    },
    credentials: async () => ({
      ...given('username', await presentValue('username', username)),
      ...given('password', await presentValue('password', password)),
    }),
  };
}

/** A tag for `CLIENT SETINFO`, in the options or the URL. */
function hasTag(url: string | undefined, { clientInfoTag }: RedisConnectionOptions): boolean {
  if (clientInfoTag) return true;
  return url !== undefined && new URL(url).searchParams.has('clientInfoTag');
}

function given(field: string, value: string | undefined): object {
  return value === undefined ? {} : { [field]: value };
}

async function presentValue(
  field: string,
  credential: Credential | undefined,
): Promise<string | undefined> {
  if (typeof credential !== 'function') return credential;
  const value: unknown = await credential();
  if (typeof value === 'string') return value;
  throw new InvalidOptionsError('Redis connection', [
    `the function ${field} must return text (got ${typeof value})`,
  ]);
}

function problemsOf(options: RedisConnectionOptions): readonly string[] {
  const given: ReadonlyMap<string, unknown> = new Map(Object.entries(options));
  const problems = [...poolOwned, ...ranges].flatMap(({ field, isAllowed, text }) => {
    const value = given.get(field);
    // Like ioredis, which takes null for "not given".
    if (value === undefined || value === null || isAllowed(value)) return [];
    return [`${field} ${text} (got ${describe(value)})`];
  });
  for (const field of credentials) {
    const value = given.get(field);
    if (value === undefined || value === null || typeof value === 'string') continue;
    const isAsked = field === 'username' || field === 'password';
    if (isAsked && typeof value === 'function') continue;
    problems.push(
      `${field} must be text${isAsked ? ' or a function' : ''} (got ${Array.isArray(value) ? 'a list' : typeof value})`,
    );
  }
  return problems;
}

function problemsOfSentinels({
  sentinels,
  name,
  enableReadyCheck,
}: RedisConnectionOptions): readonly string[] {
  if (sentinels === undefined || sentinels === null) return [];
  return [
    sentinels.length === 0 && 'sentinels must not be empty',
    !name && 'name must say which master the sentinels watch',
    enableReadyCheck === false &&
      'enableReadyCheck must be true with sentinels: the role of the node is checked there (got false)',
  ].filter((problem) => problem !== false);
}

function problemsOfUrl(url: string): readonly string[] {
  // The parser's own error repeats the URL, password included.
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'redis:' && parsed?.protocol !== 'rediss:') {
    return [
      'the URL must be redis://[user:password@]host[:port][/db] or rediss://… (not repeated here)',
    ];
  }
  const owned = poolOwned.filter(({ field }) => parsed.searchParams.has(field));
  return [
    ...([parsed.username, parsed.password].every(canDecode)
      ? []
      : [
          'user name and password in the URL must be percent-encoded: % is %25 (not repeated here)',
        ]),
    ...(/^\/?\d*$/.test(parsed.pathname)
      ? []
      : ['the path of the URL must be the number of a database']),
    ...owned.map(({ field, text }) => `${field} in the URL: ${text}`),
  ];
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  // A URL in the wrong place, with a password in it.
  if (typeof value === 'string' && value.includes('@')) return 'text, not repeated here';
  return typeof value === 'object' ? 'an object' : JSON.stringify(value);
}
