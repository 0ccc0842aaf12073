import { clientCommand } from './resp-client-command.js';
import { dataCommands } from './resp-data-commands.js';
import type { Command, CommandHost } from './resp-command.js';
import { DATABASES, WrongTypeError } from './resp-keyspace.js';
import * as reply from './resp-reply.js';
import type { RespSession } from './resp-session.js';
import { transactionCommands } from './resp-transactions.js';

const MANY = Number.POSITIVE_INFINITY;

const INFO = [
  '# Server',
  'redis_version:7.0.15',
  'redis_mode:standalone',
  '# Persistence',
  'loading:0',
  '# Replication',
  'role:master',
  '',
].join('\r\n');

function authenticate(
  session: RespSession,
  user: string,
  password: string,
  host: CommandHost,
): string | undefined {
  // Without a password the default user accepts any, as Redis does.
  if (user === 'default' && (host.password === undefined || host.password === password)) {
    session.isAuthenticated = true;
    return undefined;
  }
  return reply.failure('WRONGPASS invalid username-password pair or user is disabled.');
}

function auth(
  session: RespSession,
  args: readonly string[],
  host: CommandHost,
): string | undefined {
  const [first = '', second] = args;
  if (second === undefined && host.password === undefined) {
    return reply.failure(
      'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    );
  }
  const user = second === undefined ? 'default' : first;
  return authenticate(session, user, second ?? first, host) ?? reply.OK;
}

function textPair(key: string, value: string): [string, string] {
  return [reply.bulk(key), reply.bulk(value)];
}

function hello(
  session: RespSession,
  args: readonly string[],
  host: CommandHost,
): string | undefined {
  const [version = String(session.protocol), ...rest] = args;
  if (version !== '2' && version !== '3') {
    return reply.failure('NOPROTO unsupported protocol version');
  }
  let name: string | undefined;
  while (rest.length > 0) {
    const option = rest.shift()?.toLowerCase();
    if (option === 'auth' && rest.length >= 2) {
      const refusal = authenticate(session, rest.shift() ?? '', rest.shift() ?? '', host);
      if (refusal !== undefined) return refusal;
    } else if (option === 'setname' && rest.length > 0) {
      name = rest.shift();
    } else {
      return reply.failure('ERR Syntax error in HELLO option');
    }
  }
  if (!session.isAuthenticated) {
    return reply.failure(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    );
  }
  session.protocol = version === '3' ? 3 : 2;
  if (name !== undefined) session.name = name;
  return reply.map(
    [
      textPair('server', 'redis'),
      textPair('version', '7.0.15'),
      [reply.bulk('proto'), reply.integer(session.protocol)],
      [reply.bulk('id'), reply.integer(session.id)],
      textPair('mode', 'standalone'),
      textPair('role', 'master'),
      [reply.bulk('modules'), reply.array([])],
    ],
    session.protocol,
  );
}

function select(session: RespSession, args: readonly string[]): string {
  const [index = ''] = args;
  if (!/^-?\d+$/.test(index)) return reply.failure('ERR value is not an integer or out of range');
  const db = Number(index);
  if (db < 0 || db >= DATABASES) return reply.failure('ERR DB index is out of range');
  session.db = db;
  return reply.OK;
}

function ping(session: RespSession, args: readonly string[]): string {
  const [text] = args;
  if (session.protocol === 2 && session.channels.size > 0) {
    return reply.array([reply.bulk('pong'), reply.bulk(text ?? '')]);
  }
  return text === undefined ? reply.simple('PONG') : reply.bulk(text);
}

function subscribe(session: RespSession, args: readonly string[]): string {
  return args
    .map((channel) => {
      session.channels.add(channel);
      return subscription(session, 'subscribe', reply.bulk(channel));
    })
    .join('');
}

function unsubscribe(session: RespSession, args: readonly string[]): string {
  const channels = args.length > 0 ? args : [...session.channels];
  if (channels.length === 0)
    return subscription(session, 'unsubscribe', reply.none(session.protocol));
  return channels
    .map((channel) => {
      session.channels.delete(channel);
      return subscription(session, 'unsubscribe', reply.bulk(channel));
    })
    .join('');
}

function subscription(session: RespSession, kind: string, channel: string): string {
  return reply.push(
    [reply.bulk(kind), channel, reply.integer(session.channels.size)],
    session.protocol,
  );
}

function publish(_session: RespSession, args: readonly string[], host: CommandHost): string {
  const [channel = '', message = ''] = args;
  let receivers = 0;
  for (const session of host.sessions) {
    if (!session.channels.has(channel)) continue;
    receivers += 1;
    const items = [reply.bulk('message'), reply.bulk(channel), reply.bulk(message)];
    session.send(reply.push(items, session.protocol));
  }
  return reply.integer(receivers);
}

function quit(session: RespSession): string {
  session.end();
  return reply.OK;
}

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['hello', { run: hello, min: 0, max: MANY, isOpen: true }],
  ['auth', { run: auth, min: 1, max: 2, isOpen: true }],
  [
    'quit',
    { run: quit, min: 0, max: MANY, isOpen: true, isImmediate: true, isForSubscribers: true },
  ],
  ['select', { run: select, min: 1, max: 1 }],
  ['ping', { run: ping, min: 0, max: 1, isForSubscribers: true }],
  ['echo', { run: (_session, [text = '']) => reply.bulk(text), min: 1, max: 1 }],
  ['info', { run: (session) => reply.verbatim(INFO, session.protocol), min: 0, max: MANY }],
  ['client', { run: clientCommand, min: 1, max: MANY }],
  ['subscribe', { run: subscribe, min: 1, max: MANY, isForSubscribers: true }],
  ['unsubscribe', { run: unsubscribe, min: 0, max: MANY, isForSubscribers: true }],
  ['publish', { run: publish, min: 2, max: 2 }],
  ...dataCommands,
  ...transactionCommands(runNow),
]);

