import type { CommandHost } from './resp-command.js';
import * as reply from './resp-reply.js';
import type { RespSession } from './resp-session.js';

function describe(session: RespSession): string {
  const { id, address, name, db, channels, transaction, protocol, lastCommand } = session;
  const multi = transaction === undefined ? -1 : transaction.commands.length;
  return `id=${id} addr=${address} name=${name} db=${db} sub=${channels.size} multi=${multi} cmd=${lastCommand} resp=${protocol}\n`;
}

function kill(session: RespSession, args: readonly string[], host: CommandHost): string {
  // The old form `CLIENT KILL host:port` kills one or fails; the new one counts and by default spares the caller.
  const [first = ''] = args;
  const isOldForm = args.length === 1;
  const filters = isOldForm ? ['addr', first, 'skipme', 'no'] : [...args];
  let isCallerSpared = true;
  let victims = [...host.sessions];
  if (filters.length % 2 === 1) return reply.failure('ERR syntax error');
  while (filters.length > 0) {
    const filter = filters.shift()?.toLowerCase();
    const value = filters.shift() ?? '';
    if (filter === 'id') victims = victims.filter(({ id }) => String(id) === value);
    else if (filter === 'addr') victims = victims.filter(({ address }) => address === value);
    else if (filter === 'skipme') isCallerSpared = value.toLowerCase() === 'yes';
    else return reply.failure('ERR syntax error');
  }
  if (isCallerSpared) victims = victims.filter((victim) => victim !== session);
  for (const victim of victims) {
    // The caller still gets its reply.
    if (victim === session) victim.end();
    else victim.destroy();
  }
  if (!isOldForm) return reply.integer(victims.length);
  return victims.length > 0 ? reply.OK : reply.failure('ERR No such client');
}

function setName(session: RespSession, name: string): string {
  if (/[^!-~]/.test(name)) {
    return reply.failure('ERR Client names cannot contain spaces, newlines or special characters.');
  }
  session.name = name;
  return reply.OK;
}

/** CLIENT and its subcommands. */
export function clientCommand(
  session: RespSession,
  args: readonly string[],
  host: CommandHost,
): string {
  const [subcommand = '', ...rest] = args;
  const name = subcommand.toLowerCase();
  const [first] = rest;
  if (name === 'setname' && first !== undefined) return setName(session, first);
  if (name === 'getname') {
    return session.name === '' ? reply.none(session.protocol) : reply.bulk(session.name);
  }
  if (name === 'id') return reply.integer(session.id);
  if (name === 'info') return reply.verbatim(describe(session), session.protocol);
  if (name === 'list') {
    return reply.verbatim([...host.sessions].map(describe).join(''), session.protocol);
  }
  if (name === 'setinfo' && rest.length === 2) return reply.OK;
  if (name === 'no-evict' && rest.length === 1) return reply.OK;
  if (name === 'kill' && first !== undefined) return kill(session, rest, host);
  return reply.failure(
    `ERR unknown subcommand or wrong number of arguments for '${name.replaceAll(/[^!-~]/g, '?')}'`,
  );
}
