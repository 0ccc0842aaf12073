import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startRedisServer, type RedisServer } from '../../src/testing/index.js';
import { freePort } from '../../src/testing/server-process.js';

const NODES = 3;
const SLOTS = 16_384;
const PATIENCE_MS = 15_000;

/** A real cluster of three masters, each with a third of the slots. */
export class ClusterWorld implements AsyncDisposable {
  readonly nodes: readonly RedisServer[];
  readonly #clients: readonly Redis[];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
    this.#clients = nodes.map(({ port }) => new Redis({ port, connectionName: 'admin' }));
  }

  static async start(): Promise<ClusterWorld> {
    const nodes: RedisServer[] = [];
    try {
      const busPorts: number[] = [];
      for (let nth = 0; nth < NODES; nth += 1) {
        const busPort = await freePort();
        busPorts.push(busPort);
        const args = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
        nodes.push(await startRedisServer({ args }));
      }
      const world = new ClusterWorld(nodes);
      await world.#join(busPorts).catch(async (error: unknown) => {
        world.#disconnect();
        throw error;
      });
      return world;
    } catch (error) {
      await stopAll(nodes);
      throw error;
    }
  }

  /** A connection of the test's own to the nth node. */
  client(nth: number): Redis {
    const client = this.#clients[nth];
    if (client === undefined) throw new RangeError(`there is no node ${nth}`);
    return client;
  }

  address(nth: number): string {
    const { host, port } = this.nodes[nth] ?? {};
    return `${host}:${port}`;
  }

  /** Begins to move a slot: its node sends those who ask for missing keys to the other one. */
  async beginMove(slot: number, from: number, to: number): Promise<void> {
    const [fromId, toId] = await Promise.all([from, to].map((nth) => this.#idOf(nth)));
    await this.client(to).call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId ?? '');
    await this.client(from).call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId ?? '');
  }

  /** Ends a move: the slot is the other node's. */
  async endMove(slot: number, from: number, to: number): Promise<void> {
    const id = await this.#idOf(to);
    await this.client(to).call('CLUSTER', 'SETSLOT', slot, 'NODE', id);
    await this.client(from).call('CLUSTER', 'SETSLOT', slot, 'NODE', id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disconnect();
    await stopAll(this.nodes);
  }

  async #idOf(nth: number): Promise<string> {
    return String(await this.client(nth).call('CLUSTER', 'MYID'));
  }

  async #join(busPorts: readonly number[]): Promise<void> {
    const share = Math.ceil(SLOTS / NODES);
    for (const [nth, { host, port }] of this.nodes.entries()) {
      const last = Math.min(SLOTS, (nth + 1) * share) - 1;
      await this.client(nth).call('CLUSTER', 'ADDSLOTSRANGE', nth * share, last);
      await this.client(nth).call('CLUSTER', 'SET-CONFIG-EPOCH', nth + 1);
      if (nth > 0) await this.client(0).call('CLUSTER', 'MEET', host, port, busPorts[nth] ?? 0);
    }
    const end = performance.now() + PATIENCE_MS;
    for (let nth = 0; nth < NODES; nth += 1) {
      while (!(await this.#isJoined(nth))) {
        if (performance.now() > end) throw new Error(`no cluster within ${PATIENCE_MS} ms`);
        await sleep(10);
      }
    }
  }

  async #isJoined(nth: number): Promise<boolean> {
    const info = String(await this.client(nth).call('CLUSTER', 'INFO'));
    return info.includes('cluster_state:ok') && info.includes(`cluster_size:${NODES}`);
  }

  #disconnect(): void {
    for (const client of this.#clients) client.disconnect();
  }
}

async function stopAll(nodes: readonly RedisServer[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
}
