/** Commands that keep their connection waiting, and everything that is sent behind them. */
const BLOCKING: ReadonlySet<string> = new Set([
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
]);

/** Commands that belong to a `WATCH` or `MULTI` of their connection. */
const TRANSACTION: ReadonlySet<string> = new Set(['discard', 'exec', 'multi', 'unwatch', 'watch']);

/** Commands that open or end a subscription; the client keeps account of those itself. */
const SUBSCRIPTION: ReadonlySet<string> = new Set([
  'psubscribe',
  'punsubscribe',
  'ssubscribe',
  'subscribe',
  'sunsubscribe',
  'unsubscribe',
]);

/** Other commands after which a connection is not what it was before. */
const STATEFUL: ReadonlySet<string> = new Set([
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
]);

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

/** Names as they were sent, and whether one such command can change its connection. */
const known = new Map<string, boolean>();
const MOST_KNOWN = 1_000;

/**
 * Whether a command of this name can leave something behind on its connection that the client does not keep account of.
 * Asked for every command that is sent, so nothing is computed twice.
 */
export function mayChangeConnection(name: string): boolean {
  return known.get(name) ?? learn(name);
}

function learn(name: string): boolean {
  const lower = name.toLowerCase();
  const answer =
    TRANSACTION.has(lower) || STATEFUL.has(lower) || lower === 'client' || lower === 'script';
  if (known.size < MOST_KNOWN) known.set(name, answer);
  return answer;
}

/** CLIENT with this subcommand leaves its connection as it was. */
export function isHarmlessClient(subcommand: string): boolean {
  return HARMLESS_CLIENT.has(subcommand);
}

/** The argument at `index` in lower case, as Redis compares words; empty if it is missing. */
export function wordAt(args: readonly unknown[], index: number): string {
  return String(args[index] ?? '').toLowerCase();
}

/**
 * Why a command needs a connection of its own, as the end of a sentence; null for one that others may run beside.
 *
 * @param name in lower case
 */
export function whyExclusive(name: string, args: readonly unknown[]): string | null {
  if (BLOCKING.has(name)) return WAITS;
  if (TRANSACTION.has(name)) return 'belongs to a transaction on one connection';
  if (SUBSCRIPTION.has(name)) return 'subscribes its connection';
  if (STATEFUL.has(name)) return CHANGES;
  if (name === 'xread') return isBlockingRead(args, 0) ? WAITS : null;
  // GROUP, its name and that of the consumer, which may be any word.
  if (name === 'xreadgroup') return isBlockingRead(args, 3) ? WAITS : null;
  if (name === 'client') return isHarmlessClient(wordAt(args.flat(), 0)) ? null : CHANGES;
  if (name === 'script') return wordAt(args.flat(), 0) === 'debug' ? CHANGES : null;
  return null;
}

const WAITS = 'keeps its connection waiting';
const CHANGES = 'changes its connection';

function isBlockingRead(args: readonly unknown[], from: number): boolean {
  const words = args.flat();
  for (let index = from; index < words.length; index += 1) {
    const word = wordAt(words, index);
    if (word === 'block') return true;
    // What follows are keys.
    if (word === 'streams') return false;
  }
  return false;
}
