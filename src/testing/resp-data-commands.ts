import type { Command, CommandHost } from './resp-command.js';
import * as reply from './resp-reply.js';
import type { RespSession } from './resp-session.js';

const MANY = Number.POSITIVE_INFINITY;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function get(session: RespSession, args: readonly string[], host: CommandHost): string {
  const [key = ''] = args;
  const value = host.keyspace.get(session.db, key);
  return value === undefined ? reply.none(session.protocol) : reply.bulk(value);
}

function set(session: RespSession, args: readonly string[], host: CommandHost): string {
  const [key = '', value = '', ...options] = args;
  let ttlMs = MANY;
  let isOnlyNew = false;
  while (options.length > 0) {
    const option = options.shift()?.toLowerCase();
    if (option === 'nx') {
      isOnlyNew = true;
    } else if ((option === 'px' || option === 'ex') && ttlMs === MANY && options.length > 0) {
      const count = options.shift() ?? '';
      if (!/^\d{1,15}$/.test(count)) {
        return reply.failure('ERR value is not an integer or out of range');
      }
      if (Number(count) === 0) return reply.failure("ERR invalid expire time in 'set' command");
      ttlMs = option === 'px' ? Number(count) : Number(count) * 1_000;
    } else {
      return reply.failure('ERR syntax error');
    }
  }
  if (isOnlyNew && host.keyspace.has(session.db, key)) return reply.none(session.protocol);
  host.keyspace.set(session.db, key, value, ttlMs);
  return reply.OK;
}

function del(session: RespSession, args: readonly string[], host: CommandHost): string {
  return reply.integer(args.filter((key) => host.keyspace.delete(session.db, key)).length);
}

function lpush(session: RespSession, args: readonly string[], host: CommandHost): string {
  const [key = '', ...elements] = args;
  return reply.integer(host.keyspace.prepend(session.db, key, elements));
}

function found(key: string, element: string): string {
  return reply.array([reply.bulk(key), reply.bulk(element)]);
}

function blpop(
  session: RespSession,
  args: readonly string[],
  host: CommandHost,
): string | undefined {
  const keys = args.slice(0, -1);
  const timeout = args.at(-1) ?? '';
  if (!/^\d+(\.\d+)?$/.test(timeout)) {
    return reply.failure('ERR timeout is not a float or out of range');
  }
  for (const key of keys) {
    const element = host.keyspace.pop(session.db, key);
    if (element !== undefined) return found(key, element);
  }
  if (session.transaction !== undefined) return reply.noArray(session.protocol);

  const pop = {
    db: session.db,
    keys,
    deliver(key: string, element: string): void {
      clearTimeout(timer);
      session.resume(found(key, element));
    },
  };
  // Zero means for ever.
  const timeoutMs = Math.min(Number(timeout) * 1_000 || MANY, LONGEST_TIMER_MS);
  const timer = setTimeout(() => {
    host.keyspace.unblock(pop);
    session.resume(reply.noArray(session.protocol));
  }, timeoutMs);
  session.abandonBlock = () => {
    clearTimeout(timer);
    host.keyspace.unblock(pop);
  };
  host.keyspace.block(pop);
  return undefined;
}

/** Commands on keys. */
export const dataCommands: readonly (readonly [string, Command])[] = [
  ['get', { run: get, min: 1, max: 1 }],
  ['set', { run: set, min: 2, max: MANY }],
  ['del', { run: del, min: 1, max: MANY }],
  ['lpush', { run: lpush, min: 2, max: MANY }],
  ['blpop', { run: blpop, min: 2, max: MANY }],
];
