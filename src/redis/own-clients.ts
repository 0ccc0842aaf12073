import { TLSSocket } from 'node:tls';
import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import type { RedisInternals } from './redis-like.js';
import type { ResolvedConnection } from './redis-options.js';

/** For pools without a name that Redis takes. */
const NAMELESS = 'adaptive-pool';

/** Makes the clients of one factory from options, each with what is known at that moment. */
export class OwnClients {
  readonly #connection: ResolvedConnection;
  /** Of the last TLS connection: the next one continues it and spares both sides the costly part of the handshake. */
  #session: Buffer | undefined;

  constructor(connection: ResolvedConnection) {
    this.#connection = connection;
  }

  /** A client that is not connected yet. `pool` names it, unless the options do. */
  async make(pool: string | undefined): Promise<Redis> {
    const { url, options, credentials } = this.#connection;
    // The parameter of version 6's constructor does not fit `exactOptionalPropertyTypes`.
    const own = {
      ...options,
      ...(await credentials()),
      connectionName: options.connectionName ?? clientName(pool),
      ...this.#tls(),
    } as RedisOptions & { replyMapping?: 'legacy' };
    const client = url === undefined ? new Redis(own) : new Redis(url, own);
    if (own.tls) this.#keepSession(client);
    return client;
  }

  #tls(): Pick<RedisOptions, 'tls'> {
    const { url, options } = this.#connection;
    const { tls } = options;
    const isTls = Boolean(tls) || url?.startsWith('rediss:') === true;
    // Behind sentinels every node has sessions of its own.
    if (!isTls || typeof tls === 'string' || options.sentinels) return {};
    return { tls: { ...(this.#session && { session: this.#session }), ...tls } };
  }

  #keepSession(client: Redis): void {
    client.once('connect', () => {
      // From here on the server's certificate is accepted. TLS 1.3 tells of sessions now, 1.2 has done so before.
      const socket = client.stream;
      // Not every stream is one: ioredis heeds `tls` neither behind sentinels, unless told to, nor with a Connector.
      if (!(socket instanceof TLSSocket)) return;
      if (socket.getProtocol() !== 'TLSv1.3') this.#session = socket.getSession();
      socket.on('session', (session) => {
        this.#session = session;
      });
    });
    // Whatever went wrong, it was not the session of the next one.
    client.once('close', () => {
      if ((client as RedisInternals).stream?.bytesRead === 0) this.#session = undefined;
    });
  }
}

/** Redis takes printable ASCII without spaces. */
function clientName(pool: string | undefined): string {
  const name = pool?.replaceAll(/[^!-~]+/g, '-') ?? '';
  return name === '' ? NAMELESS : name;
}
