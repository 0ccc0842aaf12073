import type { Command, CommandHost, Run } from './resp-command.js';
import * as reply from './resp-reply.js';
import type { RespSession } from './resp-session.js';

function multi(session: RespSession): string {
  if (session.transaction !== undefined) return reply.failure('ERR MULTI calls can not be nested');
  session.transaction = { commands: [], isBroken: false };
  return reply.OK;
}

function discard(session: RespSession, _args: readonly string[], host: CommandHost): string {
  if (session.transaction === undefined) return reply.failure('ERR DISCARD without MULTI');
  session.transaction = undefined;
  host.keyspace.unwatch(session);
  return reply.OK;
}

function watch(session: RespSession, args: readonly string[], host: CommandHost): string {
  if (session.transaction !== undefined) {
    return reply.failure('ERR WATCH inside MULTI is not allowed');
  }
  for (const key of args) host.keyspace.watch(session.db, key, session);
  return reply.OK;
}

function unwatch(session: RespSession, _args: readonly string[], host: CommandHost): string {
  host.keyspace.unwatch(session);
  return reply.OK;
}

/** MULTI and its kin; `runQueued` runs one command of the queue, name first. */
export function transactionCommands(runQueued: Run): readonly (readonly [string, Command])[] {
  function exec(session: RespSession, _args: readonly string[], host: CommandHost): string {
    const { transaction, isDirty } = session;
    if (transaction === undefined) return reply.failure('ERR EXEC without MULTI');
    host.keyspace.unwatch(session);
    if (transaction.isBroken) {
      session.transaction = undefined;
      return reply.failure('EXECABORT Transaction discarded because of previous errors.');
    }
    if (isDirty) {
      session.transaction = undefined;
      return reply.noArray(session.protocol);
    }
    // `transaction` stays set meanwhile: that is how BLPOP knows that it must not block here.
    const replies = transaction.commands.map((args) => runQueued(session, args, host) ?? '');
    session.transaction = undefined;
    return reply.array(replies);
  }

  return [
    ['multi', { run: multi, min: 0, max: 0, isImmediate: true }],
    ['exec', { run: exec, min: 0, max: 0, isImmediate: true }],
    ['discard', { run: discard, min: 0, max: 0, isImmediate: true }],
    ['watch', { run: watch, min: 1, max: Number.POSITIVE_INFINITY, isImmediate: true }],
    ['unwatch', { run: unwatch, min: 0, max: 0 }],
  ];
}
