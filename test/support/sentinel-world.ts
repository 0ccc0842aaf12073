import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startRedisServer, type RedisServer } from '../../src/testing/index.js';
import { freePort, HOST, startServerProcess } from '../../src/testing/server-process.js';
import type { ServerProcess } from '../../src/testing/server-process.js';

/** Name under which the sentinels know the master. */
export const MASTER_NAME = 'main';
const SENTINELS = 3;
const QUORUM = 2;
/** After this silence a sentinel holds the master for dead; the shortest that a busy machine does not produce itself. */
const DOWN_AFTER_MS = 1_000;
const PATIENCE_MS = 15_000;

/** A sentinel's process and where it listens. */
type Sentinel = ServerProcess & { readonly host: string; readonly port: number };

/** A master, a replica and three sentinels that watch them, all real. */
export class SentinelWorld implements AsyncDisposable {
  /** The master at first. */
  readonly first: RedisServer;
  /** Its replica, which follows it as master. */
  readonly second: RedisServer;
  readonly sentinels: readonly Sentinel[];
  readonly #known = new Map<number, Redis>();
  readonly #clients: Redis[] = [];

  private constructor(first: RedisServer, second: RedisServer, sentinels: readonly Sentinel[]) {
    this.first = first;
    this.second = second;
    this.sentinels = sentinels;
  }

  static async start(): Promise<SentinelWorld> {
    const running: AsyncDisposable[] = [];
    const started = async <Kind extends ServerProcess>(starting: Promise<Kind>): Promise<Kind> => {
      const one = await starting;
      running.push(one);
      return one;
    };
    try {
      const args = FAST_REPLICATION;
      const first = await started(startRedisServer({ args }));
      const replicaOf = ['--replicaof', HOST, String(first.port)];
      const second = await started(startRedisServer({ args: [...args, ...replicaOf] }));
      const sentinels: Sentinel[] = [];
      for (let nth = 0; nth < SENTINELS; nth += 1) {
        sentinels.push(await started(startSentinel(first.port)));
      }
      const world = new SentinelWorld(first, second, sentinels);
      running.push(world);
      await world.#agree();
      return world;
    } catch (error) {
      await Promise.all(running.map((one) => one[Symbol.asyncDispose]()));
      throw error;
    }
  }

  /** For `redisFactory`. */
  get addresses(): readonly { readonly host: string; readonly port: number }[] {
    return this.sentinels.map(({ host, port }) => ({ host, port }));
  }

  /** A connection of the test's own to one of the processes. */
  client({ port }: { readonly port: number }): Redis {
    const known = this.#known.get(port);
    if (known !== undefined) return known;
    const client = this.#made(port);
    this.#known.set(port, client);
    return client;
  }

  /** Makes the second server the master, while the first one works: as an operator does before maintenance. */
  async failOver(): Promise<void> {
    await this.client(this.#sentinel).call('SENTINEL', 'FAILOVER', MASTER_NAME);
  }

  /**
   * Listens to the sentinels from now on.
   *
   * @returns resolves with when the first of them announced that the second server is the master, by `performance.now()`
   */
  async announcement(): Promise<{ readonly announcedAt: Promise<number> }> {
    const listeners = this.sentinels.map(({ port }) => this.#made(port));
    await Promise.all(listeners.map((listener) => listener.subscribe('+switch-master')));
    const words = [this.first, this.second].map(({ host, port }) => `${host} ${port}`);
    const announced = new Promise<number>((resolve) => {
      for (const listener of listeners) {
        listener.on('message', (_channel: string, message: string) => {
          if (message === [MASTER_NAME, ...words].join(' ')) resolve(performance.now());
        });
      }
    });
    return { announcedAt: announced };
  }

  /** Connections of this name that a server or a sentinel knows. */
  async connections(server: { readonly port: number }, name: string): Promise<number> {
    const list = (await this.client(server).client('LIST')) as string;
    return list.split('\n').filter((line) => line.includes(` name=${name} `)).length;
  }

  #made(port: number): Redis {
    const client = new Redis({ port, connectionName: 'admin' });
    // Its server may be killed.
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await Promise.all(
      [this.first, this.second, ...this.sentinels].map((one) => one.stop('SIGKILL')),
    );
  }

  get #sentinel(): Sentinel {
    const [sentinel] = this.sentinels;
    if (sentinel === undefined) throw new Error('there is no sentinel');
    return sentinel;
  }

  /** Waits until the replica follows and every sentinel knows it and the others: before that no failover works. */
  async #agree(): Promise<void> {
    for (const sentinel of this.sentinels) {
      await this.#until('sentinels that know each other and the replica', async () => {
        const reply = await this.client(sentinel).call('SENTINEL', 'MASTER', MASTER_NAME);
        const state = new Map(pairs(reply as string[]));
        return (
          state.get('num-slaves') === '1' && state.get('num-other-sentinels') === `${SENTINELS - 1}`
        );
      });
    }
    await this.#until('a replica that follows', async () =>
      (await this.client(this.second).info('replication')).includes('master_link_status:up'),
    );
  }

  async #until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!(await isTrue())) {
      if (performance.now() > end) throw new Error(`no ${what} within ${PATIENCE_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** The first synchronisation begins at once instead of after five seconds. */
const FAST_REPLICATION = ['--repl-diskless-sync-delay', '0'];

async function startSentinel(masterPort: number): Promise<Sentinel> {
  const port = await freePort();
  const config = [
    `port ${port}`,
    `bind ${HOST}`,
    `sentinel monitor ${MASTER_NAME} ${HOST} ${masterPort} ${QUORUM}`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER_NAME} 10000`,
  ];
  const process = await startServerProcess({
    args: async (directory) => {
      // A sentinel writes what it learns into its configuration.
      const file = join(directory, 'sentinel.conf');
      await writeFile(file, [...config, `dir ${directory}`, ''].join('\n'));
      return [file, '--sentinel'];
    },
    readyText: '+monitor master',
    port,
  });
  return { host: HOST, port, ...process };
}

function* pairs(flat: readonly string[]): Generator<[string, string]> {
  for (let at = 0; at + 1 < flat.length; at += 2) yield [flat[at] ?? '', flat[at + 1] ?? ''];
}
