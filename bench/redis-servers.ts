import { fork } from 'node:child_process';
import { once } from 'node:events';
import { startRedisServer, type RedisServer } from 'adaptive-pool/testing';
import { Redis } from 'ioredis';
import { FaultProxy } from '../test/support/fault-proxy.js';
import { BIG } from './redis-contenders.js';

const PROXY = '--proxy';

/** The ways to one server. */
export interface Network {
  readonly name: string;
  readonly port: number;
  /** Median of single round trips, measured, in milliseconds. */
  readonly roundTripMs: number;
}

/** A server, with a network without and one with delay before it. */
export interface Servers extends AsyncDisposable {
  readonly server: RedisServer;
  readonly networks: readonly Network[];
  /** Connections that the server has accepted so far. */
  accepted(): Promise<number>;
  /** Resolves when the server has no connection any more but the one that asks. */
  allClosed(): Promise<void>;
}

/** Starts a server and, in a process of its own, a proxy with a round trip of 2 ms. */
export async function startServers(): Promise<Servers> {
  const server = await startRedisServer({ args: ['--maxclients', '4000'] });
  const proxy = fork(process.argv[1] ?? '', [PROXY, String(server.port)]);
  const [port] = (await once(proxy, 'message')) as [number];
  const admin = new Redis({ port: server.port });
  const count = async (section: string, field: string): Promise<number> =>
    Number(new RegExp(`${field}:(\\d+)`).exec(await admin.info(section))?.[1]);
  await admin.set(BIG, Buffer.alloc(4 * 1_024 * 1_024, 'x'));
  for (let key = 0; key < 100; key += 1) await admin.set(`key:${key}`, key);
  return {
    server,
    networks: [
      { name: 'loopback', port: server.port, roundTripMs: await roundTripMs(server.port) },
      { name: '2 ms away', port, roundTripMs: await roundTripMs(port) },
    ],
    accepted: () => count('stats', 'total_connections_received'),
    async allClosed() {
      while ((await count('clients', 'connected_clients')) > 1);
    },
    async [Symbol.asyncDispose]() {
      admin.disconnect();
      proxy.kill();
      await server.stop();
    },
  };
}

/** When this process was started as the proxy, becomes it and never returns. */
export async function becomeProxy(): Promise<void> {
  const [flag, target] = process.argv.slice(2);
  if (flag !== PROXY) return;
  const proxy = await FaultProxy.before(Number(target));
  await proxy.set({ kind: 'latency', ms: 1 });
  process.send?.(proxy.port);
  await once(process, 'disconnect');
  process.exit();
}

async function roundTripMs(port: number): Promise<number> {
  const redis = new Redis({ port });
  const times: number[] = [];
  for (let round = 0; round < 51; round += 1) {
    const begin = performance.now();
    await redis.ping();
    times.push(performance.now() - begin);
  }
  redis.disconnect();
  return times.toSorted((a, b) => a - b)[25] ?? Number.NaN;
}
