import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdaptivePool } from '../../src/index.js';
import { redisFactory } from '../../src/redis/index.js';
import { startRedisServer, type RedisServer } from '../../src/testing/index.js';
import { ioredisVersions } from '../support/ioredis-versions.js';

/** What a borrower may leave behind, and what becomes of the connection. */
const CASES: readonly [string, 'kept' | 'closed', (redis: Redis) => unknown][] = [
  ['nothing', 'kept', (redis) => redis.get('plain')],
  ['a transaction that is done', 'kept', (redis) => redis.multi().set('done', 1).exec()],
  ['a WATCH', 'kept', (redis) => redis.watch('watched')],
  ['a WATCH sent by its name', 'kept', (redis) => redis.call('WATCH', 'watched')],
  ['a WATCH and an EXEC that was refused', 'kept', watchAndExec],
  ['a WATCH that was undone', 'kept', watchAndUnwatch],
  ['an open MULTI', 'kept', (redis) => redis.multi({ pipeline: false })],
  ['an open MULTI in a pipeline', 'kept', (redis) => redis.pipeline([['call', 'Multi']]).exec()],
  ['an open MULTI with commands', 'kept', openMulti],
  [
    'an open MULTI with a WATCH',
    'kept',
    (redis) => redis.watch('watched').then(() => openMulti(redis)),
  ],
  ['another database', 'kept', (redis) => redis.select(3)],
  ['another database by CALL', 'kept', (redis) => redis.call('SELECT', '3')],
  ['another database in a transaction', 'kept', (redis) => redis.multi().select(3).exec()],
  ['a database that does not exist', 'kept', (redis) => redis.select(99).catch(ignore)],
  ['tracking', 'kept', (redis) => redis.call('CLIENT', 'TRACKING', 'on')],
  ['tracking that was undone', 'kept', trackAndBack],
  ['NO-EVICT', 'kept', (redis) => redis.client('NO-EVICT', 'ON')],
  ['another name', 'kept', (redis) => redis.client('SETNAME', 'borrowed')],
  ['a name set in a transaction', 'kept', (redis) => redis.multi().client('SETNAME', 'b').exec()],
  ['all that at once', 'kept', everything],
  ['a listener', 'kept', (redis) => redis.on('message', ignore)],
  ['a listener for once', 'kept', (redis) => redis.once('end', ignore)],
  ['no listener at all', 'closed', (redis) => redis.removeAllListeners()],
  ['a command of its own', 'closed', (redis) => redis.defineCommand('get', { lua: 'return 1' })],
  ['a subscription', 'closed', (redis) => redis.subscribe('news')],
  ['a pattern', 'closed', (redis) => redis.psubscribe('n*')],
  ['a shard channel', 'closed', (redis) => redis.ssubscribe('news')],
  ['a reply to come', 'closed', (redis) => void redis.blpop('empty', 0).catch(ignore)],
  ['CLIENT REPLY OFF', 'closed', (redis) => void redis.client('REPLY', 'OFF').catch(ignore)],
  [
    'CLIENT REPLY SKIP',
    'closed',
    (redis) => void redis.call('client', 'reply', 'skip').catch(ignore),
  ],
  ['another user', 'closed', (redis) => redis.auth('other', 'geheim')],
  [
    'another user by HELLO',
    'closed',
    (redis) => redis.hello(3, 'AUTH', 'other', 'geheim').catch(ignore),
  ],
  ['a RESET', 'closed', (redis) => redis.reset().catch(ignore)],
  ['READONLY', 'closed', (redis) => redis.readonly().catch(ignore)],
  ['ASKING', 'closed', (redis) => redis.asking().catch(ignore)],
  ['a QUIT', 'closed', (redis) => redis.quit()],
  ['a debugger', 'closed', (redis) => redis.script('DEBUG', 'YES')],
];

const CLIENTS = ioredisVersions.flatMap(({ version, makeRedis }) =>
  (version === 'ioredis 6' ? [2 as const, 3 as const] : [2 as const]).map((protocol) => ({
    client: `${version} with RESP${protocol}`,
    make: (port: number): Redis =>
      makeRedis({ port, db: 1, connectionName: 'home', protocol, commandTimeout: 2_000 }),
  })),
);

describe.each(CLIENTS)('a lease of $client', ({ make }) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer({
      args: ['--user', 'other', 'on', '>geheim', '~*', '&*', '+@all'],
    });
  });
  afterAll(() => server.stop());

  it.each(CASES)('that leaves %s behind harms nobody: %s', async (_what, fate, leave) => {
    await using pool = new AdaptivePool({
      factory: redisFactory(() => make(server.port)),
      min: 0,
      max: 1,
      acquireTimeoutMs: 5_000,
    });
    const before = await pool.use((redis) => shownBy(redis));
    await pool.use(async (redis) => void (await leave(redis)));
    const settled = await pool.use(async (redis) => {
      await redis.set('key', 'value');
      // A watch left behind would see the change and refuse.
      await redis.set('watched', 'changed');
      const done = await redis.multi().get('key').exec();
      expect(done).toEqual([[null, 'value']]);
      expect(redis.listenerCount('message')).toBe(0);
      return shownBy(redis);
    });
    expect(settled).toEqual({ ...before, id: expect.any(String) });
    expect(settled['id'] === before['id'] ? 'kept' : 'closed').toBe(fate);
  });
});

/** What the server and the client say of a connection. */
async function shownBy(redis: Redis): Promise<Readonly<Record<string, string | undefined>>> {
  const info = await redis.client('INFO');
  const fields = Object.fromEntries(
    info
      .trim()
      .split(' ')
      .map((field) => field.split('=')),
  );
  const { id, name, db, flags, user, multi, resp, sub, psub, redir } = fields;
  const listeners = redis
    .eventNames()
    .map((event) => `${String(event)} ${redis.listenerCount(event)}`);
  return {
    id,
    name,
    db,
    flags,
    user,
    multi,
    resp,
    sub,
    psub,
    redir,
    listeners: listeners.toSorted().join(),
  };
}

async function watchAndExec(redis: Redis): Promise<void> {
  await redis.watch('watched');
  await redis.exec().catch(ignore);
}

async function watchAndUnwatch(redis: Redis): Promise<void> {
  await redis.watch('watched');
  await redis.unwatch();
}

async function openMulti(redis: Redis): Promise<void> {
  await redis.multi({ pipeline: false });
  await redis.set('key', 'queued');
}

async function trackAndBack(redis: Redis): Promise<void> {
  await redis.call('client', 'tracking', 'on');
  await redis.call('client', 'tracking', 'off');
}

async function everything(redis: Redis): Promise<void> {
  await redis.watch('watched');
  await redis.select(5);
  await redis.client('SETNAME', 'borrowed');
  await redis.call('client', 'tracking', 'on').catch(ignore);
  redis.on('message', ignore);
  await redis.multi({ pipeline: false });
  await redis.call('select', '6');
}

function ignore(): void {
  // Its end is not what is looked at.
}
