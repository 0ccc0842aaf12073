import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import type { Client, RedisInternals } from './redis-like.js';

/** Published by every sentinel when it learns of a new master: name, old host and port, new host and port. */
const CHANNEL = '+switch-master';
const SENTINEL_PORT = 26_379;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Listens to the sentinels on behalf of all connections of a factory while any is open, and cuts off those to a master
 * that was replaced.
 *
 * Where that server is still up it goes on taking writes, to be thrown away, until a sentinel makes it a replica seconds
 * later; only then its connections are closed. Those of a replica that is promoted or redirected are closed at once, so
 * pools of replicas need no watch.
 */
export class SentinelWatch {
  readonly #members = new Map<Client, (cause: Error) => void>();
  #listeners: readonly Redis[] = [];

  /** @param cutOff closes the client, and reports its death with this cause */
  add(client: Client, cutOff: (cause: Error) => void): void {
    const options = sentinelOptions(client);
    if (options === undefined) return;
    this.#members.set(client, cutOff);
    if (this.#listeners.length === 0) this.#listeners = this.#listen(options);
  }

  delete(client: Client): void {
    if (!this.#members.delete(client) || this.#members.size > 0) return;
    for (const listener of this.#listeners) {
      listener.disconnect();
      // `disconnect` alone waits for a sentinel that may be silent.
      (listener as RedisInternals).stream?.destroy();
    }
    this.#listeners = [];
  }

  #listen(options: RedisOptions): readonly Redis[] {
    return (options.sentinels ?? []).map((address) => {
      const listener = new Redis({
        host: address.host,
        port: address.port ?? SENTINEL_PORT,
        family: address.family ?? options.family,
        username: options.sentinelUsername ?? undefined,
        password: options.sentinelPassword ?? undefined,
        tls: options.sentinelTLS,
        protocol: options.protocol,
        connectTimeout: options.connectTimeout,
        connectionName: options.connectionName,
        enableReadyCheck: false,
        maxRetriesPerRequest: null,
        retryStrategy: options.sentinelReconnectStrategy ?? pauseMs,
      });
      // A sentinel out of reach is no news: who opens connections says so where it matters.
      listener.on('error', () => undefined);
      listener.on('message', (_channel: string, message: string) => {
        this.#onSwitch(options.name, message);
      });
      listener.subscribe(CHANNEL).catch(() => undefined);
      return listener;
    });
  }

  #onSwitch(master: string | undefined, message: string): void {
    const [name, oldHost, oldPort, newHost, newPort] = message.split(' ');
    if (name !== master) return;
    const [before, now] = [`${oldHost}:${oldPort}`, `${newHost}:${newPort}`];
    const clients = [...this.#members.keys()];
    // Every sentinel says it, some seconds later: what was opened to the new master meanwhile stays. Behind a NAT, and
    // where sentinels announce names, nothing can be told apart.
    const isTold = clients.some((client) => [before, now].includes(peerOf(client)));
    const cause = new Error(`the master is ${now} now, says a sentinel`);
    for (const client of clients) {
      if (!isTold || peerOf(client) === before) this.#members.get(client)?.(cause);
    }
  }
}

/** The client's options, if it got its master from sentinels. */
function sentinelOptions({ options }: Client): RedisOptions | undefined {
  const { sentinels, role } = (options ?? {}) as RedisOptions;
  return (sentinels?.length ?? 0) > 0 && role !== 'slave' ? (options as RedisOptions) : undefined;
}

function peerOf({ stream }: Client): string {
  return `${stream?.remoteAddress}:${stream?.remotePort}`;
}

/** Before a lost sentinel is tried again for the nth time in a row. */
function pauseMs(times: number): number {
  return Math.min(100 * 2 ** times, LONGEST_PAUSE_MS);
}
