/** Commands that keep their connection waiting, and everything that is sent behind them. */
const BLOCKING = [
  'blmove',
  'blmovem',
  'blmpop',
  'blpop',
  'brpop',
  'brpoplpush',
  'bzmpop',
  'bzpopmax',
  'bzpopmin',
  'wait',
  'waitaof',
] as const;

/** Commands that belong to a `WATCH` or `MULTI` of their connection. */
const TRANSACTION = ['discard', 'exec', 'multi', 'unwatch', 'watch'] as const;

/** Commands that open or end a subscription; the client keeps account of those itself. */
const SUBSCRIPTION = [
  'psubscribe',
  'punsubscribe',
  'ssubscribe',
  'subscribe',
  'sunsubscribe',
  'unsubscribe',
] as const;

/** Other commands after which a connection is not what it was before. */
const STATEFUL = [
  'asking',
  'auth',
  'hello',
  'himport',
  'monitor',
  'psync',
  'quit',
  'readonly',
  'readwrite',
  'replconf',
  'reset',
  'select',
  'sync',
] as const;

/** Commands that need a connection of their own, whatever their arguments. */
export type ExclusiveCommand =
  | (typeof BLOCKING)[number]
  | (typeof TRANSACTION)[number]
  | (typeof SUBSCRIPTION)[number]
  | (typeof STATEFUL)[number];

/** Commands of which some uses change the connection or block it. */
const BY_ARGUMENTS = ['client', 'script', 'xread', 'xreadgroup'] as const;

const WAITS = 'keeps its connection waiting';
const CHANGES = 'changes its connection';
const REASONS: ReadonlyMap<string, string> = new Map([
  ...BLOCKING.map((name) => [name, WAITS] as const),
  ...TRANSACTION.map((name) => [name, 'belongs to a transaction on one connection'] as const),
  ...SUBSCRIPTION.map((name) => [name, 'subscribes its connection'] as const),
  ...STATEFUL.map((name) => [name, CHANGES] as const),
]);

const CHANGING: ReadonlySet<string> = new Set([...TRANSACTION, ...STATEFUL, 'client', 'script']);
const SUSPECT: ReadonlySet<string> = new Set([...REASONS.keys(), ...BY_ARGUMENTS]);

/** Subcommands of CLIENT that only ask, or concern other connections. All others change this one. */
const HARMLESS_CLIENT: ReadonlySet<string> = new Set([
  'getname',
  'getredir',
  'help',
  'id',
  'info',
  'kill',
  'list',
  'pause',
  'trackinginfo',
  'unblock',
  'unpause',
]);

/** What is known of a command by its name alone. */
export type Trait =
  /** Others may run beside, and it leaves nothing behind. */
  | 'plain'
  /** It may block its connection or subscribe it; the client keeps account of that. */
  | 'engaging'
  /** It can leave something behind that the client keeps no account of. */
  | 'changing';

/** Names as they were sent. */
const known = new Map<string, Trait>();
const MOST_KNOWN = 1_000;

/** Asked for every command that is sent, so nothing is computed twice. */
export function traitOf(name: string): Trait {
  return known.get(name) ?? learn(name);
}

function learn(name: string): Trait {
  const lower = name.toLowerCase();
  const trait = CHANGING.has(lower) ? 'changing' : SUSPECT.has(lower) ? 'engaging' : 'plain';
  if (known.size < MOST_KNOWN) known.set(name, trait);
  return trait;
}

/** CLIENT with this subcommand leaves its connection as it was. */
export function isHarmlessClient(subcommand: string): boolean {
  return HARMLESS_CLIENT.has(subcommand);
}

/** The argument at `index` in lower case, as Redis compares words; empty if it is missing. */
export function wordAt(args: readonly unknown[], index: number): string {
  return textOf(args[index]).toLowerCase();
}

/** An argument as it is sent: text, a number or bytes. */
export function textOf(argument: unknown): string {
  if (typeof argument === 'string') return argument;
  return typeof argument === 'number' || Buffer.isBuffer(argument) ? argument.toString() : '';
}

/** False for a command, in lower case, that never needs a connection of its own: {@link whyExclusive} need not be asked. */
export function mayBeExclusive(name: string): boolean {
  return SUSPECT.has(name);
}

/**
 * Why a command needs a connection of its own, as the end of a sentence; null for one that others may run beside.
 *
 * @param name in lower case
 */
export function whyExclusive(name: string, args: readonly unknown[]): string | null {
  if (!mayBeExclusive(name)) return null;
  const words = args.flat();
  switch (name) {
    case 'xread':
    case 'xreadgroup':
      return isBlockingRead(words) ? WAITS : null;
    case 'client':
      return isHarmlessClient(wordAt(words, 0)) ? null : CHANGES;
    case 'script':
      return wordAt(words, 0) === 'debug' ? CHANGES : null;
    default:
      return REASONS.get(name) ?? null;
  }
}

function isBlockingRead(words: readonly unknown[]): boolean {
  for (let index = 0; index < words.length; index += 1) {
    const word = wordAt(words, index);
    if (word === 'block') return true;
    // The names of the group and of the consumer may be any word.
    if (word === 'group') index += 2;
    // What follows are keys.
    if (word === 'streams') return false;
  }
  return false;
}