/** Runs or queues one command, name first, the way Redis would. */
export function execute(
  session: RespSession,
  args: readonly string[],
  host: CommandHost,
): string | undefined {
  const [name = '', ...rest] = args;
  const lowerName = name.toLowerCase();
  const command = commands.get(lowerName);
  session.lastCommand = lowerName;
  const refusal = refuse(session, lowerName, command, rest);
  if (refusal !== undefined || command === undefined) {
    if (session.transaction !== undefined) session.transaction.isBroken = true;
    return refusal;
  }
  if (session.transaction !== undefined && command.isImmediate !== true) {
    session.transaction.commands.push([...args]);
    return reply.QUEUED;
  }
  const result = run(command, session, rest, host);
  host.keyspace.serveBlocked();
  return result;
}

function refuse(
  session: RespSession,
  name: string,
  command: Command | undefined,
  args: readonly string[],
): string | undefined {
  if (command === undefined) {
    const begin = args.map((argument) => `'${argument.slice(0, 128)}' `).join('');
    return reply.failure(
      `ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${begin}`.replaceAll(
        /[\r\n]/g,
        ' ',
      ),
    );
  }
  if (args.length < command.min || args.length > command.max) {
    return reply.failure(`ERR wrong number of arguments for '${name}' command`);
  }
  if (!session.isAuthenticated && command.isOpen !== true) {
    return reply.failure('NOAUTH Authentication required.');
  }
  if (session.protocol === 2 && session.channels.size > 0 && command.isForSubscribers !== true) {
    return reply.failure(
      `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  }
  return undefined;
}

function runNow(
  session: RespSession,
  args: readonly string[],
  host: CommandHost,
): string | undefined {
  const [name = '', ...rest] = args;
  const command = commands.get(name.toLowerCase());
  if (command === undefined) throw new Error('bug: an unknown command was queued');
  return run(command, session, rest, host);
}

function run(
  command: Command,
  session: RespSession,
  args: readonly string[],
  host: CommandHost,
): string | undefined {
  try {
    return command.run(session, args, host);
  } catch (error) {
    if (!(error instanceof WrongTypeError)) throw error;
    return reply.failure('WRONGTYPE Operation against a key holding the wrong kind of value');
  }
}
