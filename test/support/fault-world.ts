import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startRedisServer, type RedisServer } from '../../src/testing/index.js';
import { FaultProxy } from './fault-proxy.js';

/** What the server asks for, until a fault changes it. */
export const PASSWORD = 'of-the-pool';

/** Every write is on disk before it is acknowledged, so that a killed server comes back with all that it confirmed. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** So that a reload of these keys takes longer than any cell, and commands are looked at (and refused) in between. */
const LOADING = { keys: 8_000, bytes: 1_000, microsecondsPerKey: 1_000 } as const;
const SLOW_TO_LOAD = [
  '--enable-debug-command',
  'local',
  '--loading-process-events-interval-bytes',
  '1024',
];

const ALWAYS = [...DURABLE, ...SLOW_TO_LOAD, '--requirepass', PASSWORD];

/** A real server with a proxy in front of it, and a connection of the test's own past the proxy. */
export class FaultWorld implements AsyncDisposable {
  readonly proxy: FaultProxy;
  readonly #directory: string;
  #server: RedisServer;
  #admin: Redis;
  #loaded: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, server: RedisServer, proxy: FaultProxy) {
    this.#directory = directory;
    this.#server = server;
    this.#admin = adminOf(server);
    this.proxy = proxy;
  }

  static async start(): Promise<FaultWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'adaptive-pool-faults-'));
    const server = await startRedisServer({ args: ['--dir', directory, ...ALWAYS] });
    return new FaultWorld(directory, server, await FaultProxy.before(server.port));
  }

  get server(): RedisServer {
    return this.#server;
  }

  /** A connection that no fault concerns. */
  get admin(): Redis {
    return this.#admin;
  }

  /** As a crash of the machine's memory would: no goodbye to anybody. */
  async kill(): Promise<void> {
    this.#admin.disconnect();
    await Promise.all([this.#server.stop('SIGKILL'), this.proxy.set({ kind: 'refuse' })]);
  }

  /** Comes back after {@link kill} with the data that it had. */
  async restart(): Promise<void> {
    this.#server = await startRedisServer({ args: ['--dir', this.#directory, ...ALWAYS] });
    this.#admin = adminOf(this.#server);
    this.proxy.target = this.#server.port;
    await this.proxy.set({ kind: 'pass' });
  }

  /** Cuts the pool's connections by the server's hand. */
  async killClients(): Promise<void> {
    await this.#admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  }

  async config(name: string, value: string): Promise<void> {
    await this.#admin.config('SET', name, value);
  }

  /** Loads its data anew, and serves nobody until {@link finishLoading}. */
  async load(): Promise<void> {
    const { keys, bytes, microsecondsPerKey } = LOADING;
    await this.#admin.call('DEBUG', 'POPULATE', keys, 'ballast', bytes);
    await this.config('key-load-delay', String(microsecondsPerKey));
    const loader = this.#admin.duplicate();
    this.#loaded = loader.call('DEBUG', 'RELOAD').finally(() => loader.disconnect());
  }

  async finishLoading(): Promise<void> {
    await this.config('key-load-delay', '0');
    await this.#loaded;
  }

  /** Connections of this name that the server knows. */
  async connections(name: string): Promise<number> {
    const list = (await this.#admin.client('LIST')) as string;
    return list.split('\n').filter((line) => line.includes(` name=${name} `)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#admin.disconnect();
    await this.proxy[Symbol.asyncDispose]();
    await this.#server.stop('SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function adminOf(server: RedisServer): Redis {
  const admin = new Redis({ port: server.port, password: PASSWORD, connectionName: 'admin' });
  // Its server may be killed.
  admin.on('error', () => undefined);
  return admin;
}
